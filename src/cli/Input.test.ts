import { expect, test } from 'vitest';
import * as Input from './Input.ts';

const sources = { digit: async () => [] };

test('words are the prompt of a language model, and its answer goes on where they end', async () => {
  const input = await Input.from({ task: 'text-generation', model: 'glosses', words: ['fire', 'alarm:'], sources });
  expect(input).toEqual({ model: 'glosses', prompt: 'fire alarm:' });
  const body = { choices: [{ index: 0, text: ' a bell\u001b[2J that rings', finish_reason: 'stop' }] };
  expect(Input.describe(input, body)).toMatchInlineSnapshot(`"fire alarm: a bell that rings"`);
});
