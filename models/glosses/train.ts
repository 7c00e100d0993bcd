/**
 * Builds vocabulary and counted sequences, trains the network, chooses its share in the mixture, and writes all four:
 * `node models/glosses/train.ts`.
 *
 * Interrupted, it goes on from `checkpoint.safetensors` when it is started again.
 */
import { rmSync, writeFileSync } from 'node:fs';
import * as BytePair from '../../src/infer/engines/BytePair.ts';
import * as LanguageModel from '../../src/internal/kernel/LanguageModel.ts';
import * as NGrams from '../../src/internal/kernel/NGrams.ts';
import { writeJson } from '../writeJson.ts';
import { buildNgrams } from './buildNgrams.ts';
import { buildVocabulary } from './buildVocabulary.ts';
import { restore, save } from './checkpoint.ts';
import { chooseShare } from './chooseShare.ts';
import { readCorpus } from './corpus.ts';
import * as KneserNey from './kneserNey.ts';
import { encodeLines } from './Tokens.ts';
import { countSteps, SHAPE, startTraining, trainUntil } from './trainModel.ts';

/** Steps between two checkpoints. */
const PART = 250;
const here = (name: string) => new URL(`./${name}`, import.meta.url);
const seconds = () => Math.round(process.cpuUsage().user / 1e6);
const tell = (line: string) => process.stdout.write(`${line}, ${seconds()} s of processor time\n`);

const { train, tune } = readCorpus();
const joins = buildVocabulary(train, SHAPE.tokens);
const vocabulary = BytePair.from(joins);
writeJson(here('vocabulary.json'), joins);
tell(`vocabulary of ${SHAPE.tokens} tokens`);

const stream = encodeLines(vocabulary, train);
const ngrams = buildNgrams(KneserNey.train(stream, SHAPE.tokens, BytePair.LINE_FEED));
writeFileSync(here('ngrams.safetensors'), NGrams.serialize(ngrams));
tell(`sequences ${ngrams.levels.map(({ tokens }) => tokens.length).join(' ')}`);

const checkpoint = here('checkpoint.safetensors');
const training = startTraining();
restore(checkpoint, training);
const steps = countSteps(stream);
while (training.step < steps) {
  const from = training.step;
  let nats = 0;
  trainUntil(training, stream, Math.min(steps, from + PART), (_, loss) => {
    nats += loss;
  });
  save(checkpoint, training);
  tell(`step ${training.step} of ${steps}, loss ${(nats / (training.step - from)).toFixed(4)}`);
}
writeFileSync(here('weights.safetensors'), LanguageModel.serialize(training.model));
rmSync(checkpoint);

const share = chooseShare({ network: training.model, ngrams, vocabulary }, tune);
writeJson(here('mixture.json'), { network: share });
tell(`share of the network ${share}`);
