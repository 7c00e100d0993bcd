/** The verbs of those who hold licences, and the options of those who sell them. */
import type { Option, Verb } from './Verb.ts';

const as = ['--as <person>', 'whose key signs (default: buyer)'] as const;
const list = [
  '--list <file>',
  'the seller’s list of those who may hold a licence, where the terms ask for it',
] as const;

/** Options of terms, when an asset is published. */
export const termsOptions: readonly Option[] = [
  ['--price <dollars>', 'price of a licence; without it every call is paid for'],
  ['--period <duration>', 'what one licence lasts, e.g. 30d (default: 30d)'],
  ['--per-call <dollars>', 'price of a call'],
  ['--per-million-tokens <dollars>', 'price of a million tokens of input'],
  ['--free', 'give it away: no price at all'],
  ['--rights <list>', 'what buyers may do, separated by commas (default: what the model’s route needs)'],
  ['--quota <calls>', 'calls that one licence covers'],
  ['--overage <percent>', 'share of the prices of use that a call beyond the quota costs, e.g. 50'],
  ['--trial <duration>', 'time to try it for nothing, once'],
  ['--seats <number>', 'how many can use one licence at a time'],
  ['--notice <duration>', 'how long licences can be renewed after the offer is closed'],
  ['--refund <policy>', 'full:7d for the last payment within 7 days, or prorata[:penalty percent] for what is unused'],
  ['--resale <royalty[:times]>', 'licences can be sold on; your share of each sale in percent, and how often at most'],
  ['--derived <percent>', 'your share of what is derived from it, under a right to make something of it'],
  ['--supply <number>', 'how many licences there are'],
  ['--allow <file>', 'who may hold a licence, one address a line'],
];

/** In the order of the help. */
export const licenceVerbs: readonly Verb[] = [
  {
    name: 'buy',
    args: '<asset>',
    summary: 'buy a licence',
    options: [
      as,
      ['--renew', 'the same as agorai renew'],
      ['--trial', 'try it for nothing, where the terms give a trial'],
      ['--resellable', 'buy a licence that can be sold on, where the terms permit it'],
      ['--another', 'buy one more that can be sold on, although you have one'],
      ['--sale <file>', 'buy from somebody who signed a sale'],
      list,
    ],
    spends: true,
    load: () => import('./verbs/buy.ts'),
  },
  {
    name: 'renew',
    args: '<asset>',
    summary: 'pay for another period of a licence that you hold',
    options: [as, list],
    spends: true,
    load: () => import('./verbs/renew.ts'),
  },
  {
    name: 'refund',
    args: '<asset>',
    summary: 'leave a licence and get back what its terms give; the amount is said first',
    options: [as],
    spends: true,
    load: () => import('./verbs/refund.ts'),
  },
  {
    name: 'sell',
    args: '<asset> <dollars>',
    summary: 'offer a licence that you hold for sale, as a file for the buyer',
    options: [
      as,
      ['--for <duration>', 'how long the sale counts (default: 7d)'],
      ['--to <file>', 'where it is written (default: sale-<asset>.json)'],
    ],
    spends: true,
    load: () => import('./verbs/sell.ts'),
  },
  {
    name: 'revive',
    args: '<asset>',
    summary: 'pay the royalty of a licence that came to you outside of a sale, so that it is of use',
    options: [as],
    spends: true,
    load: () => import('./verbs/revive.ts'),
  },
];
