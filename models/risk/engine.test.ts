import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import { inputSchemaOf, outputSchemaOf } from '../../src/infer/engines/tabular.ts';
import { readFolder } from '../../src/publish/readFolder.ts';
import { classes, FEATURES, readData } from './data.ts';
import { describeFeatures } from './describeFeatures.ts';

const folder = await readFolder(import.meta.dirname);
const { card } = folder;
const engine = await openEngine(folder);
const data = readData();
const table = describeFeatures(data);
const output = outputSchemaOf(table);
const { signal } = new AbortController();
const featuresOf = (row: number) => {
  return Object.fromEntries(data.features.map((name, at) => [name, data.test.values[row * FEATURES + at] as number]));
};
const predict = async (row: number) => {
  const { body } = await engine.run({ model: 'm', features: featuresOf(row) }, signal);
  return output.parse(body);
};

describe('openTabular', () => {
  test('serves the schemas that the card shows', () => {
    expect(card.input).toEqual(z.toJSONSchema(inputSchemaOf(table)));
    expect(card.output).toEqual(z.toJSONSchema(output));
  });
});

describe('run', () => {
  test('answers with a class and the probability of each', async () => {
    expect(await predict(0)).toMatchInlineSnapshot(`
      {
        "label": "benign",
        "model": "risk",
        "object": "prediction",
        "probabilities": {
          "benign": 0.9998451,
          "malignant": 0.0001549048,
        },
      }
    `);
  });

  test('gets held-out rows right as often as the card says, and its probabilities add up to one', async () => {
    let right = 0;
    for (const [row, label] of data.test.labels.entries()) {
      const { label: called, probabilities } = await predict(row);
      if (called === classes[label]) right += 1;
      expect(Object.values(probabilities).reduce((sum, share) => sum + share)).toBeCloseTo(1, 6);
    }
    expect(Math.round((right / data.test.labels.length) * 10_000) / 10_000).toBe(card.evaluation?.value);
  });

  test('does not care in which order the features are named', async () => {
    const reversed = Object.fromEntries(Object.entries(featuresOf(3)).reverse());
    const { body } = await engine.run({ model: 'm', features: reversed }, signal);
    expect(body).toEqual(await predict(3));
  });

  test('rejects with the reason of a signal that has aborted', async () => {
    const input = { model: 'm', features: featuresOf(0) };
    await expect(engine.run(input, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });
});

describe('inputSchema', () => {
  const features = featuresOf(0);
  const { mean_radius: _, ...without } = features;
  test.each([
    ['a feature left out', { model: 'm', features: without }],
    ['a feature more', { model: 'm', features: { ...features, age: 50 } }],
    ['a number in quotes', { model: 'm', features: { ...features, mean_radius: '14' } }],
    ['a measurement below zero', { model: 'm', features: { ...features, mean_radius: -1 } }],
    ['a measurement far above those of the training', { model: 'm', features: { ...features, mean_radius: 1_000 } }],
    ['an unknown field', { model: 'm', features, more: 1 }],
    ['no model', { features }],
  ])('refuses %s', (_, input) => {
    expect(engine.inputSchema.safeParse(input).success).toBe(false);
  });
});
