/** Reads drawn text and writes how much of it was wrong: `node models/ocr/eval.ts`. */
import { fileURLToPath } from 'node:url';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import { describeFiles, readFiles } from '../../src/publish/readFolder.ts';
import { writeJson } from '../writeJson.ts';
import { evaluate } from './evaluate.ts';
import { readSamples } from './samples.ts';

const { files } = await readFiles(fileURLToPath(new URL('.', import.meta.url)));
const engine = await openEngine({ manifest: await describeFiles(files), files });
const evaluation = { command: 'node models/ocr/eval.ts', ...(await evaluate(engine, await readSamples())) };
await engine.close();

writeJson(new URL('./evaluation.json', import.meta.url), evaluation);
process.stdout.write(`error rate ${evaluation.errorRate} on ${evaluation.letters} letters\n`);
