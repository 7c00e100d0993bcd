import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as BytePair from '../../src/infer/engines/BytePair.ts';
import { openMixture } from '../../src/infer/engines/openLanguageModel.ts';
import { keccak } from '../../src/internal/Hash.ts';
import * as NGrams from '../../src/internal/kernel/NGrams.ts';
import { readFolder } from '../../src/publish/readFolder.ts';
import { buildNgrams } from './buildNgrams.ts';
import { buildVocabulary } from './buildVocabulary.ts';
import { restore, save, serialize } from './checkpoint.ts';
import { readCorpus } from './corpus.ts';
import type { Evaluation } from './evaluate.ts';
import { foretell, surprise } from './foretell.ts';
import * as KneserNey from './kneserNey.ts';
import { encodeLines } from './Tokens.ts';
import { SHAPE, startTraining, trainUntil } from './trainModel.ts';

const read = (name: string) => readFileSync(new URL(`./${name}`, import.meta.url));
const corpus = readCorpus();
const vocabulary = BytePair.parse(read('vocabulary.json'));
const evaluation = JSON.parse(read('evaluation.json').toString()) as Evaluation;

describe('readCorpus', () => {
  test('splits by synset: 115,479 lines to train on, 557 to tune by, 1,755 held out', () => {
    expect([corpus.train, corpus.tune, corpus.test].map(({ length }) => length)).toEqual([115_479, 557, 1_755]);
    expect(corpus.test[0]).toMatchInlineSnapshot(`
      "reshipment: the act of shipping again (especially by transferring to another ship)
      "
    `);
    for (const line of corpus.test) expect(line).toMatch(/^[^\n]+: [^\n]+\n$/);
  });
});

describe('training', () => {
  test('gives the committed vocabulary again', () => {
    expect(buildVocabulary(corpus.train, SHAPE.tokens)).toEqual(JSON.parse(read('vocabulary.json').toString()));
  });

  test('its first steps give the bytes that the committed weights came from, also when it is interrupted', () => {
    const folder = mkdtempSync(join(tmpdir(), 'glosses-'));
    const file = pathToFileURL(join(folder, 'checkpoint.safetensors'));
    const stream = encodeLines(vocabulary, corpus.train);
    const whole = startTraining();
    trainUntil(whole, stream, 15);
    save(file, whole);
    trainUntil(whole, stream, 30);
    const resumed = startTraining();
    restore(file, resumed);
    expect(resumed.step).toBe(15);
    trainUntil(resumed, stream, 30);
    rmSync(folder, { recursive: true });
    expect(keccak(serialize(resumed))).toBe(keccak(serialize(whole)));
    expect(keccak(serialize(whole))).toMatchInlineSnapshot(
      `"0x7ee1b94306b3df7c083b76121c8098bdfbf74af47ff5bc69da7c118f161fdc8b"`,
    );
  });
});

describe('buildNgrams', () => {
  const lines = corpus.train.slice(0, 2_000);
  const stream = encodeLines(vocabulary, lines);
  const baseline = KneserNey.train(stream, SHAPE.tokens, BytePair.LINE_FEED);
  const ngrams = buildNgrams(baseline);

  test('the baseline gives probabilities that add up to one, also after a context it has not seen', () => {
    const line = BytePair.encode(vocabulary, lines[3] as string);
    for (const context of [[BytePair.LINE_FEED], line.slice(0, 4), line.slice(2, 6), [7, 8, 9, 11]]) {
      let sum = 0;
      for (let token = 0; token < SHAPE.tokens; token++) sum += KneserNey.probability(baseline, context, token);
      expect(sum).toBeCloseTo(1, 9);
    }
  });

  test('what is kept has the probability of the baseline, to the step of a code', () => {
    const out = new Float64Array(SHAPE.tokens);
    const line = BytePair.encode(vocabulary, lines[3] as string);
    const context = [BytePair.LINE_FEED, line[0] as number];
    NGrams.distribution(ngrams, context, out);
    const expected = KneserNey.probability(baseline, context, line[1] as number);
    expect(Math.abs(Math.log((out[line[1] as number] as number) / expected))).toBeLessThan(0.1);
  });
});

describe('the committed model', () => {
  test('foretells held-out lines as well as its evaluation says, and better than either of its parts', () => {
    const files = new Map(
      ['weights.safetensors', 'ngrams.safetensors', 'mixture.json'].map((name) => [name, read(name)] as const),
    );
    const mixture = openMixture(files);
    const foretold = corpus.test.slice(0, 150).flatMap((line) => foretell(mixture, vocabulary, line));
    const perplexity = (share: number) => {
      return Math.exp(foretold.reduce((nats, one) => nats + surprise(one, share), 0) / foretold.length);
    };
    const alone = [0, 1].map(perplexity);
    const ratio = perplexity(mixture.share) / evaluation.perplexity.mixture.perToken;
    expect(Math.abs(Math.log(ratio))).toBeLessThan(0.2);
    expect(perplexity(mixture.share)).toBeLessThan(Math.min(...alone));
  });

  test('is less perplexed than the 5-gram model, beyond what chance explains, and the card says by how much', async () => {
    const { card } = await readFolder(import.meta.dirname);
    expect(evaluation.ratioInterval[1]).toBeLessThan(1);
    expect(card.evaluation?.value).toBe(evaluation.perplexity.mixture.perToken);
    expect(card.evaluation?.samples).toBe(evaluation.samples);
    const { mixture, network, counts, baseline } = evaluation.perplexity;
    for (const { perToken, perByte } of [mixture, network, counts, baseline]) {
      expect(card.limits.join(' ')).toContain(`${perToken} a token and ${perByte} a byte`);
    }
  });
});
