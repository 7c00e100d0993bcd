/** Buys one period of a licence, exactly once. */
import type { Account, Address, Hash, Hex, LocalAccount } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { licensesAbi, testDollarAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { type RevertedError, send } from '../chain/send.ts';
import { waitForPending } from '../chain/waitForPending.ts';
import * as Amount from '../internal/Amount.ts';
import { BaseError } from '../internal/Errors.ts';
import { allowExactly } from './allowExactly.ts';
import { type Licence, readLicence } from './readLicence.ts';
import { signPermit } from './signPermit.ts';
import { signPurchase } from './signPurchase.ts';
import * as Terms from './Terms.ts';

/**
 * Buys a licence, or finds the one that is valid. With `renew` it buys another period; a repeated renewal names the
 * same licence end, so that by authorization it pays once however often it is sent.
 */
export async function buyLicence(
  client: Client<LocalAccount>,
  options: buyLicence.Options,
): Promise<buyLicence.ReturnType> {
  const { addresses, terms, maxPrice, holder = client.account.address } = options;
  const termsId = Terms.idOf(addresses, terms);
  await waitForPending(client);
  const before = await readLicence(client, { addresses, termsId, holder });
  if (before.valid && (before.forever || !options.renew)) return { termsId, licence: before, paid: 0n };
  await assertAffordable(client, terms.currency, { price: terms.price, maxPrice });

  const pay = ways[options.by ?? 'authorization'];
  const hash = await pay(client, { addresses, terms, termsId, holder, end: before.end, shown: options.shown ?? '0x' });
  return { termsId, licence: await readLicence(client, { addresses, termsId, holder }), paid: terms.price, hash };
}

export declare namespace buyLicence {
  type Options = {
    readonly addresses: Addresses;
    /** The complete terms: neither price nor token nor rights can change under the purchase. */
    readonly terms: Terms.Terms;
    /** Most atoms to pay. */
    readonly maxPrice: bigint;
    /** Who gets the licence, the payer unless given. */
    readonly holder?: Address;
    /**
     * `authorization` (EIP-3009) unless given, `permit` (EIP-2612) for tokens without it, both in one transaction;
     * `allowance` in two. An allowance is for exactly the price.
     */
    readonly by?: 'authorization' | 'permit' | 'allowance';
    /** What a checker of the terms is shown, nothing unless given; see `AllowList.show`. */
    readonly shown?: Hex;
    /** Buys another period even when the licence is valid. */
    readonly renew?: boolean;
  };
  /** Without a hash, the licence was there before and nothing was paid. */
  type ReturnType = {
    readonly termsId: Hex;
    readonly licence: Licence;
    readonly paid: bigint;
    readonly hash?: Hash;
  };
  type ErrorType = TooExpensiveError | InsufficientError | RevertedError;
}

type Purchase = {
  readonly addresses: Addresses;
  readonly terms: Terms.Terms;
  readonly termsId: Hex;
  readonly holder: Address;
  readonly end: number;
  readonly shown: Hex;
};

type Way = (client: Client<LocalAccount>, purchase: Purchase) => Promise<Hash>;

const ways: Readonly<Record<'authorization' | 'permit' | 'allowance', Way>> = {
  authorization: payByAuthorization,
  permit: payByPermit,
  allowance: payByAllowance,
};

async function payByAuthorization(client: Client<LocalAccount>, purchase: Purchase): Promise<Hash> {
  const { addresses, terms, holder, shown } = purchase;
  const authorization = await signPurchase(client, purchase);
  const { hash } = await send(client, {
    address: addresses.licenses,
    abi: licensesAbi,
    functionName: 'buyWithAuthorization',
    args: [terms, holder, authorization, shown],
  });
  return hash;
}

async function payByPermit(client: Client<LocalAccount>, purchase: Purchase): Promise<Hash> {
  const { addresses, terms, holder, shown } = purchase;
  const { hash } = await send(client, {
    address: addresses.licenses,
    abi: licensesAbi,
    functionName: 'buyWithPermit',
    args: [terms, holder, await signPermit(client, purchase), shown],
  });
  return hash;
}

async function payByAllowance(client: Client<LocalAccount>, purchase: Purchase): Promise<Hash> {
  const { addresses, terms, holder, shown } = purchase;
  await allowExactly(client, { token: terms.currency, spender: addresses.licenses, amount: terms.price });
  const { hash } = await send(client, {
    address: addresses.licenses,
    abi: licensesAbi,
    functionName: 'buy',
    args: [terms, holder, shown],
  });
  return hash;
}

/** Makes sure, before anything is signed, that a price is allowed and that the client's account has it. */
export async function assertAffordable(
  client: Client<Account>,
  token: Address,
  { price, maxPrice }: { readonly price: bigint; readonly maxPrice: bigint },
): Promise<void> {
  if (price > maxPrice) throw new TooExpensiveError({ price, maxPrice });
  const balance = await client.readContract({
    address: token,
    abi: testDollarAbi,
    functionName: 'balanceOf',
    args: [client.account.address],
  });
  if (balance < price) throw new InsufficientError({ price, balance });
}

/** The price is above what the buyer allowed. */
export class TooExpensiveError extends BaseError {
  override readonly name = 'buyLicence.TooExpensiveError';
  constructor({ price, maxPrice }: { price: bigint; maxPrice: bigint }) {
    super(`The licence costs ${Amount.format(price)}, more than the ${Amount.format(maxPrice)} you allow.`, {
      code: 'license.too-expensive',
      docsPath: 'docs/license.md',
      hint: `Allow it with --max-spend ${Amount.toDollars(price)}.`,
    });
  }
}

/** The buyer has too little. */
export class InsufficientError extends BaseError {
  override readonly name = 'buyLicence.InsufficientError';
  constructor({ price, balance }: { price: bigint; balance: bigint }) {
    super(`The licence costs ${Amount.format(price)}, you have ${Amount.format(balance)}.`, {
      code: 'payment.insufficient',
      docsPath: 'docs/license.md',
      hint: `Put ${Amount.format(price - balance)} more into your account.`,
    });
  }
}
