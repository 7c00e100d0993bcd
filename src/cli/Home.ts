/** The folder that the command line works in: what lies where. Paths only. */
import { join } from 'node:path';
import { BaseError } from '../internal/Errors.ts';

/** The people of a local market, by their roles. */
export const people = [
  'operator',
  'seller',
  'settler',
  'receipts',
  'contributor',
  'evaluator',
  'hospital',
  'hospital-settler',
  'hospital-receipts',
  'pathologist',
  'buyer',
] as const;

/** One of them. */
export type Person = (typeof people)[number];

/** Who sells in a local market, with the people who hold the keys of its settler and its receipts. */
export const sellers = {
  seller: { settler: 'settler', receipts: 'receipts' },
  hospital: { settler: 'hospital-settler', receipts: 'hospital-receipts' },
} as const satisfies Partial<Record<Person, { readonly settler: Person; readonly receipts: Person }>>;

/** One of those who sell. */
export type SellerName = keyof typeof sellers;

/** All of those who sell. */
export const sellerNames = ['seller', 'hospital'] as const satisfies readonly SellerName[];

/** A home folder. */
export type Home = {
  readonly folder: string;
  /** The address book. */
  readonly addresses: string;
  /** State and log of the local chain. */
  readonly chain: { readonly folder: string; readonly state: string; readonly log: string };
};

/** The paths of a seller. */
export type Seller = {
  readonly folder: string;
  readonly ledger: string;
  readonly settlerFile: string;
  readonly gatewayConfig: string;
  readonly settlerConfig: string;
  readonly content: string;
};

/** The paths of a buyer. */
export type Buyer = { readonly folder: string; readonly channels: string; readonly receipts: string };

/** The home in a folder. */
export function from(folder: string): Home {
  const chain = join(folder, 'chain');
  return {
    folder,
    addresses: join(folder, 'addresses.json'),
    chain: { folder: chain, state: join(chain, 'state.json'), log: join(chain, 'anvil.log') },
  };
}

/** Where the keystores are. */
export function keysOf(home: Home): string {
  return join(home.folder, 'keys');
}

/** The keystore of a person. */
export function keystoreOf(home: Home, person: string): string {
  return join(keysOf(home), `${checked(person)}.json`);
}

/** Where the sellers of this home are. */
export function sellersOf(home: Home): string {
  return join(home.folder, 'sellers');
}

/** The files of a seller. */
export function sellerOf(home: Home, person: string): Seller {
  const folder = join(sellersOf(home), checked(person));
  return {
    folder,
    ledger: join(folder, 'ledger.db'),
    settlerFile: join(folder, 'settler.db'),
    gatewayConfig: join(folder, 'gateway.json'),
    settlerConfig: join(folder, 'settler.json'),
    content: join(folder, 'content'),
  };
}

/** The files of a buyer. */
export function buyerOf(home: Home, person: string): Buyer {
  const folder = join(home.folder, 'buyers', checked(person));
  return { folder, channels: join(folder, 'channels'), receipts: join(folder, 'receipts') };
}

/** The export of a person: its own copy of vouchers, receipts and proofs. */
export function exportOf(home: Home, person: string): string {
  return join(home.folder, 'exports', `${checked(person)}.ndjson`);
}

/** Where running processes say what they are. */
export function runsOf(home: Home): string {
  return join(home.folder, 'run');
}

/** What a running process says of itself: `chain`, `gateway-seller`, `settler-seller`. */
export function runOf(home: Home, process: string): string {
  return join(runsOf(home), `${checked(process)}.json`);
}

/** The log of a process of this home. */
export function logOf(home: Home, process: string): string {
  return join(home.folder, 'logs', `${checked(process)}.log`);
}

/** Names become parts of paths, so they are words. */
function checked(name: string): string {
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(name)) throw new NameError(name);
  return name;
}

/** A name that cannot be part of a path. */
export class NameError extends BaseError {
  override readonly name = 'Home.NameError';
  constructor(name: string) {
    super(`${JSON.stringify(name.slice(0, 60))} is not a name.`, {
      code: 'usage.name',
      hint: 'Use lower-case letters, digits and dashes, for example: buyer',
    });
  }
}
