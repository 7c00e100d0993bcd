import type { Abi, Address, ContractFunctionArgs, ContractFunctionName, Hex } from 'viem';
import { BaseError } from '../internal/Errors.ts';
import type * as contracts from './abi/index.ts';
import { account, count, dollars, duration, id, label, payee, percent, plain, time } from './Words.ts';

type Writing = 'nonpayable' | 'payable';

/** A function of each argument list: overloads give a union of lists, and one row must take them all. */
type Row<args> = (args extends readonly unknown[] ? (row: (...args: [...args]) => string) => void : never) extends (
  row: infer row,
) => void
  ? row
  : never;

/** One sentence for every state-changing function of a contract. A function without one does not compile. */
type Rows<abi extends Abi> = {
  readonly [name in ContractFunctionName<abi, Writing>]: Row<ContractFunctionArgs<abi, Writing, name>>;
};

const allowanceCollector: Rows<typeof contracts.allowanceCollectorAbi> = {
  collect: (payer, _token, amount, channel) =>
    `Move ${dollars(amount)} of ${account(payer)} into channel ${id(channel)}.`,
  revoke: (nonce) => `Make your deposit authorisation number ${nonce} useless.`,
};

const assets: Rows<typeof contracts.assetsAbi> = {
  approve: (to, asset) => `Allow ${account(to)} to transfer your asset ${id(asset)}.`,
  publish: ({ kind, manifestRoot, uri }, attachments) =>
    `Publish a ${kindOf(kind)} with content ${id(manifestRoot)}, described at ${plain(uri)}${attached(attachments)}.`,
  safeTransferFrom: transferAsset,
  setApprovalForAll: (operator, approved) =>
    approved
      ? `Allow ${account(operator)} to transfer every asset of yours.`
      : `No longer allow ${account(operator)} to transfer your assets.`,
  setDelegate: (asset, delegate, powers) =>
    powers === 0
      ? `Take all powers over asset ${id(asset)} from ${account(delegate)}.`
      : `Let ${account(delegate)} ${powersOf(powers)} for asset ${id(asset)} until it is transferred.`,
  transferFrom: transferAsset,
  update: (asset, root, uri, attachments) =>
    `Add a version of asset ${id(asset)} with content ${id(root)}, described at ${plain(uri)}${attached(attachments)}.`,
};

const authorizers: Rows<typeof contracts.authorizersAbi> = {
  deploy: (seller) => `Deploy the contract that answers for ${account(seller)}'s claims.`,
  register: (settler) =>
    BigInt(settler) === 0n
      ? 'Withdraw your settler: only you sign your claims and refunds from now on.'
      : `Let ${account(settler)} sign your claims and refunds. It can move money to you or back to payers, nowhere else.`,
};

const channels: Rows<typeof contracts.channelsAbi> = {
  claim: (rows) =>
    `Claim ${count(rows.length, 'voucher')}, bringing what was ever claimed of these channels to ${claimed(rows)}.`,
  claimWithSignature: (rows) =>
    `Claim ${count(rows.length, 'voucher')}, bringing what was ever claimed of these channels to ${claimed(rows)}.`,
  deposit: ({ payer, receiver, withdrawDelay }, amount) =>
    `Lock ${dollars(amount)} of ${account(payer)} in a channel to ${account(receiver)}. What is not spent can be taken back ${duration(withdrawDelay)} after asking.`,
  finalizeWithdraw: ({ payer }) => `Pay what remains of an announced withdrawal to ${account(payer)}.`,
  initiateWithdraw: ({ payer, withdrawDelay }, amount) =>
    `Announce the withdrawal of ${dollars(amount)} to ${account(payer)}, possible in ${duration(withdrawDelay)}; until then it can still be claimed.`,
  multicall: (calls) => `Do ${count(calls.length, 'call')} in one transaction.`,
  refund: ({ payer }, amount) =>
    `Give up to ${dollars(amount)} of unclaimed money back to ${account(payer)}. Do not use this channel again.`,
  refundWithSignature: ({ payer }, amount) =>
    `Give up to ${dollars(amount)} of unclaimed money back to ${account(payer)}. Do not use this channel again.`,
  settle: (receiver) => `Pay everything claimed for ${account(receiver)} out to it.`,
};

const erc3009Collector: Rows<typeof contracts.erc3009CollectorAbi> = {
  collect: (payer, _token, amount, channel) =>
    `Move ${dollars(amount)} of ${account(payer)} into channel ${id(channel)}.`,
};

