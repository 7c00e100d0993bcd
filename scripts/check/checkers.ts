import { abis } from './abis.ts';
import { docs } from './docs.ts';
import { egress } from './egress.ts';
import { errors } from './errors.ts';
import type { Check } from './Finding.ts';
import { files } from './files.ts';
import { imports } from './imports.ts';
import { layouts, updateLayouts } from './layouts.ts';
import { lock } from './lock.ts';
import { mutants } from './mutants.ts';
import { natspec } from './natspec.ts';
import { largest, sizes } from './sizes.ts';
import { trees } from './trees.ts';
import { tsdoc, tsdocCoverage } from './tsdoc.ts';
import { unused } from './unused.ts';

/** A named check; `update` rewrites what it compares with, `note` adds a figure to its line of the summary. */
export type Checker = {
  readonly name: string;
  readonly check: Check;
  readonly update?: (root: string) => Promise<void>;
  readonly note?: (root: string) => Promise<string>;
};

/** Every checker of the normal test command. */
export const CHECKERS: readonly Checker[] = [
  { name: 'imports', check: imports },
  { name: 'egress', check: egress },
  { name: 'trees', check: trees },
  { name: 'natspec', check: natspec },
  { name: 'tsdoc', check: tsdoc, note: tsdocCoverage },
  { name: 'errors', check: errors },
  { name: 'files', check: files },
  { name: 'sizes', check: sizes, note: largest },
  { name: 'layouts', check: layouts, update: updateLayouts },
  { name: 'abis', check: abis },
  { name: 'mutants', check: mutants },
  { name: 'lock', check: lock },
  { name: 'unused', check: unused },
  { name: 'docs', check: docs },
];
