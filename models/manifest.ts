/** Writes the manifests of model folders: `node models/manifest.ts models/digits models/embeddings`. */
import { writeManifest } from '../src/publish/writeManifest.ts';

for (const path of process.argv.slice(2)) {
  const { root, files } = await writeManifest(path);
  process.stdout.write(`${path} ${root} (${files.length} files)\n`);
}
