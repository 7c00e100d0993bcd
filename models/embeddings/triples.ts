/** A sentence, another one that means the same, and a third that shares words with the first but not the meaning. */
import { readFileSync } from 'node:fs';

export type Triple = { readonly sentence: string; readonly paraphrase: string; readonly distractor: string };

/** The rows of the dataset `models/paraphrases`. */
export const triples: readonly Triple[] = readFileSync(new URL('../paraphrases/rows.ndjson', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
