import { expect, test } from 'vitest';
import * as Input from './Input.ts';

const sources = { digit: async () => [] };

test('words are the prompt of a language model, and its answer goes on where they end', async () => {
  const input = await Input.from({ task: 'text-generation', model: 'glosses', words: ['fire', 'alarm:'], sources });
  expect(input).toEqual({ model: 'glosses', prompt: 'fire alarm:' });
  const body = { choices: [{ index: 0, text: ' a bell\u001b[2J that rings', finish_reason: 'stop' }] };
  expect(Input.describe(input, body)).toMatchInlineSnapshot(`"fire alarm: a bell that rings"`);
});

test('a row of a dataset is shown in the words that a model of such rows takes', async () => {
  const request = await Input.from({ task: 'dataset-rows', model: 'cells', words: ['19'], sources });
  expect(request).toEqual({ model: 'cells', from: 19, limit: 1 });
  const shown = Input.describe(request, { object: 'rows', rows: [{ mean_radius: '13.54', area_error: '1e-5' }] });
  expect(shown).toBe('mean_radius=13.54 area_error=1e-5');
  const task = 'tabular-classification';
  const input = await Input.from({ task, model: 'risk', words: shown.split(' '), sources });
  expect(input).toEqual({ model: 'risk', features: { mean_radius: 13.54, area_error: 0.00001 } });
  const body = { label: 'benign', probabilities: { benign: 0.93, malignant: 0.07 } };
  expect(Input.describe(input, body)).toBe('benign  0.930');
  for (const word of ['mean_radius', 'mean_radius=x', '=1', '1'])
    await expect(Input.from({ task, model: 'risk', words: [word], sources })).rejects.toMatchObject({
      code: 'usage.input',
    });
});
