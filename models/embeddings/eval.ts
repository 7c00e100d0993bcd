/** Compares paraphrases with distractors and writes the result: `node models/embeddings/eval.ts`. */
import { fileURLToPath } from 'node:url';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import { describeFiles, readFiles } from '../../src/publish/readFolder.ts';
import { writeJson } from '../writeJson.ts';
import { evaluate } from './evaluate.ts';
import { triples } from './triples.ts';

const { files } = await readFiles(fileURLToPath(new URL('.', import.meta.url)));
const engine = await openEngine({ manifest: await describeFiles(files), files });
const evaluation = { command: 'node models/embeddings/eval.ts', ...(await evaluate(engine, triples)) };
await engine.close();

writeJson(new URL('./evaluation.json', import.meta.url), evaluation);
process.stdout.write(`accuracy ${evaluation.accuracy} on ${evaluation.samples} triples\n`);
