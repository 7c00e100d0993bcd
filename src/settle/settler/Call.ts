/**
 * What a settler may send: a list of contracts and methods, of collectors and of receivers. The gateway faces the
 * internet and writes what the settler reads, so everything is checked here once more, and nothing else is ever signed.
 */
import type { Address, Hex } from 'viem';
import { decodeFunctionData, encodeFunctionData } from 'viem/utils';
import type * as Addresses from '../../chain/Addresses.ts';
import { channelsAbi, logsAbi, testDollarAbi, vaultsAbi } from '../../chain/abi/index.ts';
import { BaseError } from '../../internal/Errors.ts';
import { isSameAddress } from '../../internal/isSameAddress.ts';
import * as Channel from '../../pay/Channel.ts';

/** A call that is ready to be sent. */
export type Call = {
  readonly to: Address;
  readonly data: Hex;
  /** Atoms that leave the seller's side: what a refund or a credit note gives back. */
  readonly atoms: bigint;
};

/** Facts that the allow-list is made of. */
export type Limits = {
  readonly addresses: Addresses.Addresses;
  readonly tokens: readonly Address[];
  /** Payout addresses of the seller. */
  readonly receivers: readonly Address[];
  /** Contract that authorises claims and refunds for the seller. */
  readonly authorizer: Address;
};

const abi = [...channelsAbi, ...vaultsAbi, ...logsAbi, ...testDollarAbi] as const;

/** Methods of each contract that may be called, and of those that may stand inside `multicall`. */
const methods = {
  settlement: ['deposit', 'claimWithSignature', 'multicall'],
  multicall: ['claimWithSignature', 'refundWithSignature'],
  vaults: ['harvest', 'refund'],
  logs: ['post'],
  token: ['transferWithAuthorization'],
} as const;

/** Call of `Channels.multicall` with calls of the same contract. */
export function multicall(settlement: Address, parts: readonly Hex[], atoms: bigint): Call {
  const data = encodeFunctionData({ abi: channelsAbi, functionName: 'multicall', args: [parts] });
  return { to: settlement, data, atoms };
}

/** Throws unless the contract and the method of a call are on the list. */
export function assertMethod(call: Call, limits: Limits): void {
  const { addresses, tokens } = limits;
  const name = nameOf(call.data);
  const allowed: readonly string[] = isSameAddress(call.to, addresses.settlement)
    ? methods.settlement
    : isSameAddress(call.to, addresses.vaults)
      ? methods.vaults
      : isSameAddress(call.to, addresses.logs)
        ? methods.logs
        : includes(tokens, call.to)
          ? methods.token
          : [];
  if (!allowed.includes(name)) throw new NotAllowedError(`the method ${name} of ${call.to}`);
  if (name !== 'multicall') return;
  const decoded = decodeFunctionData({ abi: channelsAbi, data: call.data });
  const parts = decoded.functionName === 'multicall' ? decoded.args[0] : [];
  for (const part of parts)
    if (!(methods.multicall as readonly string[]).includes(nameOf(part)))
      throw new NotAllowedError(`the method ${nameOf(part)} inside multicall`);
}

/** Throws unless a channel pays one of the seller's payout addresses, in an allowed token, under its authorizer. */
export function assertChannel(config: Channel.Config, id: Hex, limits: Limits): void {
  const place = { chainId: limits.addresses.chainId, settlement: limits.addresses.settlement };
  if (!isSameAddress(Channel.idOf(config, place), id))
    throw new NotAllowedError(`the channel id ${id}, which is another's`);
  assertReceiver(config.receiver, limits);
  assertToken(config.token, limits);
  if (!isSameAddress(config.receiverAuthorizer, limits.authorizer))
    throw new NotAllowedError(`the authorizer ${config.receiverAuthorizer}`);
}

/** Throws unless money sent to an address is the seller's. */
export function assertReceiver(receiver: Address, limits: Limits): void {
  if (!includes(limits.receivers, receiver)) throw new NotAllowedError(`the receiver ${receiver}`);
}

/** Throws unless a token is one the seller takes. */
export function assertToken(token: Address, limits: Limits): void {
  if (!includes(limits.tokens, token)) throw new NotAllowedError(`the token ${token}`);
}

/** Throws unless a collector is one of the two known. */
export function assertCollector(collector: Address, limits: Limits): void {
  const { erc3009Collector, allowanceCollector } = limits.addresses;
  if (!includes([erc3009Collector, allowanceCollector], collector))
    throw new NotAllowedError(`the collector ${collector}`);
}

function nameOf(data: Hex): string {
  try {
    return decodeFunctionData({ abi, data }).functionName;
  } catch {
    return data.slice(0, 10);
  }
}

function includes(list: readonly Address[], item: Address): boolean {
  return list.some((candidate) => isSameAddress(candidate, item));
}

/** Something outside of what a settler may do. */
export class NotAllowedError extends BaseError {
  override readonly name = 'Call.NotAllowedError';
  constructor(what: string) {
    super(`The settler is not allowed to use ${what}.`, {
      code: 'settler.not_allowed',
      docsPath: 'settle.md',
      hint: 'Only the accounts, tokens, methods and daily caps of its configuration are allowed.',
    });
  }
}
