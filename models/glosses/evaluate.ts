/** How well the model and the baseline foretell lines that neither has seen. */
import * as BytePair from '../../src/infer/engines/BytePair.ts';
import type * as Mixture from '../../src/infer/engines/Mixture.ts';
import * as Elementary from '../../src/internal/kernel/Elementary.ts';
import * as Statistics from '../Statistics.ts';
import { foretell, surprise } from './foretell.ts';
import * as KneserNey from './kneserNey.ts';

/** Tokens and bytes of a line, and its surprise (nats) under each of the models. */
export type Line = {
  readonly tokens: number;
  readonly bytes: number;
  readonly mixture: number;
  readonly network: number;
  readonly counts: number;
  readonly baseline: number;
};

/** Perplexities with the ends of their 95 % intervals, by resampling lines. */
type Perplexity = {
  readonly perToken: number;
  readonly perTokenInterval: Statistics.Interval;
  readonly perByte: number;
  readonly perByteInterval: Statistics.Interval;
};

const models = ['mixture', 'network', 'counts', 'baseline'] as const;

export type Evaluation = {
  readonly samples: number;
  readonly tokens: number;
  readonly bytes: number;
  /** `mixture` is what is published; `network` and `counts` are its parts; `baseline` is the 5-gram model. */
  readonly perplexity: { readonly [model in (typeof models)[number]]: Perplexity };
  /** Perplexity per token of the mixture over that of the baseline, on the same lines. */
  readonly ratio: number;
  readonly ratioInterval: Statistics.Interval;
};

export function evaluate(lines: readonly Line[]): Evaluation {
  const perplexities = models.map((model) => [model, measure(lines, model)] as const);
  const ratio = (chosen: readonly Line[]) =>
    perplexity(chosen, 'mixture', 'tokens') / perplexity(chosen, 'baseline', 'tokens');
  return {
    samples: lines.length,
    tokens: sum(lines, 'tokens'),
    bytes: sum(lines, 'bytes'),
    perplexity: Object.fromEntries(perplexities) as Evaluation['perplexity'],
    ratio: Statistics.round(ratio(lines)),
    ratioInterval: Statistics.bootstrap(lines, ratio),
  };
}

/** The surprise of each line, which starts after a line feed and ends with one. */
export function readLines(
  mixture: Mixture.Mixture,
  baseline: KneserNey.KneserNey,
  vocabulary: BytePair.BytePair,
  texts: readonly string[],
): Line[] {
  return texts.map((text) => {
    const nats = { mixture: 0, network: 0, counts: 0 };
    for (const foretold of foretell(mixture, vocabulary, text)) {
      nats.network += surprise(foretold, 1);
      nats.counts += surprise(foretold, 0);
      nats.mixture += surprise(foretold, mixture.share);
    }
    const tokens = BytePair.encode(vocabulary, text);
    const bytes = new TextEncoder().encode(text).length;
    const baselineNats = KneserNey.surprise(baseline, tokens, BytePair.LINE_FEED);
    return { tokens: tokens.length, bytes, ...nats, baseline: baselineNats };
  });
}

function measure(lines: readonly Line[], model: (typeof models)[number]): Perplexity {
  const of = (unit: 'tokens' | 'bytes') => (chosen: readonly Line[]) => perplexity(chosen, model, unit);
  return {
    perToken: Statistics.round(of('tokens')(lines)),
    perTokenInterval: Statistics.bootstrap(lines, of('tokens')),
    perByte: Statistics.round(of('bytes')(lines)),
    perByteInterval: Statistics.bootstrap(lines, of('bytes')),
  };
}

function perplexity(lines: readonly Line[], model: (typeof models)[number], unit: 'tokens' | 'bytes'): number {
  return Elementary.exp(sum(lines, model) / sum(lines, unit));
}

function sum(lines: readonly Line[], field: keyof Line): number {
  return lines.reduce((total, line) => total + line[field], 0);
}
