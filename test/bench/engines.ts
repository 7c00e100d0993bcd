/** Times of the local engines, from reading the folder to an answer: `node test/bench/engines.ts`. */
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import { readFolder } from '../../src/publish/readFolder.ts';

const { signal } = new AbortController();

/** Milliseconds to read and open, and of one answer (the median of 50). */
async function time(path: string, input: unknown) {
  const start = performance.now();
  const folder = await readFolder(path);
  const read = performance.now();
  const engine = await openEngine(folder);
  const open = performance.now();
  for (let run = 0; run < 10; run++) await engine.run(input, signal);
  const runs: number[] = [];
  for (let run = 0; run < 50; run++) {
    const before = performance.now();
    await engine.run(input, signal);
    runs.push(performance.now() - before);
  }
  await engine.close();
  const median = runs.sort((one, other) => one - other)[25] as number;
  return { readMs: Math.round(read - start), openMs: Math.round(open - read), answerMs: Number(median.toFixed(2)) };
}

/** The measurements of the first row of the dataset. */
async function firstRow(): Promise<Record<string, number>> {
  const { files } = await readFolder('models/breast-cancer');
  const [names = [], values = []] = new TextDecoder()
    .decode(files.get('rows.csv'))
    .split('\n')
    .map((line) => line.split(','));
  return Object.fromEntries(names.slice(0, -1).map((name, at) => [name, Number(values[at])]));
}

const results = {
  embeddings: await time('models/embeddings', { model: 'embeddings', input: 'How old are you?' }),
  risk: await time('models/risk', { model: 'risk', features: await firstRow() }),
  glosses: await time('models/glosses', { model: 'glosses', prompt: 'volcano:', max_tokens: 16, temperature: 0 }),
  digits: await time('models/digits', { model: 'digits', pixels: Buffer.alloc(784, 90).toString('base64') }),
};
process.stdout.write(`${JSON.stringify(results)}\n`);
