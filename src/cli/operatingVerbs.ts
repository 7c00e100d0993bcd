/** The verbs that look after a market and the command line itself. */
import type { Verb } from './Verb.ts';

/** In the order of the help. */
export const operatingVerbs: readonly Verb[] = [
  {
    name: 'receipts',
    summary: 'list the receipts that you keep, each checked against the chain',
    options: [['--as <person>', 'whose (default: buyer)']],
    load: () => import('./verbs/receipts.ts'),
  },
  {
    name: 'status',
    summary: 'say what runs, where, and what it says of itself',
    load: () => import('./verbs/status.ts'),
  },
  {
    name: 'doctor',
    summary: 'look for what is wrong with this home and its market, and how to mend it',
    load: () => import('./verbs/doctor.ts'),
  },
  {
    name: 'explain',
    args: '<code>',
    summary: 'say what an error code means and what to do',
    load: () => import('./verbs/explain.ts'),
  },
  {
    name: 'completion',
    args: '<shell>',
    summary: 'print the completion of bash, zsh or fish',
    load: () => import('./verbs/completion.ts'),
  },
];
