import * as Amount from '../../internal/Amount.ts';
import { messageOf } from '../../internal/Errors.ts';
import { createPayer } from '../../pay/createPayer.ts';
import type { Credit } from '../../settle/credits.ts';
import { withdraw } from '../../settle/withdraw.ts';
import { approve } from '../approve.ts';
import { NoGatewayError, readAllServed } from '../findGateway.ts';
import { payToOf } from '../openListings.ts';
import { openSigning, type Signing } from '../openMarket.ts';
import { openWallet } from '../openWallet.ts';
import { readEarnings } from '../readEarnings.ts';
import * as Time from '../Time.ts';
import type { Context, Options, Result, Run } from '../Verb.ts';

/** `agorai withdraw`: what was earned and has waited long enough, or with `--deposit` what calls did not use. */
export const run: Run = async (context, _, options) =>
  options.deposit === true ? withdrawDeposits(context, options) : withdrawEarnings(context, options);

async function withdrawEarnings(context: Context, options: Options): Promise<Result> {
  const market = await openSigning(context, options, 'seller');
  const { client } = market;
  const payee = client.account.address;
  const { query, credits, ready: due, waiting } = await readEarnings(market);
  if (due === 0n) return { value: { payee, amount: 0n, transaction: null }, text: describeWaiting(credits, waiting) };
  const sentences = [`Pay ${Amount.format(due)} of earnings to ${payee}.`];
  if (!(await approve(context, { question: `Withdraw ${Amount.format(due)}`, amount: 0n, sentences }))) {
    return { value: { dryRun: true, amount: due, sentences }, text: 'Nothing was done.' };
  }
  const { amount, hash } = await withdraw(client, query);
  return { value: { payee, amount, transaction: hash }, text: `Withdrew ${Amount.format(amount)} to ${payee}.` };
}

function describeWaiting(all: readonly Credit[], waiting: bigint): string {
  if (waiting === 0n) return 'There is nothing to withdraw.';
  const last = all.reduce((latest, { maturesAt = 0n }) => (maturesAt > latest ? maturesAt : latest), 0n);
  if (last === 0n) return `There is nothing to withdraw yet. ${Amount.format(waiting)} waits to be passed on.`;
  return `There is nothing to withdraw yet. ${Amount.format(waiting)} waits until ${Time.format(last)}.`;
}

/** The seller gives back at once what it did not charge. Its channel is not used again. */
async function withdrawDeposits(context: Context, options: Options): Promise<Result> {
  const market = await openSigning(context, { as: 'buyer', ...options }, 'buyer');
  const setup = await openWallet(context.home, market, { maxPerCall: 0n, maxDeposit: 0n });
  const open = (await setup.store.all()).filter(({ balance, charged }) => balance > charged);
  const total = open.reduce((sum, { balance, charged }) => sum + balance - charged, 0n);
  if (open.length === 0) return { value: { amount: 0n, channels: [] }, text: 'There is no deposit to take back.' };
  const sentences = open.map(({ balance, charged }) => `Take ${Amount.format(balance - charged)} back from a seller.`);
  if (!(await approve(context, { question: `Take back ${Amount.format(total)}`, amount: 0n, sentences }))) {
    return { value: { dryRun: true, amount: total, sentences }, text: 'Nothing was done.' };
  }
  const gateways = await findReceivers(context, options, market);
  const payer = createPayer(setup);
  const channels = [];
  const left = [];
  const failures: unknown[] = [];
  let amount = 0n;
  // One seller that does not agree keeps no other's money.
  for (const { channelId, config, balance, charged } of open) {
    const gateway = gateways.get(config.receiver.toLowerCase());
    try {
      if (!gateway) throw new NoGatewayError('the seller has to agree, and no gateway of it answers here');
      const { transaction } = await payer.refund(new URL('/v1/refund', gateway).href, channelId);
      channels.push({ channelId, transaction });
      amount += balance - charged;
    } catch (error) {
      failures.push(error);
      left.push({ channelId, amount: balance - charged, reason: messageOf(error) });
    }
  }
  if (channels.length === 0) throw failures[0];
  const rest = left.map(({ amount, reason }) => `\n${Amount.format(amount)} was not given back: ${reason}`);
  return { value: { amount, channels, left }, text: `Took back ${Amount.format(amount)}.${rest.join('')}` };
}

/** The gateways by the addresses that calls to them are paid to, in lower case. */
async function findReceivers(
  context: Context,
  options: Options,
  market: Signing,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { seller, asset, url } of await readAllServed(context, options))
    found.set((await payToOf(market, seller, asset)).toLowerCase(), url);
  return found;
}
