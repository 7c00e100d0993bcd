import { execFileSync } from 'node:child_process';
import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type * as Card from './Card.ts';
import * as Manifest from './Manifest.ts';
import * as Path from './Path.ts';
import { MAX_TOTAL_BYTES, PackageError, RefusedFileError, readFolder } from './readFolder.ts';
import { writeManifest } from './writeManifest.ts';

const models = fileURLToPath(new URL('../../models', import.meta.url));
const base = mkdtempSync(join(tmpdir(), 'agorai-folder-'));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(base, 'model-'));
  cpSync(join(models, 'digits'), folder, { recursive: true });
});
afterAll(() => rmSync(base, { recursive: true }));

function changeCard(changes: Partial<Card.Card>): void {
  const card = JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8'));
  writeFileSync(join(folder, 'card.json'), JSON.stringify({ ...card, ...changes }));
  rmSync(join(folder, 'manifest.json'), { force: true });
}

describe('readFolder', () => {
  test('reads the card, the files it lists and nothing else', async () => {
    const { card, manifest, files } = await readFolder(folder);
    expect(card.name).toBe('digits');
    expect([...files.keys()].sort()).toEqual(['card.json', 'evaluation.json', 'weights.safetensors']);
    expect(manifest).toEqual(Manifest.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));
  });

  test('reads the files of the package a card names', async () => {
    const { manifest } = await readFolder(join(models, 'embeddings'));
    const total = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(manifest.files.map(({ path }) => path)).toContain('dist/group1-shard7of7');
    expect(total).toBeGreaterThan(28_000_000);
  });

  test('refuses files that are not the ones manifest.json names', async () => {
    writeFileSync(join(folder, 'evaluation.json'), '{}');
    await expect(readFolder(folder)).rejects.toThrow(Manifest.ChangedFileError);
    await writeManifest(folder);
    await expect(readFolder(folder)).resolves.toBeDefined();
  });

  test('A-117 refuses paths that lead outside', async () => {
    for (const path of ['../secret', '/etc/passwd', 'a/../../secret', 'C:/secret', '..\\secret', 'e\u0301']) {
      changeCard({ files: ['evaluation.json', path] });
      await expect(readFolder(folder), path).rejects.toThrow(Path.RefusedError);
    }
    changeCard({ files: ['evaluation.json', 'EVALUATION.json'] });
    await expect(readFolder(folder)).rejects.toThrow(Path.RefusedError);
  });

  test('A-117 refuses symbolic links, to files and to folders, also in a package', async () => {
    const outside = join(base, 'outside');
    mkdirSync(outside, { recursive: true });
    writeFileSync(join(outside, 'secret'), 'secret');
    symlinkSync(join(outside, 'secret'), join(folder, 'link'));
    symlinkSync(outside, join(folder, 'linked'));
    for (const path of ['link', 'linked/secret']) {
      changeCard({ files: ['evaluation.json', path] });
      await expect(readFolder(folder), path).rejects.toThrow('symbolic link');
    }
    const home = join(folder, 'node_modules', 'weights');
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), '{"name":"weights","version":"1.0.0"}');
    symlinkSync(join(outside, 'secret'), join(home, 'link'));
    changeCard({ files: ['evaluation.json'], package: { name: 'weights', version: '1.0.0', files: ['link'] } });
    await expect(readFolder(folder)).rejects.toThrow('symbolic link');
  });

  test('A-117 a hard link is a file like any other and is bound by its content', async () => {
    linkSync(join(folder, 'evaluation.json'), join(folder, 'again.json'));
    changeCard({ files: ['evaluation.json', 'again.json'] });
    const { files } = await readFolder(folder);
    expect(files.get('again.json')).toEqual(files.get('evaluation.json'));
  });

  test('A-118 refuses pipes, folders and sparse files above the cap without reading them', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    mkdirSync(join(folder, 'inner'));
    writeFileSync(join(folder, 'sparse'), '');
    truncateSync(join(folder, 'sparse'), MAX_TOTAL_BYTES + 1);
    for (const path of ['pipe', 'inner', 'sparse', 'absent']) {
      changeCard({ files: ['evaluation.json', path] });
      await expect(readFolder(folder), path).rejects.toThrow(RefusedFileError);
    }
  });

  test('refuses a package that is absent or in another version', async () => {
    changeCard({ package: { name: 'no-such-package-here', version: '1.0.0', files: ['a'] } });
    await expect(readFolder(folder)).rejects.toThrow(PackageError);
    const home = join(folder, 'node_modules', 'weights');
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), '{"name":"weights","version":"1.0.0"}');
    changeCard({ package: { name: 'weights', version: '1.0.1', files: ['a'] } });
    await expect(readFolder(folder)).rejects.toThrow('version 1.0.0 is installed');
  });

  test('refuses a folder that is absent', async () => {
    await expect(readFolder(join(base, 'absent'))).rejects.toThrow(RefusedFileError);
  });
});
