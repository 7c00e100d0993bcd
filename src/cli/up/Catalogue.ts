/** What the sellers of a local market sell, on which terms, and who shares in it. */
import * as Prices from '../../license/Prices.ts';
import type * as Right from '../../license/Right.ts';
import type * as Home from '../Home.ts';

/** Terms under which something is sold. Amounts are atoms. */
export type Offer = {
  readonly rights: readonly Right.Right[];
  /** Price of a licence; 0 when none is needed. */
  readonly price: bigint;
  /** Seconds that a licence lasts; 0 stands for ever. */
  readonly period: number;
  readonly prices: Prices.Prices;
  /** Share of the revenue of what is derived, in basis points. */
  readonly derivativeShareBps?: number;
};

/** A folder of `models` that is sold. The last of its offers is the one that calls are served under. */
export type Item = { readonly name: string; readonly offers: readonly [Offer, ...Offer[]] };

/** What somebody sells, and the basis points of those who share in all of it. The seller has the rest. */
export type Catalogue = {
  readonly items: readonly Item[];
  readonly shares: Readonly<Partial<Record<Home.Person, number>>>;
};

const month = 30 * 86_400;

function use(right: Right.Right, perCall: bigint, more: Partial<Prices.Prices> = {}): Offer {
  const prices = Prices.from({ perCall: perCall * 1_000_000n, ...more });
  return { rights: [right], price: 0n, period: 0, prices };
}

/** Embeddings and definitions by the call and its tokens, digits by a licence and the call. */
export const ofSeller: Catalogue = {
  items: [
    { name: 'embeddings', offers: [use('embed', 100n, { perInputToken: 1_000_000n })] },
    { name: 'digits', offers: [{ ...use('infer', 200n), price: 50_000n, period: month }] },
    { name: 'glosses', offers: [use('infer', 100n, { perOutputToken: 2_000_000n })] },
  ],
  shares: { contributor: 2_000, evaluator: 1_000 },
};

/** Sold by the seller too, once it holds a licence of the dataset that it was trained on. */
export const derived: Item = { name: 'risk', offers: [use('infer', 503n)] };

/** A dataset: a licence to train on it, once and for ever, which shares in what is derived; and looks at its rows. */
export const ofHospital: Catalogue = {
  items: [
    {
      name: 'breast-cancer',
      offers: [
        {
          rights: ['infer', 'train', 'derive', 'commercial'],
          price: 100_000n,
          period: 0,
          prices: Prices.from({}),
          derivativeShareBps: 2_000,
        },
        use('evaluate', 300n),
      ],
    },
  ],
  shares: { pathologist: 2_500 },
};
