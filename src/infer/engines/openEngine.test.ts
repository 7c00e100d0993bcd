import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as Manifest from '../../publish/Manifest.ts';
import { describeFiles, type Folder, readFolder } from '../../publish/readFolder.ts';
import { openEngine, RouteError, UnknownTaskError } from './openEngine.ts';

const folderOf = (name: string) => readFolder(fileURLToPath(new URL(`../../../models/${name}`, import.meta.url)));
const digits = await folderOf('digits');
const embeddings = await folderOf('embeddings');

async function withCard(folder: Folder, changes: object): Promise<Pick<Folder, 'manifest' | 'files'>> {
  const card = Buffer.from(JSON.stringify({ ...folder.card, ...changes }));
  const files = new Map(folder.files).set('card.json', card);
  return { manifest: await describeFiles(files), files };
}

describe('openEngine', () => {
  test.each([
    ['digits', digits, 'weights.safetensors'],
    ['embeddings', embeddings, 'dist/group1-shard4of7'],
    ['embeddings', embeddings, 'dist/vocab.json'],
    ['digits', digits, 'card.json'],
  ])('refuses %s when one bit of a file changed, and names it', async (_, { manifest, files }, path) => {
    const changed = Uint8Array.from(files.get(path) as Uint8Array);
    const at = Math.floor(changed.length / 2);
    changed[at] = (changed[at] as number) ^ 1;
    const error = await openEngine({ manifest, files: new Map(files).set(path, changed) }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Manifest.ChangedFileError);
    expect(error).toMatchObject({
      code: 'publish.file-changed',
      expected: manifest.files.find((file) => file.path === path),
      actual: await Manifest.describe(path, changed),
    });
    expect(error.message).toContain(path);
  });

  test('loads what it checked, whatever happens to the arrays of the caller meanwhile', async () => {
    const files = new Map([...digits.files].map(([path, content]) => [path, Uint8Array.from(content)]));
    const opening = openEngine({ manifest: digits.manifest, files });
    files.get('weights.safetensors')?.fill(0);
    const engine = await opening;
    const { body } = await engine.run(
      { model: 'digits', pixels: new Array(784).fill(0) },
      new AbortController().signal,
    );
    expect((body as { probabilities: number[] }).probabilities[0]).not.toBe(0.1);
    expect(engine.manifestRoot).toBe(digits.manifest.root);
  });

  test('refuses a card whose task no engine does, also one with the name of a method of objects', async () => {
    for (const task of ['image-generation', 'constructor']) {
      await expect(openEngine(await withCard(digits, { task }))).rejects.toThrow(UnknownTaskError);
    }
  });

  test('refuses a card that promises another route', async () => {
    await expect(openEngine(await withCard(digits, { route: '/v1/embeddings' }))).rejects.toThrow(RouteError);
  });

  test('refuses files without a card', async () => {
    const files = new Map(digits.files);
    files.delete('card.json');
    await expect(openEngine({ manifest: await describeFiles(files), files })).rejects.toThrow(
      Manifest.MissingFileError,
    );
  });
});
