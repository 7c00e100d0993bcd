/** What the two parts of the model say of each token of a line. */
import * as BytePair from '../../src/infer/engines/BytePair.ts';
import * as Mixture from '../../src/infer/engines/Mixture.ts';
import * as Elementary from '../../src/internal/kernel/Elementary.ts';

/** The probability that each part gave to a token before it was read. */
export type Foretold = { readonly network: number; readonly counts: number };

/** One entry a token of `text`, which starts after a line feed. */
export function foretell(mixture: Mixture.Mixture, vocabulary: BytePair.BytePair, text: string): Foretold[] {
  const line = Mixture.start(mixture);
  Mixture.advance(mixture, line, BytePair.LINE_FEED);
  return BytePair.encode(vocabulary, text).map((token) => {
    const network = Mixture.byNetwork(mixture, line)[token] as number;
    const counts = Mixture.byCounts(mixture, line)[token] as number;
    Mixture.advance(mixture, line, token);
    return { network, counts };
  });
}

/** The surprise (nats) of a token under a mixture in which the network has a share. */
export function surprise({ network, counts }: Foretold, share: number): number {
  return -Elementary.log(share * network + (1 - share) * counts);
}
