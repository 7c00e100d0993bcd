/** What a licence permits and what it demands: the bits of the contract's libraries `Rights` and `Duties`, in words. */
import { BaseError } from '../internal/Errors.ts';

/** Rights by name; the bit is the position. */
export const rights = [
  'infer',
  'embed',
  'evaluate',
  'finetune',
  'train',
  'distill',
  'derive',
  'resell',
  'sublicense',
  'commercial',
  'export',
] as const;

/** Duties by name; the bit is the position. */
export const duties = [
  'attribute',
  'share-alike',
  'log',
  'delete-on-expiry',
  'report-revenue',
  'tee-only',
  'dp-required',
  'human-review',
] as const;

/** A right. */
export type Right = (typeof rights)[number];

/** A duty. */
export type Duty = (typeof duties)[number];

/** Each right in words, after "You may" or "You may not". */
const permits: Readonly<Record<Right, string>> = {
  infer: 'run the model and use its output',
  embed: 'compute embeddings',
  evaluate: 'measure its quality',
  finetune: 'adapt the weights',
  train: 'train on the data',
  distill: 'train another model on the output',
  derive: 'publish a derived asset',
  resell: 'sell the licence on',
  sublicense: 'grant licences of your own',
  commercial: 'use it for profit',
  export: 'take a copy of the files away',
};

/** Each duty in words, after "You must". */
const demands: Readonly<Record<Duty, string>> = {
  attribute: 'name the source',
  'share-alike': 'put derived assets under the same terms',
  log: 'keep a log of use',
  'delete-on-expiry': 'delete every copy at the end',
  'report-revenue': 'report revenue',
  'tee-only': 'use it inside a trusted execution environment only',
  'dp-required': 'train with differential privacy',
  'human-review': 'have a person review output before it has effect',
};

/** The right that a request to a route of a gateway needs; the first one, where any of several will do. */
const routes: Readonly<Record<string, Right>> = {
  '/v1/chat/completions': 'infer',
  '/v1/classify': 'infer',
  '/v1/completions': 'infer',
  '/v1/embeddings': 'embed',
  '/v1/moderations': 'infer',
  '/v1/ocr': 'infer',
  '/v1/predict': 'infer',
  '/v1/rows': 'train',
};

/** The set of some rights, as terms carry it. */
export function setOf(names: readonly Right[]): number {
  return names.reduce((set, name) => set | (1 << rights.indexOf(name)), 0);
}

/** The set of some duties, as terms carry it. */
export function dutySetOf(names: readonly Duty[]): number {
  return names.reduce((set, name) => set | (1 << duties.indexOf(name)), 0);
}

/** The rights in a set. */
export function inSet(set: number): readonly Right[] {
  return rights.filter((_, bit) => (set >>> bit) & 1);
}

/** The duties in a set. */
export function dutiesInSet(set: number): readonly Duty[] {
  return duties.filter((_, bit) => (set >>> bit) & 1);
}

/** Whether a set holds a right. */
export function has(set: number, right: Right): boolean {
  return ((set >>> rights.indexOf(right)) & 1) === 1;
}

/** Whether a set holds one of some rights. */
export function hasAny(set: number, names: readonly Right[]): boolean {
  return names.some((name) => has(set, name));
}

/** The right that a route needs. A route that names none is served under no licence. */
export function ofRoute(route: string): Right {
  if (route.startsWith('/v1/tools/')) return 'infer';
  const right = Object.hasOwn(routes, route) ? routes[route] : undefined;
  if (!right) throw new UnknownError(`the route ${route}`);
  return right;
}

/** Reads a right by its name. */
export function parse(name: string): Right {
  const right = rights.find((known) => known === name);
  if (!right) throw new UnknownError(JSON.stringify(name));
  return right;
}

/** A right in words, after "You may" or "You may not". */
export function describe(right: Right): string {
  return permits[right];
}

/** A duty in words, after "You must". */
export function describeDuty(duty: Duty): string {
  return demands[duty];
}

/** Whether chain or gateway hold the holder to a duty; the others are promises. Lineage binds the terms of derived assets. */
export function isEnforced(duty: Duty): boolean {
  return duty === 'share-alike';
}

/** A right that does not exist. */
export class UnknownError extends BaseError {
  override readonly name = 'Right.UnknownError';
  constructor(what: string) {
    super(`No right is known for ${what}.`, {
      code: 'license.unknown-right',
      docsPath: 'docs/license.md',
      metaMessages: [`rights: ${rights.join(', ')}`],
    });
  }
}
