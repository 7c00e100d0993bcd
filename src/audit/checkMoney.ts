import type { Address } from 'viem';
import { count } from '../chain/Words.ts';
import * as Split from '../settle/Split.ts';
import type * as History from './History.ts';
import type * as Report from './Report.ts';

/** What the chain answers when it is asked now; every number is compared with the replay of events. */
export type Balances = {
  readonly supply: bigint;
  balanceOf(address: Address): bigint;
  channel(id: string): { balance: bigint; claimed: bigint };
  readonly settlement: Address;
  readonly vaults: Address;
};

/**
 * Money from public data alone: conservation of the token (X13), of every channel and receiver (C1, C6), of the vaults
 * and of every split to the atom (P2, X8).
 */
export function checkMoney(state: History.State, chain: Balances, collector: Report.Collector): void {
  checkToken(state, chain, collector);
  checkChannels(state, chain, collector);
  checkVaults(state, chain, collector);
  checkSplits(state, collector);
}

function checkToken(state: History.State, chain: Balances, collector: Report.Collector): void {
  let sum = 0n;
  for (const [address, balance] of state.balances) {
    sum += balance;
    collector.equal('X13', `balance of ${address}`, balance, chain.balanceOf(address as Address));
  }
  collector.equal('X13', 'all balances together', state.minted, sum);
  collector.equal('X13', 'supply of the token', state.minted, chain.supply);
  collector.prove(
    'X13',
    `${state.balances.size} balances follow from the transfers and add up to the supply of ${state.minted} atoms`,
  );
}

function checkChannels(state: History.State, chain: Balances, collector: Report.Collector): void {
  let locked = 0n;
  for (const [id, channel] of state.channels) {
    const onChain = chain.channel(id);
    const remaining = channel.deposited - channel.refunded - channel.withdrawn;
    collector.equal('C6', `deposits of channel ${id} less what left it`, remaining, onChain.balance);
    collector.equal('C6', `claims of channel ${id}`, channel.claimed, onChain.claimed);
    collector.holds('C2', `channel ${id}`, channel.claimed <= remaining, `at most ${remaining}`, `${channel.claimed}`);
    locked += remaining - channel.claimed;
  }
  for (const [key, receiver] of state.receivers) {
    const rest = receiver.claimed - receiver.settled;
    collector.holds(
      'C5',
      `receiver ${key}`,
      rest >= 0n,
      'settled at most what was claimed',
      `${receiver.settled} of ${receiver.claimed}`,
    );
    locked += rest;
  }
  const held = chain.balanceOf(chain.settlement);
  collector.holds('C1', 'the settlement contract', held >= locked, `at least ${locked}`, `${held}`);
  collector.prove('C1', `the settlement contract holds the ${locked} atoms that its channels and receivers are owed`);
  collector.prove('C6', `${count(state.channels.size, 'channel')}: deposits = claims + refunds + withdrawals + rest`);
}

function checkVaults(state: History.State, chain: Balances, collector: Report.Collector): void {
  let owed = 0n;
  for (const [id, account] of state.accounts) {
    const waiting = account.harvested - account.matured - account.refunded;
    collector.holds(
      'P2',
      `account ${id}`,
      waiting >= 0n,
      'matured and refunded at most what was harvested',
      `${-waiting} more`,
    );
    owed += account.harvested - account.refunded;
  }
  for (const { withdrawn } of state.splits.values()) for (const amount of withdrawn.values()) owed -= amount;
  const held = chain.balanceOf(chain.vaults);
  collector.holds('P2', 'the vaults', held >= owed, `at least ${owed}`, `${held}`);
  collector.prove('P2', `the vaults hold the ${owed} atoms that were harvested and not yet paid out or given back`);
}

function checkSplits(state: History.State, collector: Report.Collector): void {
  let rows = 0;
  let passedOn = 0n;
  for (const [id, { split, accrued, withdrawn, passed }] of state.splits) {
    if (!split) {
      collector.holds('X8', `split ${id}`, accrued === 0n, 'a configuration with this identity', 'none');
      continue;
    }
    collector.equal('X8', 'identity of a split', id, Split.resolvedId(split));
    const credits = Split.credits(split, accrued);
    const earned = credits.reduce((sum, credit) => sum + credit, 0n);
    collector.holds(
      'X8',
      `split ${id}`,
      accrued - earned < BigInt(credits.length),
      'dust below one atom a payee',
      `${accrued - earned}`,
    );
    for (const [index, { account }] of split.upstream.entries()) {
      const credit = credits[index] ?? 0n;
      const gone = passed.get(index) ?? 0n;
      collector.holds('X8', `asset ${account} in split ${id}`, gone <= credit, `at most ${credit}`, `${gone}`);
      passedOn += gone;
    }
    for (const { index, payee } of Split.rows(split)) {
      rows++;
      const credit = credits[index] ?? 0n;
      const paid = withdrawn.get(index) ?? 0n;
      collector.holds('X8', `payee ${payee} of split ${id}`, paid <= credit, `at most ${credit}`, `${paid}`);
    }
  }
  collector.prove('X8', `${rows} shares of ${state.splits.size} splits were paid at most their part of what matured`);
  collector.prove(
    'X8',
    `${passedOn} atoms were passed on to assets that others were made from, each at most its share`,
  );
}

/** What each party earned and withdrew, over all splits. What waits to be passed on counts where it arrives. */
export function payeesOf(state: History.State): readonly Report.Payee[] {
  const payees = new Map<string, { account: Address; bps: number; earned: bigint; withdrawn: bigint }>();
  for (const { split, accrued, withdrawn } of state.splits.values()) {
    if (!split || accrued === 0n) continue;
    const credits = Split.credits(split, accrued);
    for (const { index, payee, bps } of Split.rows(split)) {
      const row = payees.get(payee.toLowerCase()) ?? { account: payee, bps, earned: 0n, withdrawn: 0n };
      row.earned += credits[index] ?? 0n;
      row.withdrawn += withdrawn.get(index) ?? 0n;
      payees.set(payee.toLowerCase(), row);
    }
  }
  return [...payees.values()];
}
