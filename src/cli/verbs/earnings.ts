import { testDollarAbi } from '../../chain/abi/index.ts';
import * as Amount from '../../internal/Amount.ts';
import * as Asset from '../../publish/Asset.ts';
import type { Credit } from '../../settle/credits.ts';
import * as Split from '../../settle/Split.ts';
import { openSigning } from '../openMarket.ts';
import { readEarnings } from '../readEarnings.ts';
import * as Table from '../Table.ts';
import * as Time from '../Time.ts';
import type { Run } from '../Verb.ts';

/** `agorai earnings`: what can be withdrawn, what waits and until when, by account and share, and by lineage. */
export const run: Run = async (context, _, options) => {
  const market = await openSigning(context, options, 'seller');
  const { client, addresses } = market;
  const payee = client.account.address;
  const token = { address: addresses.token, abi: testDollarAbi } as const;
  const [{ credits, passing, ready, waiting }, wallet] = await Promise.all([
    readEarnings(market),
    client.readContract({ ...token, functionName: 'balanceOf', args: [payee] }),
  ]);
  const rows = credits.map((credit) => [
    describe(credit.account),
    percent(credit.row.parts),
    Amount.format(credit.ready + credit.matured),
    Amount.format(credit.waiting),
    credit.maturesAt === undefined ? '' : `until ${Time.format(credit.maturesAt)}`,
  ]);
  const passed = passing.map((one) => [
    `passed on by ${Asset.short(one.from)} to ${Asset.short(one.account)}`,
    percent(one.parts),
    Amount.format(one.ready),
    Amount.format(one.waiting),
    `${Amount.format(one.passed)} was passed on before`,
  ]);
  return {
    value: { payee, wallet, ready, waiting, credits: credits.map(toValue), passing },
    text: toText([...rows, ...passed], { ready, waiting, wallet }, Table.widthOf(context.environment)),
  };
};

type Sums = { readonly ready: bigint; readonly waiting: bigint; readonly wallet: bigint };

function toText(rows: readonly (readonly string[])[], { ready, waiting, wallet }: Sums, width: number): string {
  const held = Amount.format(wallet);
  if (rows.length === 0) return `Nothing waits and nothing is ready to be withdrawn. Your account holds ${held}.`;
  const total = ['total', '', Amount.format(ready), Amount.format(waiting), `in your account: ${held}`];
  return Table.format(['FROM', 'SHARE', 'READY', 'WAITING', ''], [...rows, total], width);
}

/** A share in everything that an account earns, what assets that it was made from get included. */
function percent(parts: number): string {
  return `${(100 * parts) / Split.whole ** 2} %`;
}

/** Accounts below 2^160 are sellers, the others assets. */
function describe(account: bigint): string {
  return account >> 160n === 0n ? 'calls' : `asset ${Asset.short(account)}`;
}

function toValue({ account, splitId, row, ready, matured, waiting, maturesAt }: Credit) {
  return { account, splitId, shareBps: row.bps, ready: ready + matured, waiting, maturesAt: maturesAt ?? null };
}
