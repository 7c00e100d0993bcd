/**
 * The unigram tokenizer of SentencePiece: the most probable way to cut a text into pieces of a vocabulary.
 *
 * Gives the ids that the Universal Sentence Encoder Lite was trained with. Two differences from general SentencePiece
 * belong to that model: the first six ids are reserved and never match, and runs of unknown characters become one id 0.
 *
 * Source: Kudo 2018, https://arxiv.org/abs/1804.10959
 */
import * as z from 'zod';
import { BaseError } from '../../internal/Errors.ts';

/** Pieces by code point. `id` is set where a piece ends. */
type Node = { readonly next: Map<string, Node>; id: number; score: number };

/** A vocabulary: the tree of its pieces by code point. */
export type SentencePiece = { readonly root: Node };

const RESERVED = 6;
const UNKNOWN = 0;
/** Stands for a space, and is put before the text. */
const SPACE = '\u2581';

/**
 * The vocabulary file: pieces in the order of their ids, each with the logarithm of its probability. The published
 * vocabulary has lost the scores of some pieces with a colon; its own tokenizer counts them as zero, and so does this.
 */
const vocabularySchema = z.array(z.tuple([z.string().min(1), z.number().nullable()])).min(RESERVED);

/**
 * Reads a vocabulary file, a JSON array of `[piece, score]`.
 *
 * @throws {VocabularyError} when it is anything else.
 */
export function parse(bytes: Uint8Array): SentencePiece {
  const root = emptyNode();
  for (const [id, [piece, score]] of readVocabulary(bytes).entries()) {
    if (id < RESERVED) continue;
    let node = root;
    for (const character of piece) {
      const next = node.next.get(character) ?? emptyNode();
      node.next.set(character, next);
      node = next;
    }
    node.id = id;
    node.score = score ?? 0;
  }
  return { root };
}

/** Ids of the pieces of `text`, at least one. Time grows with the length of the text times that of the longest piece. */
export function encode({ root }: SentencePiece, text: string): Int32Array {
  const characters = [...(SPACE + text.normalize('NFKC').replaceAll(' ', SPACE))];
  const { ids, starts } = findBestPath(root, characters);

  const backwards: number[] = [];
  for (let end = characters.length; end > 0; end = starts[end] as number) {
    const id = ids[end] as number;
    if (id !== UNKNOWN || backwards.at(-1) !== UNKNOWN) backwards.push(id);
  }
  return Int32Array.from(backwards.reverse());
}

/** For each end of a piece, the id and start of the last piece of the best path to it (Viterbi). */
function findBestPath(root: Node, characters: readonly string[]): { ids: Int32Array; starts: Int32Array } {
  const best = new Float64Array(characters.length + 1);
  const ids = new Int32Array(characters.length + 1);
  const starts = new Int32Array(characters.length + 1);
  const offer = (start: number, end: number, id: number, score: number) => {
    const total = (best[start] as number) + score;
    // Zero stands for unset, also where it is a sum: the published tokenizer does so, and some of its pieces score zero.
    if (best[end] !== 0 && total < (best[end] as number)) return;
    best[end] = total;
    ids[end] = id;
    starts[end] = start;
  };
  for (let start = 0; start < characters.length; start++) {
    let matched = false;
    let node = root.next.get(characters[start] as string);
    for (let end = start + 1; node; end++) {
      if (node.id !== UNKNOWN) {
        matched = true;
        offer(start, end, node.id, node.score);
      }
      node = end < characters.length ? node.next.get(characters[end] as string) : undefined;
    }
    // An unknown character costs nothing: it is only offered where no piece begins.
    if (!matched) offer(start, start + 1, UNKNOWN, 0);
  }
  return { ids, starts };
}

function emptyNode(): Node {
  return { next: new Map(), id: UNKNOWN, score: 0 };
}

function readVocabulary(bytes: Uint8Array): z.infer<typeof vocabularySchema> {
  try {
    return vocabularySchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw new VocabularyError(cause);
  }
}

/** The vocabulary file is not an array of pieces and scores. */
export class VocabularyError extends BaseError {
  override readonly name = 'SentencePiece.VocabularyError';
  constructor(cause: unknown) {
    super('The vocabulary is malformed.', { code: 'infer.vocabulary-malformed', cause });
  }
}
