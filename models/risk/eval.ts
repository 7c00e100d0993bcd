/** Evaluates the committed weights on the 171 rows held out: `node models/risk/eval.ts`. */
import { readFileSync } from 'node:fs';
import * as Network from '../../src/internal/kernel/Network.ts';
import { writeJson } from '../writeJson.ts';
import { readData } from './data.ts';
import { evaluate } from './evaluate.ts';

const network = Network.parse(readFileSync(new URL('./weights.safetensors', import.meta.url)));
const evaluation = { command: 'node models/risk/eval.ts', ...evaluate(network, readData().test) };
writeJson(new URL('./evaluation.json', import.meta.url), evaluation);
const { accuracy, auc, brier, samples } = evaluation;
process.stdout.write(`accuracy ${accuracy} auc ${auc} brier ${brier} on ${samples} rows\n`);
