import { testDollarAbi } from '../../chain/abi/index.ts';
import * as Amount from '../../internal/Amount.ts';
import * as Asset from '../../publish/Asset.ts';
import { type Credit, credits } from '../../settle/credits.ts';
import { openSigning } from '../openMarket.ts';
import * as Table from '../Table.ts';
import * as Time from '../Time.ts';
import type { Run } from '../Verb.ts';

/** `agorai earnings`: what can be withdrawn, what waits and until when, by account and share. */
export const run: Run = async (context, _, options) => {
  const { client, addresses } = await openSigning(context, options, 'seller');
  const payee = client.account.address;
  const token = { address: addresses.token, abi: testDollarAbi } as const;
  const [all, wallet] = await Promise.all([
    credits(client, {
      vaults: addresses.vaults,
      payee,
      tokens: [addresses.token],
      fromBlock: addresses.deployedAtBlock,
    }),
    client.readContract({ ...token, functionName: 'balanceOf', args: [payee] }),
  ]);
  const ready = sum(all, (credit) => credit.ready + credit.matured);
  const waiting = sum(all, (credit) => credit.waiting);
  const rows = all.map((credit) => [
    describe(credit.account),
    `${credit.row.bps / 100} %`,
    Amount.format(credit.ready + credit.matured),
    Amount.format(credit.waiting),
    credit.maturesAt === undefined ? '' : Time.format(credit.maturesAt),
  ]);
  const total = [
    'total',
    '',
    Amount.format(ready),
    Amount.format(waiting),
    `in your account: ${Amount.format(wallet)}`,
  ];
  return {
    value: { payee, wallet, ready, waiting, credits: all.map(toValue) },
    text: Table.format(
      ['FROM', 'SHARE', 'READY', 'WAITING', 'UNTIL'],
      [...rows, total],
      Table.widthOf(context.environment),
    ),
  };
};

function sum(all: readonly Credit[], amount: (credit: Credit) => bigint): bigint {
  return all.reduce((total, credit) => total + amount(credit), 0n);
}

/** Accounts below 2^160 are sellers, the others assets. */
function describe(account: bigint): string {
  return account >> 160n === 0n ? 'calls' : `licences of ${Asset.short(account)}`;
}

function toValue({ account, splitId, row, ready, matured, waiting, maturesAt }: Credit) {
  return { account, splitId, shareBps: row.bps, ready: ready + matured, waiting, maturesAt: maturesAt ?? null };
}
