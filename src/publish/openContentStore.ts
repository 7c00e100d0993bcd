/** Keeps cards and manifests in a folder, one file per hash. Node only. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readText, writeFileAtomic } from '../internal/node/files.ts';
import type * as Asset from './Asset.ts';
import * as Bundle from './Bundle.ts';

/** Cards and manifests by the hash that their URI names. */
export type ContentStore = {
  /** Keeps a bundle durably and returns its URI. */
  put(bundle: Bundle.Bundle): Promise<string>;
  /** What a version says of itself, checked against the chain's hashes; `undefined` when it is not here. */
  get(version: Pick<Asset.Version, 'uri' | 'manifestRoot'>): Promise<Bundle.Content | undefined>;
};

/** Opens a folder of bundles; it is made when the first one is kept. */
export function openContentStore(folder: string): ContentStore {
  const fileOf = (hash: string) => join(folder, `${hash.slice(2)}.json`);
  return {
    async put(bundle) {
      const uri = Bundle.uriOf(bundle);
      const hash = Bundle.hashOf(uri) as string;
      const text = Bundle.serialize(bundle);
      await mkdir(folder, { recursive: true });
      if ((await readText(fileOf(hash))) !== text) await writeFileAtomic(fileOf(hash), text);
      return uri;
    },
    async get({ uri, manifestRoot }) {
      const hash = Bundle.hashOf(uri);
      const text = hash && (await readText(fileOf(hash)));
      return text ? Bundle.open(text, { uri, manifestRoot }) : undefined;
    },
  };
}
