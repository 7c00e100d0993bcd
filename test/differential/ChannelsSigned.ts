/** What payers and receivers sign for Channels, by the EIP-712 types of its interface. */
import { type Address, decodeAbiParameters, encodeAbiParameters, type Hex, hashTypedData } from 'viem';
import type { Person, Stage } from './openStage.ts';

export type Config = {
  readonly payer: Address;
  readonly payerAuthorizer: Address;
  readonly receiver: Address;
  readonly receiverAuthorizer: Address;
  readonly token: Address;
  readonly withdrawDelay: number;
  readonly salt: Hex;
};
type Row = {
  readonly voucher: { readonly channel: Config; readonly maxClaimableAmount: bigint };
  readonly totalClaimed: bigint;
};

const types = {
  ChannelConfig: members(
    'address payer,address payerAuthorizer,address receiver,address receiverAuthorizer,address token,uint40 withdrawDelay,bytes32 salt',
  ),
  Voucher: members('bytes32 channelId,uint128 maxClaimableAmount'),
  Refund: members('bytes32 channelId,uint256 nonce,uint128 amount'),
  ClaimEntry: members('bytes32 channelId,uint128 maxClaimableAmount,uint128 totalClaimed'),
  ClaimBatch: members('ClaimEntry[] claims'),
  Deposit: members('bytes32 channelId,address token,uint256 amount,uint256 nonce,uint256 deadline'),
};

export function idOf(stage: Stage, config: Config): Hex {
  return digest(stage, 'ChannelConfig', config);
}

export function voucherDigest(stage: Stage, channelId: Hex, maxClaimableAmount: bigint): Hex {
  return digest(stage, 'Voucher', { channelId, maxClaimableAmount });
}

export function refundDigest(stage: Stage, channelId: Hex, nonce: bigint, amount: bigint): Hex {
  return digest(stage, 'Refund', { channelId, nonce, amount });
}

export function batchDigest(stage: Stage, rows: readonly Row[]): Hex {
  const claims = rows.map(({ voucher: { channel, maxClaimableAmount }, totalClaimed }) => ({
    channelId: idOf(stage, channel),
    maxClaimableAmount,
    totalClaimed,
  }));
  return digest(stage, 'ClaimBatch', { claims });
}

export function depositDigest(stage: Stage, channelId: Hex, amount: bigint, nonce: bigint, deadline: bigint): Hex {
  const { token, allowanceCollector: verifyingContract } = stage.addresses;
  const domain = { name: 'Agorai Allowance Collector', version: '1', chainId: 31337, verifyingContract };
  return hashTypedData({
    domain,
    types,
    primaryType: 'Deposit',
    message: { channelId, token, amount, nonce, deadline },
  });
}

const depositData = [{ type: 'uint256' }, { type: 'uint256' }, { type: 'bytes' }] as const;

export async function signDeposit(
  stage: Stage,
  channelId: Hex,
  amount: bigint,
  nonce: bigint,
  deadline: bigint,
  signer: Person,
) {
  const signature = await signer.sign({ hash: depositDigest(stage, channelId, amount, nonce, deadline) });
  return encodeAbiParameters(depositData, [nonce, deadline, signature]);
}

export function parseDeposit(data: Hex) {
  const [nonce, deadline, signature] = decodeAbiParameters(depositData, data);
  return { nonce, deadline, signature };
}

function digest({ addresses }: Stage, primaryType: keyof typeof types, message: Record<string, unknown>): Hex {
  const domain = {
    name: 'x402 Batch Settlement',
    version: '1',
    chainId: 31337,
    verifyingContract: addresses.settlement,
  };
  return hashTypedData({ domain, types, primaryType, message });
}

function members(text: string): { name: string; type: string }[] {
  return text.split(',').map((member) => {
    const [type = '', name = ''] = member.split(' ');
    return { name, type };
  });
}
