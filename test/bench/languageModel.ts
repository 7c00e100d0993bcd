/** Tokens a second that the language model generates, a second of processor time: `node test/bench/languageModel.ts`. */
import { openLanguageModel } from '../../src/infer/engines/openLanguageModel.ts';
import { readFolder } from '../../src/publish/readFolder.ts';

const TOKENS = 2_000;

const model = openLanguageModel(await readFolder('models/glosses'));

/** One continuation after another until there are enough tokens. */
async function tokensPerSecond(options: { readonly temperature: number; readonly topP: number }): Promise<number> {
  const prompt = model.encode('volcano:');
  let count = 0;
  let start = process.cpuUsage();
  for (let seed = 0; count < TOKENS; seed++) {
    // The first continuations are for the compiler.
    if (seed === 10) {
      start = process.cpuUsage();
      count = 0;
    }
    for await (const _ of model.generate(prompt, { ...options, maxTokens: 64, seed })) count += 1;
  }
  return Math.round((count * 1_000_000) / process.cpuUsage(start).user);
}

const results = {
  greedy: await tokensPerSecond({ temperature: 0, topP: 1 }),
  sampled: await tokensPerSecond({ temperature: 1, topP: 1 }),
  nucleus: await tokensPerSecond({ temperature: 0.8, topP: 0.9 }),
};
process.stdout.write(`${JSON.stringify(results)}\n`);
