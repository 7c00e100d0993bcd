/** Every verb of the command line, in the order of the help. */
import { exitVerbs } from './exitVerbs.ts';
import { licenceVerbs, termsOptions } from './licenceVerbs.ts';
import { operatingVerbs } from './operatingVerbs.ts';
import type { Verb } from './Verb.ts';

const as = (person: string) => ['--as <person>', `whose key signs (default: ${person})`] as const;
const gateway = ['--gateway <url>', 'the seller’s gateway (default: one of this home)'] as const;

/** What the words are that verbs of two words begin with. */
export const groups: Readonly<Record<string, string>> = { audit: 'check what happened' };

/** The table that the parser and the help are made from. */
export const verbs: readonly Verb[] = [
  {
    name: 'up',
    summary: 'start a whole market on this machine and show a paid, settled and checked call',
    options: [
      ['--port <port>', 'port of the gateway (default: 8402)'],
      ['--chain-port <port>', 'port of the local chain (default: 8545)'],
      ['--once', 'end after the demonstration; the exit code is 0 only when everything adds up'],
      ['--fresh', 'set the former market of this home aside and begin anew'],
    ],
    makesHome: true,
    stays: true,
    load: () => import('./verbs/up.ts'),
  },
  {
    name: 'publish',
    args: '<folder>',
    summary: 'publish a model with its terms',
    options: [
      as('seller'),
      ...termsOptions,
      [
        '--parent <list>',
        'what it was made from, e.g. breast-cancer:trained-on:20 for 20 % of what it earns; you must hold a licence',
      ],
      ['--update <asset>', 'append a version to an asset instead of publishing a new one'],
    ],
    spends: true,
    load: () => import('./verbs/publish.ts'),
  },
  {
    name: 'search',
    args: '[words...]',
    summary: 'list what is published',
    load: () => import('./verbs/search.ts'),
  },
  {
    name: 'show',
    args: '<asset>',
    summary: 'show an asset: what it is, its terms in words, its prices',
    load: () => import('./verbs/show.ts'),
  },
  ...licenceVerbs,
  {
    name: 'call',
    args: '<asset> [input...]',
    summary: 'call a model and pay for it from what you deposited',
    options: [
      as('buyer'),
      gateway,
      ['--max-price <dollars>', 'most that this call may cost (default: 0.01)'],
      ['--input <json>', 'the whole request body instead of words'],
    ],
    load: () => import('./verbs/call.ts'),
  },
  {
    name: 'deposit',
    args: '<dollars>',
    summary: 'put money aside for calls to a seller; what is not used can be taken back',
    options: [
      as('buyer'),
      gateway,
      ['--for <asset>', 'an asset that is to be called; one made from others is paid at an address of its own'],
    ],
    spends: true,
    load: () => import('./verbs/deposit.ts'),
  },
  {
    name: 'balance',
    summary: 'what you have, in your account and with sellers',
    options: [as('buyer')],
    load: () => import('./verbs/balance.ts'),
  },
  {
    name: 'withdraw',
    summary: 'take out what you earned, or what you deposited and did not use',
    options: [as('seller'), gateway, ['--deposit', 'take back what is left of your deposits']],
    spends: true,
    load: () => import('./verbs/withdraw.ts'),
  },
  {
    name: 'earnings',
    summary: 'what was earned, what waits and until when',
    options: [as('seller')],
    load: () => import('./verbs/earnings.ts'),
  },
  {
    name: 'waiting',
    summary: 'money that waits for you: what was earned, escrow that is final, refunds',
    options: [as('seller'), ['--claim', 'take what can be taken now']],
    spends: true,
    load: () => import('./verbs/waiting.ts'),
  },
  {
    name: 'settle',
    summary: 'claim what buyers owe now instead of later',
    options: [as('seller')],
    load: () => import('./verbs/settle.ts'),
  },
  ...exitVerbs,
  {
    name: 'audit verify',
    summary: 'recompute every balance and receipt; fails when anything does not add up',
    options: [
      ['--public', 'read nothing but the chain and published logs (the default)'],
      ['--books', 'read the seller’s ledger too'],
      ['--log <file>', 'a seller’s export instead of its gateway'],
      ['--as <person>', 'whose books (default: seller)'],
      gateway,
    ],
    load: () => import('./verbs/auditVerify.ts'),
  },
  ...operatingVerbs,
  {
    name: 'gateway',
    summary: 'serve a seller’s models',
    options: [['--config <file>', 'what to serve']],
    hidden: true,
    stays: true,
    load: () => import('./verbs/gateway.ts'),
  },
  {
    name: 'settler',
    summary: 'send a seller’s transactions',
    options: [['--config <file>', 'whose, and within which limits']],
    hidden: true,
    stays: true,
    load: () => import('./verbs/settler.ts'),
  },
];
