import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readJson, readText, writeFileAtomic } from './files.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'files-'));
  path = join(folder, 'file.json');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('writeFileAtomic', () => {
  test('makes and replaces a file and leaves nothing beside it', async () => {
    await writeFileAtomic(path, 'one');
    await writeFileAtomic(path, new TextEncoder().encode('two'), { mode: 0o600 });
    expect(await readFile(path, 'utf8')).toBe('two');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['file.json']);
  });

  test('shows readers the old content or the new one, never a part', async () => {
    const contents = ['a', 'b', 'c'].map((letter) => letter.repeat(1_000_000));
    await writeFileAtomic(path, contents[0] ?? '');
    let done = false;
    const writing = (async () => {
      for (let round = 0; round < 20; round++) await writeFileAtomic(path, contents[round % 3] ?? '');
      done = true;
    })();
    while (!done) expect(contents).toContain(await readFile(path, 'utf8'));
    await writing;
  });

  test('refuses to replace when told so', async () => {
    await writeFileAtomic(path, 'one', { exclusive: true });
    await expect(writeFileAtomic(path, 'two', { exclusive: true })).rejects.toMatchObject({ code: 'files.exists' });
    expect(await readFile(path, 'utf8')).toBe('one');
    expect(await readdir(folder)).toEqual(['file.json']);
  });

  test('says which file could not be written', async () => {
    const absent = join(folder, 'absent', 'file');
    await expect(writeFileAtomic(absent, '')).rejects.toMatchObject({
      code: 'files.write',
      message: expect.stringContaining(absent),
    });
  });
});

describe('readJson', () => {
  const schema = z.strictObject({ amount: z.string() });

  test('reads what fits, and nothing when there is no file', async () => {
    await writeFile(path, '{"amount":"1"}');
    expect(await readJson(path, schema)).toEqual({ amount: '1' });
    expect(await readJson(join(folder, 'absent'), schema)).toBeUndefined();
  });

  test.each([
    ['{', 'it is not JSON'],
    ['{"amount":1}', 'amount: Invalid input'],
    ['[]', 'the whole: Invalid input'],
  ])('refuses %s and says why', async (content, reason) => {
    await writeFile(path, content);
    await expect(readJson(path, schema)).rejects.toMatchObject({
      code: 'files.invalid',
      shortMessage: expect.stringContaining(reason),
    });
    expect(await readFile(path, 'utf8')).toBe(content);
  });
});

describe('readText', () => {
  test('tells a file that cannot be read from an absent one', async () => {
    await expect(readText(folder)).rejects.toMatchObject({ code: 'files.invalid' });
    await chmod(folder, 0o700);
    expect(await readText(path)).toBeUndefined();
  });
});
