/** Judges harmless pictures and writes how many were flagged: `node models/moderation/eval.ts`. */
import { fileURLToPath } from 'node:url';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import { describeFiles, readFiles } from '../../src/publish/readFolder.ts';
import { writeJson } from '../writeJson.ts';
import { evaluate } from './evaluate.ts';
import { readSamples } from './samples.ts';

const { files } = await readFiles(fileURLToPath(new URL('.', import.meta.url)));
const engine = await openEngine({ manifest: await describeFiles(files), files });
const evaluation = { command: 'node models/moderation/eval.ts', ...(await evaluate(engine, await readSamples())) };
await engine.close();

writeJson(new URL('./evaluation.json', import.meta.url), evaluation);
process.stdout.write(`flagged ${evaluation.flagged} of ${evaluation.samples} harmless pictures\n`);
