import { type Address, getAddress, type Hash, isAddress, isHash } from 'viem';
import { z } from 'zod';
import { BaseError } from '../internal/Errors.ts';

/** The contracts of x402's batch settlement stand at these addresses on every chain. */
export const x402 = {
  settlement: '0x4020074e9dF2ce1deE5A9C1b5c3f541D02a10003',
  erc3009Collector: '0x4020806089470a89826cB9fB1f4059150b550004',
} as const satisfies Record<string, Address>;

/** The address book of one deployment on one chain. */
export type Addresses = {
  readonly chainId: number;
  /** Hash of block 0. It tells a chain from another one with the same id. */
  readonly genesisHash: Hash;
  /** No contract of the deployment has an event before this block. */
  readonly deployedAtBlock: bigint;
  /** The dollar that prices are in. */
  readonly token: Address;
  readonly settlement: Address;
  readonly erc3009Collector: Address;
  readonly allowanceCollector: Address;
  readonly authorizers: Address;
  readonly authorizerImplementation: Address;
  readonly policy: Address;
  readonly assets: Address;
  readonly licenses: Address;
  readonly escrows: Address;
  readonly resales: Address;
  readonly allowList: Address;
  readonly vaults: Address;
  readonly vaultImplementation: Address;
  readonly logs: Address;
  readonly multicall3: Address;
};

const address = z
  .string()
  .refine((value) => isAddress(value, { strict: true }))
  .transform((value) => getAddress(value));
const hash = z.string().refine((value): value is Hash => isHash(value));
const block = z.templateLiteral([z.string().regex(/^(0|[1-9][0-9]{0,17})$/)]).transform(BigInt);

/** What an address book is as JSON. Unknown fields are refused, so that a newer book is not read by half. */
export const schema = z.strictObject({
  chainId: z.int().positive(),
  genesisHash: hash,
  deployedAtBlock: block,
  token: address,
  settlement: address,
  erc3009Collector: address,
  allowanceCollector: address,
  authorizers: address,
  authorizerImplementation: address,
  policy: address,
  assets: address,
  licenses: address,
  escrows: address,
  resales: address,
  allowList: address,
  vaults: address,
  vaultImplementation: address,
  logs: address,
  multicall3: address,
});

/** Reads an address book from JSON text. */
export function parse(text: string): Addresses {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InvalidError({ reason: 'it is not JSON', cause });
  }
  return from(value);
}

/** Reads an address book from a JSON value. */
export function from(value: unknown): Addresses {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InvalidError({ reason: `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`, cause: parsed.error });
}

export declare namespace parse {
  type ErrorType = InvalidError;
}

/** Writes an address book as JSON text, the same book always as the same text. */
export function serialize(addresses: Addresses): string {
  const { deployedAtBlock, ...rest } = addresses;
  const fields = Object.entries({ ...rest, deployedAtBlock: deployedAtBlock.toString() });
  return `${JSON.stringify(Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1))), null, 2)}\n`;
}

/** Whether two books name the same contracts on the same chain. */
export function isSame(a: Addresses, b: Addresses): boolean {
  return serialize({ ...a, deployedAtBlock: 0n }) === serialize({ ...b, deployedAtBlock: 0n });
}

/** Checks that a chain is the one the book is about. */
export function assertChain(
  addresses: Addresses,
  chain: { readonly chainId: number; readonly genesisHash: Hash },
): void {
  if (addresses.chainId === chain.chainId && addresses.genesisHash === chain.genesisHash) return;
  throw new ForeignChainError({ addresses, ...chain });
}

/** Something that is no address book. */
export class InvalidError extends BaseError {
  override readonly name = 'Addresses.InvalidError';
  constructor(options: { reason: string; cause: unknown }) {
    super(`The address book cannot be read: ${options.reason}.`, {
      code: 'addresses.invalid',
      cause: options.cause,
      hint: 'Restore it from a copy, or move it away and deploy again: what is deployed is found, not repeated.',
    });
  }
}

/** An address book of another chain than the one spoken to. */
export class ForeignChainError extends BaseError {
  override readonly name = 'Addresses.ForeignChainError';
  constructor(options: { addresses: Addresses; chainId: number; genesisHash: Hash }) {
    super('The address book is about another chain than the one the node serves.', {
      code: 'addresses.foreign_chain',
      metaMessages: [
        `book: chain ${options.addresses.chainId}, block 0 is ${options.addresses.genesisHash}`,
        `node: chain ${options.chainId}, block 0 is ${options.genesisHash}`,
      ],
      hint: 'Connect to the chain of the book, or move the book away to begin with this chain.',
    });
  }
}
