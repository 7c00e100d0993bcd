/** Times of the engines, from reading the folder to an answer: `node test/bench/engines.ts`. */

import { draw } from '../../models/ocr/samples.ts';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import type { Upstream } from '../../src/infer/engines/Upstream.ts';
import { describeFiles, type Folder, readFolder } from '../../src/publish/readFolder.ts';
import { startOpenAi } from '../actors/startOpenAi.ts';
import { firstRow } from '../support/firstRow.ts';

const { signal } = new AbortController();

/** Milliseconds to read and open, and of one answer (the median of `runs` after a fifth of them). */
async function time(
  read: () => Promise<Folder>,
  input: unknown,
  { runs = 50, upstream }: { runs?: number; upstream?: Upstream } = {},
) {
  const start = performance.now();
  const folder = await read();
  const done = performance.now();
  const engine = await openEngine({ ...folder, upstream });
  const open = performance.now();
  for (let run = 0; run < runs / 5; run++) await engine.run(input, signal);
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const before = performance.now();
    await engine.run(input, signal);
    times.push(performance.now() - before);
  }
  await engine.close();
  const median = times.sort((one, other) => one - other)[Math.floor(runs / 2)] as number;
  return { readMs: Math.round(done - start), openMs: Math.round(open - done), answerMs: Number(median.toFixed(2)) };
}

const model = (name: string) => () => readFolder(`models/${name}`);

/** The example of a remote model, towards the server of the tests, which answers at once. */
async function remote(): Promise<Folder> {
  const folder = await readFolder('examples/infer/remote');
  const declared = { model: 'backwards', inputTokens: 1_000, outputTokens: 8, weights: 'none' };
  const files = new Map(folder.files).set('declared.json', Buffer.from(JSON.stringify(declared)));
  return { ...folder, files, manifest: await describeFiles(files) };
}

process.env.BENCH_KEY = 'sk-test';
const server = await startOpenAi();
const upstream = { url: server.url, allow: [server.origin], key: { env: 'BENCH_KEY' } };
const picture = await draw(['Invoice 2024-0815', 'Total 1,299.00 EUR', 'VAT 19% included'], 'sans');
const image = picture.toString('base64');
const url = `data:image/png;base64,${image}`;

const results = {
  embeddings: await time(model('embeddings'), { model: 'm', input: 'How old are you?' }),
  digits: await time(model('digits'), { model: 'm', pixels: Buffer.alloc(784, 90).toString('base64') }),
  risk: await time(model('risk'), { model: 'm', features: await firstRow() }),
  glosses: await time(model('glosses'), { model: 'm', prompt: 'volcano:', max_tokens: 16, temperature: 0 }),
  ocr: await time(model('ocr'), { model: 'm', image }, { runs: 10 }),
  moderation: await time(
    model('moderation'),
    { model: 'm', input: [{ type: 'image_url', image_url: { url } }] },
    { runs: 20 },
  ),
  paraphrases: await time(model('paraphrases'), { model: 'm', from: 0, limit: 20 }),
  remote: await time(remote, { model: 'm', messages: [{ role: 'user', content: 'one two three' }] }, { upstream }),
};
await server.stop();
process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
