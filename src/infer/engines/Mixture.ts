/**
 * What comes next in a line: a share of what a recurrent network says, the rest of what counted sequences say.
 *
 * The network carries what a line is about; the counts know the phrases. Each line starts anew.
 */
import * as LanguageModel from '../../internal/kernel/LanguageModel.ts';
import * as NGrams from '../../internal/kernel/NGrams.ts';
import * as BytePair from './BytePair.ts';

/** The two models over the same tokens, buffers, and the share of the network, 0 to 1. */
export type Mixture = {
  readonly network: LanguageModel.LanguageModel;
  readonly work: LanguageModel.Workspace;
  readonly ngrams: NGrams.NGrams;
  readonly share: number;
};

/** How far a line has come: the state of the network, and the last tokens. */
export type Line = { readonly state: Float32Array; readonly context: number[] };

/** A line of which nothing was read yet. It has to be given a line feed first. */
export function start({ network }: Mixture): Line {
  return { state: new Float32Array(network.shape.units), context: [] };
}

/** Reads on by one token. A line feed starts the next line, from nothing. */
export function advance({ network, work, ngrams }: Mixture, { state, context }: Line, token: number): void {
  if (token === BytePair.LINE_FEED) {
    state.fill(0);
    context.length = 0;
  }
  LanguageModel.advance(network, work, state, token);
  context.push(token);
  if (context.length >= ngrams.levels.length) context.shift();
}

/** Probability of each token to be next. */
export function probabilities(mixture: Mixture, line: Line): Float64Array {
  const { share } = mixture;
  const mixed = byCounts(mixture, line);
  const network = byNetwork(mixture, line);
  for (let token = 0; token < mixed.length; token++) {
    mixed[token] = share * (network[token] as number) + (1 - share) * (mixed[token] as number);
  }
  return mixed;
}

/** What the counts alone say. */
export function byCounts({ network, ngrams }: Mixture, { context }: Line): Float64Array {
  const out = new Float64Array(network.shape.tokens);
  NGrams.distribution(ngrams, context, out);
  return out;
}

/** What the network alone says. */
export function byNetwork({ network, work }: Mixture, { state }: Line): Float64Array {
  return LanguageModel.probabilitiesAfter(network, work, state);
}
