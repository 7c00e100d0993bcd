/** A published asset: one token of the `Assets` contract. Its id follows from what is published, before it is. */
import type { Address, Hex } from 'viem';
import * as Eip712 from '../internal/Eip712.ts';
import { BaseError } from '../internal/Errors.ts';

/** What an asset is, in the order of the contract's enum. */
export const kinds = ['model', 'dataset', 'agent', 'tool', 'compute'] as const;

/** What an asset is. */
export type Kind = (typeof kinds)[number];

/** Where assets are registered. */
export type Registry = { readonly chainId: number; readonly assets: Address };

/** A new asset. */
export type Publication = {
  readonly kind: Kind;
  /** Merkle root of the manifest of version 1. */
  readonly manifestRoot: Hex;
  /** Tells apart two assets that one account publishes with the same kind and root. */
  readonly salt: Hex;
  /** Content-addressed location of card and manifest (see `Bundle`). */
  readonly uri: string;
};

/** Instructions for another contract, carried out in the transaction that publishes or updates. */
export type Attachment = { readonly module: Address; readonly data: Hex };

/** One version of an asset. The URI is text of a stranger: show it through `Text.plain`. */
export type Version = {
  readonly version: number;
  readonly manifestRoot: Hex;
  readonly uri: string;
  readonly blockNumber: bigint;
  readonly transaction: Hex;
};

/** An asset as its events tell it. */
export type Asset = {
  readonly id: bigint;
  readonly kind: Kind;
  readonly publisher: Address;
  readonly owner: Address;
  /** In order; the last one is the latest. */
  readonly versions: readonly Version[];
  /** The asset that named the content of a version before this one did, where there is such. */
  readonly duplicateOf: bigint | undefined;
};

/** The salt of whoever publishes a content once. */
export const noSalt: Hex = `0x${'0'.repeat(64)}`;

/** Most bytes of a URI. */
const maxUriBytes = 512;

/** Number of a kind in the contract's enum. */
export function indexOf(kind: Kind): number {
  return kinds.indexOf(kind);
}

/** The kind of a number of the contract's enum. */
export function kindOf(index: number): Kind {
  const kind = kinds[index];
  if (!kind) throw new UnknownKindError(String(index));
  return kind;
}

/** The id of what an account publishes: `Assets.idOf`. */
export function idOf(registry: Registry, publisher: Address, publication: Omit<Publication, 'uri'>): bigint {
  const { kind, manifestRoot, salt } = publication;
  const { chainId, assets } = registry;
  return BigInt(
    Eip712.hashWords(
      [chainId, assets, publisher, indexOf(kind), manifestRoot, salt].map((field) => Eip712.word(field)),
    ),
  );
}

/** Checks a publication as the contract does. */
export function assert({ manifestRoot, uri }: Pick<Publication, 'manifestRoot' | 'uri'>): void {
  const length = new TextEncoder().encode(uri).length;
  if (length === 0 || length > maxUriBytes)
    throw new InvalidError(`its URI has ${length} bytes, not 1 to ${maxUriBytes}`);
  if (BigInt(manifestRoot) === 0n) throw new InvalidError('its manifest root is zero');
}

/** The latest version. */
export function latest(asset: Asset): Version {
  const version = asset.versions.at(-1);
  if (!version) throw new InvalidError('it has no version');
  return version;
}

/** The id as 32 bytes, the form in which people copy it. */
export function toHex(id: bigint): Hex {
  return Eip712.word(id);
}

/** The first four digits of the id. People read it; `find` asks for more when two assets share them. */
export function short(id: bigint): string {
  return toHex(id).slice(2, 6);
}

/** The assets whose id begins with some hex digits, with or without `0x`. */
export function find(assets: readonly Asset[], prefix: string): readonly Asset[] {
  const digits = prefix.toLowerCase().replace(/^0x/, '');
  if (!/^[0-9a-f]{4,64}$/.test(digits)) return [];
  return assets.filter(({ id }) => toHex(id).slice(2).startsWith(digits));
}

const docsPath = 'docs/publish.md';

/** What no contract would publish. */
export class InvalidError extends BaseError {
  override readonly name = 'Asset.InvalidError';
  constructor(reason: string) {
    super(`The asset is invalid: ${reason}.`, { code: 'publish.asset-invalid', docsPath });
  }
}

/** A kind that this version does not know. */
export class UnknownKindError extends BaseError {
  override readonly name = 'Asset.UnknownKindError';
  constructor(kind: string) {
    super(`There is no kind of asset ${JSON.stringify(kind)}.`, {
      code: 'publish.unknown-kind',
      docsPath,
      metaMessages: [`kinds: ${kinds.join(', ')}`],
    });
  }
}
