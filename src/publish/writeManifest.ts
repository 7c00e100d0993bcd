/** Writes the manifest of a model folder. Node only. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as Manifest from './Manifest.ts';
import { describeFiles, MANIFEST, readFiles } from './readFolder.ts';

/** Writes `manifest.json` for the files as they are now and returns the manifest. Errors are those of `readFolder`. */
export async function writeManifest(path: string): Promise<Manifest.Manifest> {
  const { files } = await readFiles(path);
  const manifest = await describeFiles(files);
  await writeFile(join(path, MANIFEST), Manifest.serialize(manifest));
  return manifest;
}
