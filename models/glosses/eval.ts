/** Compares the committed model with a 5-gram model on the lines held out: `node models/glosses/eval.ts`. */
import { readFileSync } from 'node:fs';
import * as BytePair from '../../src/infer/engines/BytePair.ts';
import { openMixture } from '../../src/infer/engines/openLanguageModel.ts';
import { writeJson } from '../writeJson.ts';
import { readCorpus } from './corpus.ts';
import { evaluate, readLines } from './evaluate.ts';
import * as KneserNey from './kneserNey.ts';
import { encodeLines } from './Tokens.ts';

const names = ['weights.safetensors', 'ngrams.safetensors', 'mixture.json', 'vocabulary.json'];
const files = new Map(names.map((name) => [name, readFileSync(new URL(`./${name}`, import.meta.url))]));
const vocabulary = BytePair.parse(files.get('vocabulary.json') as Uint8Array);
const { train, test } = readCorpus();
const baseline = KneserNey.train(encodeLines(vocabulary, train), vocabulary.pieces.length, BytePair.LINE_FEED);
const evaluation = evaluate(readLines(openMixture(files), baseline, vocabulary, test));

writeJson(new URL('./evaluation.json', import.meta.url), {
  command: 'node models/glosses/eval.ts',
  ...evaluation,
});
for (const [model, { perToken, perByte }] of Object.entries(evaluation.perplexity)) {
  process.stdout.write(`${model} ${perToken} a token, ${perByte} a byte\n`);
}
