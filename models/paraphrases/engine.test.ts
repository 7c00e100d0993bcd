import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { FormatError, inputSchema, outputSchema } from '../../src/infer/engines/dataset.ts';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import { describeFiles, readFolder } from '../../src/publish/readFolder.ts';
import { triples } from '../embeddings/triples.ts';

const folder = await readFolder(import.meta.dirname);
const engine = await openEngine(folder);
const { signal } = new AbortController();
const ask = async (request: object) => {
  const { body, units } = await engine.run(engine.inputSchema.parse({ model: 'm', ...request }), signal);
  return { ...outputSchema.parse(body), units };
};

/** The dataset with another file. */
async function withFile(name: string, content: string, format: string) {
  const card = Buffer.from(JSON.stringify({ ...folder.card, files: [name], format }));
  const files = new Map([
    ['card.json', card],
    [name, Buffer.from(content)],
  ]);
  return openEngine({ manifest: await describeFiles(files), files });
}

describe('openDataset', () => {
  test('serves the schemas that the card shows, to those who may train or evaluate', () => {
    expect(folder.card.input).toEqual(z.toJSONSchema(inputSchema));
    expect(folder.card.output).toEqual(z.toJSONSchema(outputSchema));
    expect(engine.rights).toEqual(['train', 'evaluate']);
  });

  test('refuses a format that it does not read', async () => {
    await expect(withFile('rows.parquet', 'PAR1', 'parquet')).rejects.toThrow(FormatError);
  });
});

describe('run', () => {
  test('gives rows page by page until the end', async () => {
    const rows: unknown[] = [];
    let from: number | null = 0;
    while (from !== null) {
      const answer: Awaited<ReturnType<typeof ask>> = await ask({ from, limit: 7 });
      expect(answer.units.outputTokens).toBe(BigInt(answer.rows.length));
      rows.push(...answer.rows);
      from = answer.next;
    }
    expect(rows).toEqual(triples);
  });

  test('gives columns, charged by what they hold', async () => {
    const { rows, units } = await ask({ from: 19, limit: 5, columns: ['sentence'] });
    expect(rows).toEqual([{ sentence: 'I would like to cancel my order.' }]);
    expect(units).toEqual({
      inputTokens: 0n,
      outputTokens: 1n,
      images: 0n,
      bytes: BigInt(JSON.stringify(rows).length),
    });
  });

  test('behind the end there is nothing', async () => {
    expect(await ask({ from: 20, limit: 5 })).toMatchObject({
      rows: [],
      next: null,
      total: 20,
      units: { outputTokens: 0n },
    });
  });

  test('reads CSV', async () => {
    const csv = await withFile('rows.csv', 'a,b\n1,x\n2,y\n', 'csv');
    const { body } = await csv.run({ model: 'm', from: 1, limit: 1 }, signal);
    expect(body).toMatchObject({ rows: [{ a: '2', b: 'y' }], total: 2, next: null });
  });
});

test('bound is what the run charges', async () => {
  for (const request of [
    { from: 0, limit: 20 },
    { from: 3, limit: 2, columns: ['paraphrase', 'sentence'] },
  ]) {
    const input = engine.inputSchema.parse({ model: 'm', ...request });
    expect(engine.bound(input)).toEqual((await engine.run(input, signal)).units);
  }
});

describe('inputSchema', () => {
  test.each([
    ['a place before the start', { from: -1, limit: 1 }],
    ['no rows', { from: 0, limit: 0 }],
    ['too many rows', { from: 0, limit: 1_001 }],
    ['a column that is not there', { from: 0, limit: 1, columns: ['secret'] }],
    ['no columns', { from: 0, limit: 1, columns: [] }],
    ['an unknown field', { from: 0, limit: 1, path: '/etc/passwd' }],
  ])('refuses %s', (_, request) =>
    expect(engine.inputSchema.safeParse({ model: 'm', ...request }).success).toBe(false),
  );

  test('A-023: refuses an answer that is too large, before any work', async () => {
    const line = JSON.stringify({ a: 'x'.repeat(1_000_000) });
    const large = await withFile('rows.ndjson', `${line}\n`.repeat(6), 'ndjson');
    expect(large.inputSchema.safeParse({ model: 'm', from: 0, limit: 4 }).success).toBe(true);
    expect(large.inputSchema.safeParse({ model: 'm', from: 0, limit: 5 }).error?.issues[0]?.path).toEqual(['limit']);
  });
});
