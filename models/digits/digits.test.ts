import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as Network from '../../src/internal/kernel/Network.ts';
import { readSplit } from './data.ts';
import { evaluate } from './evaluate.ts';
import { trainNetwork } from './trainNetwork.ts';

const read = (name: string) => readFileSync(new URL(`./${name}`, import.meta.url));
const split = readSplit();

test('the split is stratified and its three parts share no sample', () => {
  expect([split.train, split.validation, split.test].map(({ labels }) => labels.length)).toEqual([8_000, 1_000, 1_000]);
  const shares = [...new Set(split.test.labels)].map((digit) => split.test.labels.filter((is) => is === digit).length);
  expect(shares).toMatchInlineSnapshot(`
    [
      100,
      113,
      99,
      103,
      98,
      86,
      102,
      107,
      94,
      98,
    ]
  `);
});

test('the committed evaluation is that of the committed weights, at least 0.95', () => {
  const evaluation = evaluate(Network.parse(read('weights.safetensors')), split.test);
  expect(JSON.parse(read('evaluation.json').toString())).toEqual({
    command: 'node models/digits/eval.ts',
    ...evaluation,
  });
  expect(evaluation.accuracy).toBeGreaterThan(0.95);
});

test('training again gives the committed weights to the byte', { timeout: 120_000 }, () => {
  expect(Buffer.from(Network.serialize(trainNetwork(split.train))).equals(read('weights.safetensors'))).toBe(true);
});
