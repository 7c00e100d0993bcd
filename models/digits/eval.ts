/** Evaluates the committed weights on the 1,000 samples held out: `node models/digits/eval.ts`. */
import { readFileSync } from 'node:fs';
import * as Network from '../../src/internal/kernel/Network.ts';
import { writeJson } from '../writeJson.ts';
import { readSplit } from './data.ts';
import { evaluate } from './evaluate.ts';

const network = Network.parse(readFileSync(new URL('./weights.safetensors', import.meta.url)));
const evaluation = { command: 'node models/digits/eval.ts', ...evaluate(network, readSplit().test) };
writeJson(new URL('./evaluation.json', import.meta.url), evaluation);
process.stdout.write(`accuracy ${evaluation.accuracy} on ${evaluation.samples} samples\n`);
