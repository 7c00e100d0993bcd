import { anchor } from './anchor.ts';
import { claim } from './claim.ts';
import { credit } from './credit.ts';
import { deposit } from './deposit.ts';
import { exact } from './exact.ts';
import { harvest } from './harvest.ts';
import type { Kind } from './Kind.ts';
import { refund } from './refund.ts';

/** Every kind of work by its name. */
export const kinds: Readonly<Record<string, Kind>> = { anchor, claim, credit, deposit, exact, harvest, refund };

/** Kinds that the gateway may ask for; the others the settler makes itself. */
export const foreignKinds: ReadonlySet<string> = new Set(['anchor', 'credit', 'deposit', 'exact', 'refund']);
