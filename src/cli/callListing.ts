/** Calls a model of a listing, pays from the deposit, checks what came back and keeps the receipt. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Call, callModel } from '../infer/callModel.ts';
import * as Amount from '../internal/Amount.ts';
import { BaseError } from '../internal/Errors.ts';
import * as Json from '../internal/Json.ts';
import { writeFileAtomic } from '../internal/node/files.ts';
import { createPayer } from '../pay/createPayer.ts';
import { DepositLimitError } from '../pay/Payer.ts';
import { findAccount } from '../pay/payChannel.ts';
import * as Asset from '../publish/Asset.ts';
import { readRoot } from '../publish/readRoot.ts';
import { toReceived } from '../settle/exit/recordBuyer.ts';
import { askWay, type Served } from './findGateway.ts';
import * as Home from './Home.ts';
import type { Signing } from './openMarket.ts';
import { openOwnExport, openWallet, receiptCheck } from './openWallet.ts';

/** Calls a model within `maxPrice`. It never deposits: what a call costs comes from what was put aside before. */
export async function callListing(options: callListing.Options): Promise<Call> {
  const { home, market, served, input, maxPrice, token } = options;
  const setup = await openWallet(home, market, { maxPerCall: maxPrice, maxDeposit: 0n });
  const payer = createPayer(setup);
  const call = await callModel({
    payer,
    gateway: served.url,
    route: served.route,
    input,
    limits: { maxPrice, scheme: 'batch-settlement' },
    ...(token === undefined ? {} : { token }),
    check: receiptCheck(market),
  }).catch(async (error: unknown) => {
    if (!(error instanceof DepositLimitError)) throw error;
    const account = await findAccount(setup, await askWay(market, setup, served));
    throw new InsufficientError(account ? account.balance - account.charged : 0n, served.asset);
  });
  await keepReceipt(home, market, call);
  await assertWeights(market, served, call);
  return call;
}

export declare namespace callListing {
  type Options = {
    readonly home: Home.Home;
    readonly market: Signing;
    readonly served: Served;
    readonly input: Record<string, unknown>;
    /** Most atoms that the call may cost. */
    readonly maxPrice: bigint;
    /** Of a sign-in, see `signInFor`: what the licence covers is not paid. */
    readonly token?: string | undefined;
  };
  type ErrorType = InsufficientError | WeightsError;
}

/** The line under every answer: what it cost, what it could have cost, which weights, which receipt. */
export function lineOf({ cost, bound, weights, hash, receipt }: Call): string {
  return [
    `${Amount.format(cost)} of at most ${Amount.format(bound)}`,
    `${receipt.totalMs} ms`,
    `same weights ${weights.slice(2, 6)}`,
    `receipt ${hash.slice(2, 6)}`,
  ].join(' · ');
}

/** The receipt is the buyer's evidence. It is kept before anything about it is judged. */
async function keepReceipt(home: Home.Home, market: Signing, call: Call): Promise<void> {
  const folder = Home.buyerOf(home, market.person).receipts;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { receipt, proof, hash, logIndex, salt } = call;
  const text = Json.stringify({ hash, logIndex, salt: salt ?? null, proof, receipt }, 2);
  await writeFileAtomic(join(folder, `${hash}.json`), `${text}\n`, { mode: 0o600 });
  await (await openOwnExport(home, market)).append([toReceived(call)]);
}

/** The weights named in the receipt must be those published under the version that answered. */
async function assertWeights({ client, addresses }: Signing, served: Served, { receipt }: Call): Promise<void> {
  const published = await readRoot(client, { addresses, asset: receipt.asset, version: receipt.version });
  if (receipt.asset !== served.asset || published !== receipt.manifestRoot) throw new WeightsError();
}

/** The deposit does not cover the call. */
export class InsufficientError extends BaseError {
  override readonly name = 'callListing.InsufficientError';
  constructor(available: bigint, asset: bigint) {
    super(`Your deposit does not cover this call: ${Amount.format(available)} is left.`, {
      code: 'payment.insufficient',
      docsPath: 'pay.md',
      hint: `Put a dollar aside: agorai deposit 1 --for ${Asset.short(asset)}`,
    });
  }
}

/** Other weights answered than those that were published. */
export class WeightsError extends BaseError {
  override readonly name = 'callListing.WeightsError';
  constructor() {
    super('The receipt names other weights than those published for this asset.', {
      code: 'weights.mismatch',
      docsPath: 'infer.md',
      hint: 'Keep the receipt: it is evidence against the seller.',
    });
  }
}
