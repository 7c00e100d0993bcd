import type { Address, Hex } from 'viem';
import { count } from '../chain/Words.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';
import * as Terms from '../license/Terms.ts';
import type * as History from './History.ts';
import type * as Report from './Report.ts';

/** What the chain answers about licences when it is asked now. */
export type Places = Terms.Registry & {
  readonly token: Address;
  readonly escrows: Address;
  balanceOf(address: Address): bigint;
  /** Payout address of an asset. */
  payoutOf(asset: bigint): Address;
  /** Atoms in an escrow account of a controller. */
  heldOf(controller: Address, id: Hex): bigint;
};

/**
 * Licences from public data alone: each was paid for at the price of its terms (L6), escrow is exact (R1), and each that
 * changed hands paid the royalty of its terms (R3).
 */
export function checkLicences(state: History.State, chain: Places, collector: Report.Collector): void {
  // Each transfer stands for one payment only.
  const transfers = new Map([...state.transfers].map(([transaction, list]) => [transaction, [...list]]));
  const take = (transaction: Hex, from: Address | undefined, to: Address, amount: bigint): boolean => {
    const list = transfers.get(transaction) ?? [];
    const end = `|${to}|${amount}`.toLowerCase();
    const at = list.findIndex((entry) => entry.endsWith(end) && (!from || entry.startsWith(from.toLowerCase())));
    if (at >= 0) list.splice(at, 1);
    return at >= 0;
  };
  checkPurchases(state, chain, take, collector);
  checkEscrows(state, chain, collector);
  checkResales(state, take, collector);
}

type Take = (transaction: Hex, from: Address | undefined, to: Address, amount: bigint) => boolean;

/** A licence was paid for, in the transaction that sold it, to the payout address of the asset or into escrow. */
function checkPurchases(state: History.State, chain: Places, take: Take, collector: Report.Collector): void {
  for (const [termsId, terms] of state.terms) {
    collector.equal('L6', 'identity of terms on offer', termsId, Terms.idOf(chain, terms));
  }
  for (const { transaction, termsId, holder } of state.purchases) {
    const terms = state.terms.get(termsId);
    if (terms && (terms.price === 0n || !isSameAddress(terms.currency, chain.token))) continue;
    const to = terms && (terms.refundPolicy === 0 ? chain.payoutOf(terms.asset) : chain.escrows);
    const paid = terms && to && take(transaction, undefined, to, terms.price);
    const expected = terms ? `a transfer of ${terms.price} atoms to ${to}` : 'terms that were offered';
    collector.holds('L6', `licence ${termsId} of ${holder}`, paid === true, expected, 'none');
  }
  collector.prove('L6', `each of ${count(state.purchases.length, 'licence')} was paid for at the price of its terms`);
}

/** What was paid into escrow for a licence was refunded to its holder, released to the seller, or is still there. */
function checkEscrows(state: History.State, chain: Places, collector: Report.Collector): void {
  let owed = 0n;
  for (const { controller, id, deposited, paid } of state.escrows.values()) {
    const held = deposited - paid;
    owed += held;
    collector.equal('R1', `escrow account ${id}`, held, chain.heldOf(controller, id));
    if (!isSameAddress(controller, chain.licenses)) continue;
    const { refunded, released } = state.returns.get(id) ?? { refunded: 0n, released: 0n };
    collector.equal('R1', `refunds and releases of escrow account ${id}`, refunded + released, paid);
  }
  const balance = chain.balanceOf(chain.escrows);
  collector.holds('R1', 'the escrow', balance >= owed, `at least ${owed}`, `${balance}`);
  collector.prove('R1', `the escrow holds the ${owed} atoms that were neither refunded nor released`);
}

/** A sale paid its royalty and its seller; a revival paid the royalty of a period. */
function checkResales(state: History.State, take: Take, collector: Report.Collector): void {
  for (const { tokenId, transaction, payer, price, royalty, seller } of state.resales) {
    const subject = `licence ${tokenId}`;
    const rules = state.rules.get(tokenId >> 96n);
    const terms = rules && state.terms.get(rules.termsId);
    if (!rules || !terms) {
      collector.holds('R3', subject, false, 'terms that were registered', 'none');
      continue;
    }
    const base = price > terms.price ? price : terms.price;
    collector.equal('R3', `royalty of ${subject}`, (base * BigInt(terms.resaleRoyaltyBps)) / 10_000n, royalty);
    const isPaid = royalty === 0n || take(transaction, payer, rules.payout, royalty);
    collector.holds('R3', subject, isPaid, `a royalty of ${royalty} atoms to ${rules.payout}`, 'none');
    const rest = price - royalty;
    const isSold = seller === undefined || rest === 0n || take(transaction, payer, seller, rest);
    collector.holds('R3', subject, isSold, `${rest} atoms to ${seller}`, 'none');
  }
  collector.prove('R3', `the royalty of the terms was paid at each of ${count(state.resales.length, 'resale')}`);
}
