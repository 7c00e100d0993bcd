/** Reference model of the token, as far as the other models move it. */
import type { Address } from 'viem';
import { type Call, must, type View } from './Model.ts';

export type Dollars = { readonly balances: Map<string, bigint>; readonly allowances: Map<string, bigint> };

export function empty(): Dollars {
  return { balances: new Map(), allowances: new Map() };
}

export function balanceOf({ balances }: Dollars, account: Address): bigint {
  return balances.get(account.toLowerCase()) ?? 0n;
}

export function mint(dollars: Dollars, to: Address, amount: bigint): void {
  dollars.balances.set(to.toLowerCase(), balanceOf(dollars, to) + amount);
}

export function move(dollars: Dollars, from: Address, to: Address, amount: bigint): void {
  const held = balanceOf(dollars, from);
  must(held >= amount, 'ERC20InsufficientBalance', from, held, amount);
  dollars.balances.set(from.toLowerCase(), held - amount);
  mint(dollars, to, amount);
}

export function approve({ allowances }: Dollars, owner: Address, spender: Address, amount: bigint): void {
  allowances.set(`${owner}/${spender}`.toLowerCase(), amount);
}

/** A transfer by somebody who was allowed it. */
export function spend(dollars: Dollars, spender: Address, from: Address, to: Address, amount: bigint): void {
  const allowed = dollars.allowances.get(`${from}/${spender}`.toLowerCase()) ?? 0n;
  must(allowed >= amount, 'ERC20InsufficientAllowance', spender, allowed, amount);
  approve(dollars, from, spender, allowed - amount);
  move(dollars, from, to, amount);
}

/** The balance of everybody who was ever paid. */
export function views({ balances }: Dollars): readonly View[] {
  return [...balances].map(([account, expected]) => ({
    functionName: 'TestDollar.balanceOf',
    args: [account],
    expected,
  }));
}

/** Carries out a call of the token. Says whether it was one. */
export function perform(dollars: Dollars, { from, functionName, args }: Call): boolean {
  const [account, amount] = args as [Address, bigint];
  if (functionName === 'TestDollar.mint') mint(dollars, account, amount);
  else if (functionName === 'TestDollar.approve') approve(dollars, from, account, amount);
  else return false;
  return true;
}