const escrows: Rows<typeof contracts.escrowsAbi> = {
  deposit: (_token, account, amount) => `Put ${dollars(amount)} into the escrow account ${id(account)}.`,
  pay: (_token, escrow, to, amount) =>
    `Pay ${dollars(amount)} out of the escrow account ${id(escrow)} to ${account(to)}.`,
};

const licenses: Rows<typeof contracts.licensesAbi> = {
  announceLeave: ({ asset }) =>
    `End your licence of asset ${id(asset)} now. What you have not used can be refunded after three days.`,
  attach: (owner, asset, version) => `Offer version ${version} of asset ${id(asset)} in the name of ${account(owner)}.`,
  buy: (terms, recipient) => buyLicence(terms, recipient),
  buyThrough: (terms, recipient) => `${buyLicence(terms, recipient)} The calling contract pays in its own way.`,
  buyWithAuthorization: (terms, recipient, { from }) => `${buyLicence(terms, recipient)} ${account(from)} pays.`,
  buyWithPermit: (terms, recipient) => buyLicence(terms, recipient),
  close: ({ asset, price, noticePeriod }) =>
    `Stop offering asset ${id(asset)} for ${dollars(price)}. Licences that were sold stay${noticePeriod === 0 ? '' : `, and can be renewed for ${duration(noticePeriod)}`}.`,
  fund: (_token, to, amount) => `Bring ${dollars(amount)} of a purchase to ${account(to)}.`,
  leave: ({ asset }, to) => `Leave your licence of asset ${id(asset)}; what is refunded goes to ${account(to)}.`,
  leaveSettled: ({ asset }, { used }, _seller, _signature, to) =>
    `Leave your licence of asset ${id(asset)} after ${count(used, 'call')}; what is refunded goes to ${account(to)}.`,
  narrow: (asset, rights, duties) =>
    `Limit later offers of asset ${id(asset)} to the rights ${rights}, with at least the duties ${duties}.`,
  offer: ({ asset, version, price, period }) =>
    `Offer version ${version} of asset ${id(asset)} for ${dollars(price)} ${periodOf(period)}. The terms can never change; you can stop offering them.`,
  release: ({ asset }, holder) =>
    `Pay out what has become final of the licence of ${account(holder)} for asset ${id(asset)}.`,
  settleUsage: ({ asset }, { holder, used }) =>
    `Record that ${account(holder)} has used its licence of asset ${id(asset)} for ${count(used, 'call')}.`,
  startTrial: ({ asset, trial }) => `Try asset ${id(asset)} for ${duration(trial)}. You pay nothing.`,
};

const lineages: Rows<typeof contracts.lineagesAbi> = {
  attach: (owner, asset) => `Name what asset ${id(asset)} was made from, in the name of ${account(owner)}, for ever.`,
};

const logs: Rows<typeof contracts.logsAbi> = {
  post: ({ seller, log, epoch, size }) =>
    `Anchor log ${log} of ${account(seller)} with ${count(size, 'receipt')} as of epoch ${epoch}, for good.`,
  register: (key, notBefore, notAfter, cap) =>
    `Let key ${account(key)} sign your receipts from ${time(notBefore)} to ${time(notAfter)} and refund up to ${dollars(cap)} a day.`,
  revoke: (key) => `End the validity of receipt key ${account(key)}. What it signed before stays valid.`,
};

const policy: Rows<typeof contracts.policyAbi> = {
  acceptOwnership: () => 'Become the owner of the policy.',
  renounceOwnership: () => 'Give up the policy for ever: no parameter can be changed any more.',
  set: (name, value) => `Set ${label(name)} to ${value} for records made from now on.`,
  setToken: (token, allowed) => `${allowed ? 'Allow' : 'No longer allow'} offers in token ${account(token)}.`,
  setTreasury: (treasury) => `Pay the protocol fee of shares set from now on to ${account(treasury)}.`,
  transferOwnership: (owner) => `Propose ${account(owner)} as the owner of the policy.`,
};

