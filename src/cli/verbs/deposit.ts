import { explain } from '../../chain/explain.ts';
import * as Amount from '../../internal/Amount.ts';
import { BaseError } from '../../internal/Errors.ts';
import type * as ChannelStore from '../../pay/ChannelStore.ts';
import { depositChannel } from '../../pay/depositChannel.ts';
import * as payChannel from '../../pay/payChannel.ts';
import { readLineage } from '../../publish/readLineage.ts';
import { approve } from '../approve.ts';
import { askWay, findServed, NoGatewayError, readAllServed, type Served } from '../findGateway.ts';
import { type Market, openSigning } from '../openMarket.ts';
import { openWallet } from '../openWallet.ts';
import { findListing } from '../readListings.ts';
import type { Context, Options, Run } from '../Verb.ts';

/** `agorai deposit <dollars>`: money for calls to one seller. What is not used can be taken back. */
export const run: Run = async (context, [text = ''], options) => {
  const amount = Amount.fromDollars(text);
  if (amount === 0n) throw new NothingError();
  const market = await openSigning(context, options, 'buyer');
  const served = await findAny(context, options, market);
  const setup = await openWallet(context.home, market, { maxPerCall: 0n, maxDeposit: amount });
  const way = await askWay(market, setup, served);

  const { config, channelId } = (await payChannel.findAccount(setup, way)) ?? payChannel.open(setup, way);
  const sentences = [explain('Channels.deposit', [config, amount, setup.erc3009Collector, '0x'])];
  if (!(await approve(context, { question: `Deposit with ${served.seller}`, amount, sentences }))) {
    return { value: { dryRun: true, amount, sentences }, text: 'Nothing was done.' };
  }
  const { account, deposited, hash } = await depositChannel(market.client, { setup, way, amount });
  const how = hash ? 'Deposited' : 'An earlier deposit had arrived; nothing more was sent:';
  const left = account.balance - account.charged;
  return {
    value: { channelId: account.channelId ?? channelId, deposited, available: left, transaction: hash ?? null },
    text: `${how} ${Amount.format(deposited)}. You have ${describe(account)} with this seller.`,
  };
};

/** What the deposit is for: the asset that was named, or anything of the first seller. */
async function findAny(context: Context, options: Options, market: Market): Promise<Served> {
  if (typeof options.for === 'string') {
    const { asset } = await findListing(context.home, market, options.for);
    return findServed(context, options, asset.id);
  }
  const all = await readAllServed(context, options);
  const ofFirst = all.filter(({ url }) => url === all[0]?.url);
  // What was made from other assets is paid at an address of its own; the others share one.
  for (const served of ofFirst) {
    const { parents } = await readLineage(market.client, { addresses: market.addresses, asset: served.asset });
    if (parents.length === 0) return served;
  }
  if (all[0]) return all[0];
  throw new NoGatewayError('none is known here that sells anything');
}

/** A deposit of nothing. */
export class NothingError extends BaseError {
  override readonly name = 'deposit.NothingError';
  constructor() {
    super('A deposit of $0.00 moves nothing.', { code: 'usage.amount', hint: 'Put a dollar aside: agorai deposit 1' });
  }
}

function describe({ balance, charged }: ChannelStore.Account): string {
  return `${Amount.format(balance - charged)} for calls`;
}
