/** A sentence, another one that means the same, and a third that shares words with the first but not the meaning. */
import { readFileSync } from 'node:fs';
import * as Rows from '../../src/infer/engines/Rows.ts';

export type Triple = { readonly sentence: string; readonly paraphrase: string; readonly distractor: string };

/** The rows of the dataset `models/paraphrases`. */
export const triples = Rows.parse(readFileSync(new URL('../paraphrases/rows.ndjson', import.meta.url)), 'ndjson')
  .rows as readonly Triple[];
