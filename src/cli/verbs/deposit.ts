import { explain } from '../../chain/explain.ts';
import * as Amount from '../../internal/Amount.ts';
import { BaseError } from '../../internal/Errors.ts';
import type * as ChannelStore from '../../pay/ChannelStore.ts';
import { depositChannel } from '../../pay/depositChannel.ts';
import * as payChannel from '../../pay/payChannel.ts';
import { approve } from '../approve.ts';
import { askWay, findGateways, NoGatewayError, readServed } from '../findGateway.ts';
import { openSigning } from '../openMarket.ts';
import { openWallet } from '../openWallet.ts';
import type { Run } from '../Verb.ts';

/** `agorai deposit <dollars>`: money for calls to one seller. What is not used can be taken back. */
export const run: Run = async (context, [text = ''], options) => {
  const amount = Amount.fromDollars(text);
  if (amount === 0n) throw new NothingError();
  const market = await openSigning(context, options, 'buyer');
  const [url] = await findGateways(context, options);
  const [served] = url === undefined ? [] : await readServed(url);
  if (!served) throw new NoGatewayError('none is known here that sells anything');
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