const resales: Rows<typeof contracts.resalesAbi> = {
  approve: (to, token) => `Allow ${account(to)} to transfer licence ${id(token)}.`,
  buy: (terms, recipient) => `${buyLicence(terms, recipient)} It can be sold on.`,
  buyWithAuthorization: (terms, recipient, _salt, { from }) =>
    `${buyLicence(terms, recipient)} It can be sold on. ${account(from)} pays.`,
  cancel: (token) => `Void every sale of licence ${id(token)} that you have signed.`,
  fund: (_token, to, amount) => `Bring ${dollars(amount)} of a purchase to ${account(to)}.`,
  issue: ({ asset }, recipient) =>
    `Mint the token of a licence of asset ${id(asset)} that was bought for ${account(recipient)}.`,
  resell: ({ tokenId, price }, _signature, recipient) =>
    `Buy licence ${id(tokenId)} from its owner for ${dollars(price)}, royalty included, for ${account(recipient)}.`,
  revive: (token) =>
    `Pay the royalty that licence ${id(token)} owes since it was transferred, so that it is of use again.`,
  safeTransferFrom: transferLicence,
  setApprovalForAll: (operator, approved) =>
    approved
      ? `Allow ${account(operator)} to transfer every licence of yours.`
      : `No longer allow ${account(operator)} to transfer your licences.`,
  transferFrom: transferLicence,
};

const testDollar: Rows<typeof contracts.testDollarAbi> = {
  approve: (spender, value) => `Allow ${account(spender)} to spend ${dollars(value)} of your practice money.`,
  blacklist: (holder) => `Freeze the practice money of ${account(holder)}.`,
  cancelAuthorization: cancel,
  mint: (to, amount) => `Give ${account(to)} ${dollars(amount)} of practice money.`,
  pause: () => 'Stop every payment in practice money.',
  permit,
  receiveWithAuthorization: pay,
  renounceOwnership: () => 'Give up the practice money for ever: nobody can freeze it any more.',
  transfer: (to, value) => `Pay ${dollars(value)} to ${account(to)}.`,
  transferFrom: pay,
  transferOwnership: (owner) => `Make ${account(owner)} the owner of the practice money.`,
  transferWithAuthorization: pay,
  unBlacklist: (holder) => `Free the practice money of ${account(holder)}.`,
  unpause: () => 'Allow payments in practice money again.',
};

const vault: Rows<typeof contracts.vaultAbi> = {
  claim: (of, rows) => `Claim ${count(rows.length, 'voucher')} for ${payee(of)}.`,
  sweep: (of, _token, amount) => `Move ${dollars(amount)} of ${payee(of)} into the vaults.`,
};

const vaults: Rows<typeof contracts.vaultsAbi> = {
  announce: (of, payees) =>
    `Announce that ${payee(of)} will divide its earnings so: ${payees.map(share).join(', ')}. It can be done after its dispute window.`,
  assign: (of, split, index, to) =>
    `Give your ${percent(split.payees[Number(index) - split.upstream.length]?.bps ?? 0)} of what ${payee(of)} earns from now on to ${BigInt(to) === 0n ? 'its owner' : account(to)}.`,
  attach: (owner, asset) => `Set the shares of asset ${id(asset)} in the name of ${account(owner)}.`,
  bind: (asset, upstream) => `Pass on what asset ${id(asset)} earns, for ever: ${upstream.map(passed).join(', ')}.`,
  cascade: ({ upstream }, index) =>
    `Pass on what was earned for ${payee(upstream[Number(index)]?.account ?? 0n)} to those who share in it.`,
  claim: (of, rows) => `Claim ${count(rows.length, 'voucher')} as the owner of ${payee(of)}.`,
  configure: (of, payees, window) =>
    `Divide what ${payee(of)} earns from now on: ${payees.map(share).join(', ')}. Buyers can be refunded for ${duration(window)}.`,
  harvest: (of) => `Collect what ${payee(of)} has earned. It can be withdrawn after the dispute window.`,
  mature: (of) => `Free the earnings of ${payee(of)} whose dispute window is over.`,
  multicall: (calls) => `Do ${count(calls.length, 'call')} in one transaction.`,
  refund: ({ receipt, credit }) =>
    `Refund ${account(receipt.payer)} up to a total of ${dollars(credit)} for a call that cost ${dollars(receipt.price)}.`,
  withdraw: (split, index) => `Pay ${payeeOf(split, index)} its earnings.`,
  withdrawTo: (split, index, _token, to) => `Pay the earnings of ${payeeOf(split, index)} to ${account(to)}.`,
};

const rows = {
  AllowanceCollector: allowanceCollector,
  Assets: assets,
  Authorizers: authorizers,
  Channels: channels,
  Erc3009Collector: erc3009Collector,
  Escrows: escrows,
  Licenses: licenses,
  Lineages: lineages,
  Logs: logs,
  Policy: policy,
  Resales: resales,
  TestDollar: testDollar,
  Vault: vault,
  Vaults: vaults,
} as const;

