/**
 * Runs a language model on the project's own kernel: a text goes on token by token.
 *
 * The model reads one line at a time and ends its continuation with a line feed. The time of a token does not depend
 * on how many came before it.
 */
import { setImmediate } from 'node:timers/promises';
import type { Hex } from 'viem';
import * as z from 'zod';
import * as Network from '../../internal/kernel/LanguageModel.ts';
import * as NGrams from '../../internal/kernel/NGrams.ts';
import * as Random from '../../internal/kernel/Random.ts';
import type { Folder } from '../../publish/readFolder.ts';
import * as BytePair from './BytePair.ts';
import * as Continuation from './Continuation.ts';
import * as Mixture from './Mixture.ts';
import * as Sampling from './Sampling.ts';
import { takeFile } from './takeFile.ts';

/** An opened language model. It serves any number of texts at the same time. */
export type LanguageModel = {
  readonly manifestRoot: Hex;
  /** Tokens of a text, which is what the meter counts. */
  encode(text: string): number[];
  /** Continues `tokens`; every piece is one token. The same options give the same pieces. */
  generate(tokens: readonly number[], options: GenerateOptions): AsyncGenerator<Continuation.Piece, void, void>;
};

/** How to continue. */
export type GenerateOptions = Sampling.Options & {
  /** At most so many tokens, at least one. */
  readonly maxTokens: number;
  /** Seeds the draws, an unsigned 32-bit integer; 0 where it is left out. */
  readonly seed?: number;
  /** The continuation ends before the first of these texts. */
  readonly stop?: readonly string[];
  /** Ends the generation with its reason. */
  readonly signal?: AbortSignal;
};

const mixtureSchema = z.strictObject({ network: z.number().min(0).max(1) });

/** Milliseconds that a text is worked on before everything else has its turn. */
const TURN = 10;

/**
 * Opens the model in a folder whose files were verified.
 *
 * @throws {Safetensors.MalformedError} or {LanguageModel.ShapeError} when the weights are not those of one.
 * @throws {BytePair.VocabularyError} when the vocabulary is malformed or of another size.
 */
export function openLanguageModel({ manifest, files }: Pick<Folder, 'manifest' | 'files'>): LanguageModel {
  const vocabulary = BytePair.parse(takeFile(files, 'vocabulary.json'));
  const mixture = openMixture(files);
  const { tokens: size } = mixture.network.shape;
  if (vocabulary.pieces.length !== size) throw new BytePair.VocabularyError(`the weights are for ${size} tokens`);
  // Texts come one after another, one in each round of the event loop: together they hold it up no longer than one.
  let queue = Promise.resolve();
  const nextTurn = () => {
    queue = queue.then(() => setImmediate());
    return queue;
  };

  return {
    manifestRoot: manifest.root,
    encode: (text) => BytePair.encode(vocabulary, text),
    async *generate(tokens, { maxTokens, seed = 0, stop = [], signal, ...sampling }) {
      const random = Random.from(seed);
      const continuation = Continuation.from(stop);
      const line = Mixture.start(mixture);
      let end = 0;
      const takeIn = async (token: number) => {
        if (performance.now() >= end) {
          await nextTurn();
          end = performance.now() + TURN;
        }
        signal?.throwIfAborted();
        Mixture.advance(mixture, line, token);
      };

      await takeIn(BytePair.LINE_FEED);
      for (const token of tokens) await takeIn(token);
      for (let count = 1; ; count++) {
        const token = Sampling.choose(Mixture.probabilities(mixture, line), random, sampling);
        const ended = token === BytePair.LINE_FEED ? 'stop' : count === maxTokens ? 'length' : undefined;
        const bytes = token === BytePair.LINE_FEED ? new Uint8Array() : (vocabulary.pieces[token] as Uint8Array);
        const piece = Continuation.push(continuation, token, bytes, ended);
        yield piece;
        if (piece.finish) return;
        await takeIn(token);
      }
    },
  };
}

/** Reads `weights.safetensors`, `ngrams.safetensors` and `mixture.json`, ready for one token at a time. */
export function openMixture(files: Folder['files']): Mixture.Mixture {
  const { network: share } = mixtureSchema.parse(JSON.parse(new TextDecoder().decode(takeFile(files, 'mixture.json'))));
  const network = Network.parse(takeFile(files, 'weights.safetensors'));
  const ngrams = NGrams.parse(takeFile(files, 'ngrams.safetensors'));
  if (ngrams.levels[0]?.tokens.length !== network.shape.tokens) throw new NGrams.MalformedError(0);
  return { network, work: Network.workspace(network, 1, 1), ngrams, share };
}
