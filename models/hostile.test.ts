import { afterAll, expect, test } from 'vitest';
import type { Engine } from '../src/infer/Engine.ts';
import { openEngines } from '../src/infer/engines/openEngine.ts';
import * as Meter from '../src/infer/Meter.ts';
import * as Json from '../src/internal/Json.ts';
import { readFolder } from '../src/publish/readFolder.ts';
import { firstRow } from '../test/support/firstRow.ts';

const texts = [
  '',
  'a\ud800b',
  '\udc00',
  'a\0b',
  '\u{10ffff}'.repeat(50),
  `e${'\u0301'.repeat(1_000)}`,
  // Each becomes eighteen letters when it is normalized.
  '\ufdfa'.repeat(2_000),
  'a'.repeat(8_192),
  '\u202e\ufeff\u2028'.repeat(500),
  ' '.repeat(2_000),
  '\n'.repeat(2_000),
  '\u2581'.repeat(200),
  'ab '.repeat(100_000),
];
const numbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e308, -1e308, 2 ** 53, -1, 5e-324];
const others = [null, undefined, true, [], [[]], {}, ['a', 1], 1n, Symbol.iterator, () => 1];
const values = [...texts, ...numbers, ...others];

/** For each route of each model a sound request, and the fields in which something else is put. */
const requests: readonly [string, string, object, readonly string[]][] = [
  ['digits', '/v1/classify', { model: 'm', pixels: Array(784).fill(7) }, ['model', 'pixels', 'pixels.0']],
  ['risk', '/v1/predict', { model: 'm', features: await firstRow() }, ['features', 'features.mean_radius']],
  [
    'breast-cancer',
    '/v1/rows',
    { model: 'm', from: 0, limit: 2, columns: ['diagnosis'] },
    ['from', 'limit', 'columns', 'columns.0'],
  ],
  ['paraphrases', '/v1/rows', { model: 'm', from: 0, limit: 2 }, ['from', 'limit', 'columns']],
  [
    'glosses',
    '/v1/completions',
    { model: 'm', prompt: 'volcano:', max_tokens: 2, stop: ['x'] },
    ['prompt', 'max_tokens', 'temperature', 'top_p', 'seed', 'stop', 'stop.0', 'user'],
  ],
  [
    'glosses',
    '/v1/chat/completions',
    { model: 'm', messages: [{ role: 'user', content: 'volcano:' }], max_tokens: 2 },
    ['messages', 'messages.0', 'messages.0.content', 'messages.0.role', 'max_completion_tokens'],
  ],
  ['embeddings', '/v1/embeddings', { model: 'm', input: ['a'] }, ['input', 'input.0', 'dimensions', 'encoding_format']],
  [
    'moderation',
    '/v1/moderations',
    { model: 'm', input: [{ type: 'image_url', image_url: { url: '' } }] },
    ['input', 'input.0', 'input.0.image_url.url'],
  ],
  ['ocr', '/v1/ocr', { model: 'm', image: '' }, ['image']],
];

const engines = new Map<string, readonly Engine[]>();
for (const [name] of requests) {
  if (!engines.has(name)) engines.set(name, await openEngines(await readFolder(`models/${name}`)));
}
afterAll(() => Promise.all([...engines.values()].flat().map((engine) => engine.close())));

/** A copy with another value at a place. */
function put(request: object, path: string, value: unknown): unknown {
  const copy: Record<string, unknown> = structuredClone(request) as Record<string, unknown>;
  const names = path.split('.');
  const last = names.pop() as string;
  const place = names.reduce((at, name) => at[name] as Record<string, unknown>, copy);
  place[last] = value;
  return copy;
}

test.each(requests)('%s refuses what %s cannot take, or answers and meters it', async (name, route, request, paths) => {
  const engine = engines.get(name)?.find((one) => one.route === route) as Engine;
  const bodies = [...values, ...paths.flatMap((path) => values.map((value) => put(request, path, value)))];
  for (const body of bodies) {
    const parsed = engine.inputSchema.safeParse(body);
    if (!parsed.success) {
      expect(parsed.error.issues.length).toBeGreaterThan(0);
      continue;
    }
    const bound = engine.bound(parsed.data);
    const { body: answer, units } = await engine.run(parsed.data, AbortSignal.timeout(60_000));
    expect(Meter.within(units, bound)).toEqual(units);
    // What is not finite would be written as null.
    expect(JSON.parse(Json.stringify(answer))).toEqual(answer);
  }
});

test('texts that grow when they are read are refused within milliseconds', () => {
  const [embeddings] = engines.get('embeddings') as readonly Engine[];
  const input = Array(64).fill('\ufdfa'.repeat(2_048));
  const before = process.threadCpuUsage();
  expect(embeddings?.inputSchema.safeParse({ model: 'm', input }).success).toBe(false);
  const { user, system } = process.threadCpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(60);
});
