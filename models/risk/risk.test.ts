import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as Network from '../../src/internal/kernel/Network.ts';
import { readData } from './data.ts';
import { describeFeatures } from './describeFeatures.ts';
import { evaluate } from './evaluate.ts';
import { trainNetwork } from './trainNetwork.ts';

const read = (name: string) => readFileSync(new URL(`./${name}`, import.meta.url));
const data = readData();
const evaluation = evaluate(Network.parse(read('weights.safetensors')), data.test);

test('the split is stratified and its parts share no row', () => {
  const shares = [data.train, data.test].map(({ labels }) => [labels.length, labels.filter((is) => is === 1).length]);
  expect(shares).toEqual([
    [398, 148],
    [171, 64],
  ]);
  const rows = [data.train, data.test].flatMap(({ values, labels }) => {
    return Array.from(labels, (_, row) => values.subarray(row * 30, (row + 1) * 30).join());
  });
  expect(new Set(rows).size).toBe(569);
});

test('the committed evaluation is that of the committed weights', () => {
  expect(JSON.parse(read('evaluation.json').toString())).toEqual({
    command: 'node models/risk/eval.ts',
    ...evaluation,
  });
  expect(evaluation.auc).toBeGreaterThan(0.98);
});

test('its probabilities are worth more than the share of malignant rows alone', () => {
  const share = 64 / 171;
  expect(evaluation.brier).toBeLessThan((share * (1 - share)) / 4);
});

test('training again gives the committed weights and features to the byte', () => {
  expect(Buffer.from(Network.serialize(trainNetwork(data.train))).equals(read('weights.safetensors'))).toBe(true);
  expect(describeFeatures(data)).toEqual(JSON.parse(read('features.json').toString()));
});
