/**
 * Takes the weights out of nsfwjs, which packs them as scripts: `npm pack nsfwjs@4.4.0`, unpack it, then
 * `node models/moderation/extract.ts package`. The package itself is no dependency: it asks for all of TensorFlow.js.
 */
import { copyFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const source = resolve(process.argv[2] ?? 'package');
const folder = join(source, 'dist/models/mobilenet_v2_mid');
const require = createRequire(join(source, 'package.json'));
const model = require(join(folder, 'model.min.js'));

writeFileSync(new URL('./model.json', import.meta.url), `${JSON.stringify(model)}\n`);
for (const path of model.weightsManifest.flatMap(({ paths }: { paths: string[] }) => paths)) {
  const shard: string = require(join(folder, `${path}.min.js`));
  writeFileSync(new URL(`./${path}`, import.meta.url), Buffer.from(shard, 'base64'));
}
copyFileSync(join(source, 'LICENSE'), new URL('./LICENSE', import.meta.url));
