/**
 * Writes test/vectors/receipts.json: one sample of each struct that receipt keys sign, with its EIP-712 hashes and a
 * signature, so that Solidity and TypeScript are held to the same bytes. Run it when the format changes, which it never
 * should: `node scripts/gen-receipt-vectors.ts`.
 */
import { writeFileSync } from 'node:fs';
import {
  concat,
  domainSeparator,
  type Hex,
  hashStruct,
  hashTypedData,
  keccak256,
  type TypedData,
  zeroAddress,
  zeroHash,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

const privateKey: Hex = `0x${'1'.padStart(64, '0')}`;
const signer = privateKeyToAccount(privateKey);
const domain = {
  name: 'Agorai',
  version: '1',
  chainId: 31337,
  verifyingContract: '0x00000000000000000000000000000000000a90a1',
} as const;

const types = {
  Receipt: [
    { name: 'seller', type: 'address' },
    { name: 'rail', type: 'uint8' },
    { name: 'account', type: 'bytes32' },
    { name: 'payer', type: 'address' },
    { name: 'agent', type: 'address' },
    { name: 'requestId', type: 'bytes32' },
    { name: 'seq', type: 'uint64' },
    { name: 'prev', type: 'bytes32' },
    { name: 'requestHash', type: 'bytes32' },
    { name: 'responseHash', type: 'bytes32' },
    { name: 'asset', type: 'uint256' },
    { name: 'version', type: 'uint32' },
    { name: 'manifestRoot', type: 'bytes32' },
    { name: 'quoteHash', type: 'bytes32' },
    { name: 'token', type: 'address' },
    { name: 'payTo', type: 'address' },
    { name: 'inputUnits', type: 'uint64' },
    { name: 'outputUnits', type: 'uint64' },
    { name: 'price', type: 'uint128' },
    { name: 'cumulative', type: 'uint128' },
    { name: 'startedAt', type: 'uint64' },
    { name: 'ttftMs', type: 'uint32' },
    { name: 'totalMs', type: 'uint32' },
    { name: 'status', type: 'uint8' },
  ],
  ReceiptBatch: [{ name: 'root', type: 'bytes32' }],
  Quote: [
    { name: 'seller', type: 'address' },
    { name: 'asset', type: 'uint256' },
    { name: 'version', type: 'uint32' },
    { name: 'termsId', type: 'bytes32' },
    { name: 'manifestRoot', type: 'bytes32' },
    { name: 'token', type: 'address' },
    { name: 'payTo', type: 'address' },
    { name: 'perCall', type: 'uint128' },
    { name: 'perInputToken', type: 'uint128' },
    { name: 'perOutputToken', type: 'uint128' },
    { name: 'perSecond', type: 'uint128' },
    { name: 'perImage', type: 'uint128' },
    { name: 'perByte', type: 'uint128' },
    { name: 'validUntil', type: 'uint64' },
    { name: 'nonce', type: 'bytes32' },
  ],
  CreditNote: [
    { name: 'receipt', type: 'bytes32' },
    { name: 'amount', type: 'uint128' },
  ],
  Head: [
    { name: 'seller', type: 'address' },
    { name: 'log', type: 'uint32' },
    { name: 'epoch', type: 'uint64' },
    { name: 'size', type: 'uint64' },
    { name: 'root', type: 'bytes32' },
  ],
} as const satisfies TypedData;

/** A value of 32 bytes that is different for each name. */
const word = (name: string): Hex => keccak256(new TextEncoder().encode(name));

const receipt = {
  seller: signer.address,
  rail: 1,
  account: word('channel'),
  payer: '0x00000000000000000000000000000000000000b1',
  agent: '0x00000000000000000000000000000000000000a6',
  requestId: word('request id'),
  seq: 1n,
  prev: zeroHash,
  requestHash: word('request'),
  responseHash: word('response'),
  asset: BigInt(word('asset')),
  version: 3,
  manifestRoot: word('manifest'),
  quoteHash: word('quote'),
  token: '0x00000000000000000000000000000000000000f0',
  payTo: '0x00000000000000000000000000000000000000fa',
  inputUnits: 1_200n,
  outputUnits: 340n,
  price: 1_234n,
  cumulative: 1_234n,
  startedAt: 1_800_000_000_123n,
  ttftMs: 41,
  totalMs: 903,
  status: 0,
} as const;
const second = {
  ...receipt,
  agent: zeroAddress,
  requestId: word('second request id'),
  seq: 2n,
  prev: hashStruct({ data: receipt, primaryType: 'Receipt', types }),
  price: (1n << 128n) - 1n,
  cumulative: (1n << 128n) - 1n,
  status: 4,
} as const;
const quote = {
  seller: signer.address,
  asset: BigInt(word('asset')),
  version: 3,
  termsId: word('terms'),
  manifestRoot: word('manifest'),
  token: '0x00000000000000000000000000000000000000f0',
  payTo: '0x00000000000000000000000000000000000000fa',
  perCall: 10n,
  perInputToken: 250_000n,
  perOutputToken: 1_000_000n,
  perSecond: 0n,
  perImage: 5_000_000_000n,
  perByte: 7n,
  validUntil: 1_800_003_600n,
  nonce: word('nonce'),
} as const;
const head = { seller: signer.address, log: 7, epoch: 1n, size: 2n, root: word('log root') } as const;

type Name = keyof typeof types;

async function sample(primaryType: Name, message: Record<string, unknown>) {
  const data = { domain, types, primaryType, message } as Parameters<typeof hashTypedData>[0];
  return {
    message,
    structHash: hashStruct({ data: message, primaryType, types: types as TypedData }),
    digest: hashTypedData(data),
    signature: await signer.signTypedData(data as Parameters<typeof signer.signTypedData>[0]),
  };
}

/** The root over two leaves: pairs are sorted, so that a path needs no directions. */
const pair = (a: Hex, b: Hex): Hex => keccak256(a < b ? concat([a, b]) : concat([b, a]));

const receipts = [await sample('Receipt', receipt), await sample('Receipt', second)];
const leaves = receipts.map(({ structHash }) => structHash) as [Hex, Hex];
const vectors = {
  about: 'EIP-712 structs signed by receipt keys. Generated by scripts/gen-receipt-vectors.ts.',
  privateKey,
  signer: signer.address,
  domain,
  domainSeparator: domainSeparator({ domain }),
  types,
  receipts,
  batchOfOne: { path: [], ...(await sample('ReceiptBatch', { root: leaves[0] })) },
  batchOfTwo: { path: [leaves[1]], ...(await sample('ReceiptBatch', { root: pair(...leaves) })) },
  quote: await sample('Quote', quote),
  creditNote: await sample('CreditNote', { receipt: leaves[0], amount: 1_000n }),
  head: await sample('Head', head),
};

const json = JSON.stringify(vectors, (_, value) => (typeof value === 'bigint' ? value.toString() : value), 2);
writeFileSync(new URL('../test/vectors/receipts.json', import.meta.url), `${json}\n`);
