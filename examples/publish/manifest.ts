/** One changed byte is another asset: a model opens only when its files are those that its manifest names. */
import assert from 'node:assert/strict';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import * as Manifest from '../../src/publish/Manifest.ts';
import { readFolder } from '../../src/publish/readFolder.ts';

const { card, manifest, files } = await readFolder('models/digits');
console.log(`${card.name}: ${manifest.files.length} files, root ${manifest.root}`);

const engine = await openEngine({ manifest, files });
assert.equal(engine.manifestRoot, manifest.root);
await engine.close();

const weights = files.get('weights.safetensors') as Uint8Array;
const changed = Uint8Array.from(weights, (byte, at) => (at === 5_000 ? byte ^ 1 : byte));
const tampered = new Map(files).set('weights.safetensors', changed);
await assert.rejects(openEngine({ manifest, files: tampered }), Manifest.ChangedFileError);
console.log('one bit changed: the engine does not open');
