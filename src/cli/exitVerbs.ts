/** The verbs of those who keep their own copy, and leave with it. */
import type { Verb } from './Verb.ts';

/** In the order of the help. */
export const exitVerbs: readonly Verb[] = [
  {
    name: 'export',
    summary: 'keep your own vouchers, receipts and proofs in one file, enough to leave with',
    options: [
      ['--as <person>', 'whose (default: seller)'],
      ['--to <file>', 'where the copy goes (default: exports in the home)'],
      ['--follow', 'keep the file current until interrupted'],
    ],
    load: () => import('./verbs/export.ts'),
  },
  {
    name: 'exit',
    summary: 'take out everything with your export, your wallet and a node alone',
    options: [
      ['--file <file>', 'your export (default: the one in the home)'],
      ['--as <person>', 'whose key of the home signs (default: seller)'],
      ['--key <keystore>', 'the keystore that signs, without any home'],
      ['--wait', 'wait for dispute windows and delays instead of ending'],
    ],
    spends: true,
    load: () => import('./verbs/exit.ts'),
  },
  {
    name: 'reconcile',
    summary: 'bring a ledger that was restored from a backup up to date from the export',
    options: [
      ['--as <person>', 'whose ledger (default: seller)'],
      ['--file <file>', 'the export (default: the one in the home)'],
    ],
    load: () => import('./verbs/reconcile.ts'),
  },
];
