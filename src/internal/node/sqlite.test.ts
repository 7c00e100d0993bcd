import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { maxBatch, openStore, type Store } from './sqlite.ts';

let folder: string;
let store: Store;
const schema = 'create table if not exists words(word text primary key) without rowid';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  store = openStore(join(folder, 'a.db'), { schema });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const add = (word: string) => store.update((t) => t.run('insert into words values (?)', word));
const count = () => store.read((t) => t.get('select count(*) as words from words')?.words);

it('syncs every transaction to disk (A-135)', () => {
  expect(store.read((t) => t.get('pragma synchronous')?.synchronous)).toBe(2n);
  expect(store.read((t) => t.get('pragma journal_mode')?.journal_mode)).toBe('wal');
});

it('keeps what stands beside work that throws, in one transaction', async () => {
  const words = Array.from({ length: 2 * maxBatch }, (_, i) => add(`word ${i}`));
  const failing = store.update((t) => {
    t.run("insert into words values ('half done')");
    throw new RangeError('the work is wrong');
  });
  const twice = add('word 0');
  await Promise.all(words);
  await expect(failing).rejects.toThrow(RangeError);
  await expect(twice).rejects.toThrow('UNIQUE');
  expect(count()).toBe(BigInt(2 * maxBatch));
});

it('says that it is not available when the file cannot be written, and goes on when it can (A-051, A-052)', async () => {
  store.read((t) => t.get('pragma query_only = 1'));
  await expect(add('a')).rejects.toMatchObject({ code: 'store.unavailable' });
  store.read((t) => t.get('pragma query_only = 0'));
  await add('a');
  expect(count()).toBe(1n);
  store.read((t) => t.get('pragma max_page_count = 1'));
  await expect(add('x'.repeat(100_000))).rejects.toMatchObject({ code: 'store.unavailable' });
  store.read((t) => t.get('pragma max_page_count = 100000'));
  await add('x'.repeat(100_000));
  expect(count()).toBe(2n);
});

it('finishes what is queued when it is closed, and takes nothing afterwards', async () => {
  const queued = add('a');
  await store.close();
  await expect(queued).resolves.toBe(1n);
  await expect(add('b')).rejects.toMatchObject({ code: 'store.closed' });
  expect(() => count()).toThrow('closed');
});