type Table = typeof rows;

/** `Channels.deposit` and its like: every function of ours that changes state. */
export type FunctionName = { [contract in keyof Table]: `${contract}.${keyof Table[contract] & string}` }[keyof Table];

/** Every function that can be explained. */
export const functionNames: readonly FunctionName[] = Object.entries(rows).flatMap(([contract, functions]) =>
  Object.keys(functions).map((name) => `${contract}.${name}` as FunctionName),
);

/** Says in one sentence what a call of a contract does. */
export function explain(functionName: FunctionName, args: readonly unknown[]): string {
  const [contract = '', name = ''] = functionName.split('.');
  const functions: Record<string, (...args: never[]) => string> | undefined = Object.hasOwn(rows, contract)
    ? rows[contract as keyof Table]
    : undefined;
  const row = functions && Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!row) throw new UnknownFunctionError({ functionName });
  return row(...(args as never[]));
}

export declare namespace explain {
  type ErrorType = UnknownFunctionError;
}

type Terms = ContractFunctionArgs<typeof contracts.licensesAbi, Writing, 'buy'>[0];
type ClaimRows = ContractFunctionArgs<typeof contracts.channelsAbi, Writing, 'claim'>[0];
type Split = ContractFunctionArgs<typeof contracts.vaultsAbi, Writing, 'withdraw'>[0];
type Attachments = ContractFunctionArgs<typeof contracts.assetsAbi, Writing, 'publish'>[1];

function buyLicence({ asset, version, price, period }: Terms, recipient: Address): string {
  return `Buy a licence of version ${version} of asset ${id(asset)} for ${account(recipient)}: ${dollars(price)} ${periodOf(period)}.`;
}

function periodOf(period: number): string {
  return period === 0 ? 'once, without end' : `for ${duration(period)}`;
}

function transferAsset(from: Address, to: Address, asset: bigint): string {
  return `Transfer asset ${id(asset)} from ${account(from)} to ${account(to)}. Every delegated power over it ends.`;
}

function transferLicence(from: Address, to: Address, token: bigint): string {
  return `Transfer licence ${id(token)} from ${account(from)} to ${account(to)}. It is of no use there until the royalty is paid.`;
}

function pay(from: Address, to: Address, value: bigint): string {
  return `Pay ${dollars(value)} from ${account(from)} to ${account(to)}.`;
}

function permit(owner: Address, spender: Address, value: bigint): string {
  return `Allow ${account(spender)} to spend ${dollars(value)} of the practice money of ${account(owner)}.`;
}

function cancel(signer: Address, nonce: Hex): string {
  return `Make payment authorisation ${id(nonce)} of ${account(signer)} useless.`;
}

function claimed(claims: ClaimRows): string {
  return dollars(claims.reduce((sum, row) => sum + row.totalClaimed, 0n));
}

function share({ account: to, bps }: { account: Address; bps: number }): string {
  return `${percent(bps)} to ${BigInt(to) === 0n ? 'the owner' : account(to)}`;
}

function passed({ account: to, bps }: { account: bigint; bps: number }): string {
  return `${percent(bps)} to ${payee(to)}`;
}

function payeeOf({ upstream, payees, owner, treasury }: Split, index: bigint): string {
  const row = payees[Number(index) - upstream.length];
  if (!row) return account(treasury);
  return account(BigInt(row.account) === 0n ? owner : row.account);
}

function attached(attachments: Attachments): string {
  return attachments.length === 0 ? '' : `, with ${count(attachments.length, 'attachment')} (offers, shares, lineage)`;
}

function kindOf(kind: number): string {
  return ['model', 'dataset', 'agent', 'tool', 'compute service'][kind] ?? 'asset of an unknown kind';
}

function powersOf(powers: number): string {
  const names = ['add versions', 'make offers', 'set shares'].filter((_, bit) => (powers >> bit) & 1);
  return names.join(' and ') || 'use unknown powers';
}

/** A function that no contract of ours has. */
export class UnknownFunctionError extends BaseError {
  override readonly name = 'explain.UnknownFunctionError';
  constructor(options: { functionName: string }) {
    super(`There is no function ${options.functionName} to explain.`, {
      code: 'explain.unknown_function',
      hint: 'Name it as contract and function, for example Channels.deposit.',
    });
  }
}
