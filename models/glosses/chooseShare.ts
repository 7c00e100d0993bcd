/** Chooses how much the network counts in the mixture, by lines that are used for nothing else. */
import type * as BytePair from '../../src/infer/engines/BytePair.ts';
import * as LanguageModel from '../../src/internal/kernel/LanguageModel.ts';
import type * as NGrams from '../../src/internal/kernel/NGrams.ts';
import { foretell, surprise } from './foretell.ts';

/** The parts of the mixture. */
type Parts = {
  readonly network: LanguageModel.LanguageModel;
  readonly ngrams: NGrams.NGrams;
  readonly vocabulary: BytePair.BytePair;
};

/** The share, 0 to 1 in steps of 0.05, under which the lines are the least surprising. */
export function chooseShare({ network: trained, ngrams, vocabulary }: Parts, lines: readonly string[]): number {
  const network = LanguageModel.parse(LanguageModel.serialize(trained));
  const mixture = { network, work: LanguageModel.workspace(network, 1, 1), ngrams, share: 0 };
  const foretold = lines.flatMap((text) => foretell(mixture, vocabulary, text));
  const shares = Array.from({ length: 21 }, (_, twentieth) => twentieth / 20);
  const surprises = shares.map((share) => foretold.reduce((nats, one) => nats + surprise(one, share), 0));
  return shares[surprises.indexOf(Math.min(...surprises))] as number;
}
