import { type Address, defineChain, type Chain as ViemChain } from 'viem';
import { BaseError } from '../internal/Errors.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';

/** A chain that Agorai can run on. */
export type Chain = ViemChain;

/** Multicall3 stands at this address on every chain listed here. */
export const multicall3: Address = '0xcA11bde05977b3631167028862bE2a173976CA11';

/** Id of the local chain, and of no public one. */
export const localId = 31337;

const ether = { name: 'Ether', symbol: 'ETH', decimals: 18 } as const;

function define(id: number, name: string, rpcUrl: string): Chain {
  return defineChain({
    id,
    name,
    nativeCurrency: ether,
    rpcUrls: { default: { http: [rpcUrl] } },
    contracts: { multicall3: { address: multicall3 } },
  });
}

/** The local chain of `startDevchain`. Its money is practice money. */
export const local = define(localId, 'Local', 'http://127.0.0.1:8545');
/** Base. */
export const base = define(8453, 'Base', 'https://mainnet.base.org');
/** Base Sepolia, a test network. */
export const baseSepolia = define(84532, 'Base Sepolia', 'https://sepolia.base.org');
/** Arbitrum One. */
export const arbitrum = define(42161, 'Arbitrum One', 'https://arb1.arbitrum.io/rpc');
/** Arbitrum Sepolia, a test network. */
export const arbitrumSepolia = define(421614, 'Arbitrum Sepolia', 'https://sepolia-rollup.arbitrum.io/rpc');

const chains: readonly Chain[] = [local, base, baseSepolia, arbitrum, arbitrumSepolia];

const dollars: Readonly<Record<number, Address>> = {
  [base.id]: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  [baseSepolia.id]: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  [arbitrum.id]: '0xaf88d065e77c8cC2239327C5EDb3A432268e5831',
  [arbitrumSepolia.id]: '0x75faf114eafb1BDbe2F0316DF893fd58CE46AA4d',
};

/** The chain of an id. */
export function fromId(id: number): Chain {
  const chain = chains.find((candidate) => candidate.id === id);
  if (!chain) throw new UnknownError({ id, known: chains });
  return chain;
}

/** The address of USDC on a public chain. The local chain has a TestDollar instead, whose address follows from its code. */
export function dollarOf(id: number): Address | undefined {
  return dollars[id];
}

/** Whether a chain is the local one. */
export function isLocal(id: number): boolean {
  return id === localId;
}

/**
 * Checks that an RPC address may be spoken to: https anywhere, plain http on this machine only, because whoever stands
 * in between could otherwise answer in the chain's name.
 */
export function assertRpcUrl(rpcUrl: string): void {
  const url = URL.canParse(rpcUrl) ? new URL(rpcUrl) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) throw new RpcUrlError();
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) throw new PlainHttpError({ host: url.host });
}

/** Checks that the local chain is only ever found on this machine: anyone can make a chain with its id. */
export function assertPlace(id: number, rpcUrl: string): void {
  if (!URL.canParse(rpcUrl)) throw new RpcUrlError();
  const { hostname, host } = new URL(rpcUrl);
  if (isLocal(id) && !isLoopback(hostname)) throw new RemoteLocalError({ host });
}

/**
 * Checks that an account is not one of the ten whose keys every development node publishes, unless the chain is local.
 */
export function assertAccount(id: number, account: Address): void {
  if (isLocal(id)) return;
  if (practiceAccounts.some((practice) => isSameAddress(practice, account)))
    throw new PracticeAccountError({ account, id });
}

/** The accounts of the phrase `test test test test test test test test test test test junk`. Everybody has their keys. */
export const practiceAccounts: readonly Address[] = [
  '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
  '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
  '0x90F79bf6EB2c4f870365E785982E1f101E93b906',
  '0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65',
  '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc',
  '0x976EA74026E726554dB657fA54763abd0C3a0aa9',
  '0x14dC79964da2C08b23698B3D3cc7Ca32193d9955',
  '0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f',
  '0xa0Ee7A142d267C1f36714E4a8F75612F20a79720',
];

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** A chain id that this version does not know. */
export class UnknownError extends BaseError {
  override readonly name = 'Chain.UnknownError';
  constructor(options: { id: number; known: readonly Chain[] }) {
    super(`Chain ${options.id} is not known.`, {
      code: 'chain.unknown',
      metaMessages: options.known.map((chain) => `${chain.id}: ${chain.name}`),
      hint: 'Choose one of these chains.',
    });
  }
}

/** An RPC address that is none. It is not repeated, because such addresses often carry a secret. */
export class RpcUrlError extends BaseError {
  override readonly name = 'Chain.RpcUrlError';
  constructor() {
    super('The RPC address is not an http or https URL.', {
      code: 'chain.rpc_url',
      hint: 'Give one such as https://mainnet.base.org or http://127.0.0.1:8545.',
    });
  }
}

/** Plain http to another machine. */
export class PlainHttpError extends BaseError {
  override readonly name = 'Chain.PlainHttpError';
  constructor(options: { host: string }) {
    super(`The RPC at ${options.host} is asked over plain http, so anyone on the way could forge its answers.`, {
      code: 'chain.plain_http',
      hint: 'Use https, or a node on this machine.',
    });
  }
}

/** A node elsewhere that says it is the local chain. */
export class RemoteLocalError extends BaseError {
  override readonly name = 'Chain.RemoteLocalError';
  constructor(options: { host: string }) {
    super(`The node at ${options.host} says it is the local chain (${localId}) but is not on this machine.`, {
      code: 'chain.remote_local',
      hint: 'Use the local chain by a loopback address, or name a public chain.',
    });
  }
}

/** A published development key on a chain with real money. */
export class PracticeAccountError extends BaseError {
  override readonly name = 'Chain.PracticeAccountError';
  constructor(options: { account: Address; id: number }) {
    super(`Account ${options.account} is a practice account: everybody has its key.`, {
      code: 'chain.practice_account',
      hint: `Use your own account on chain ${options.id}.`,
    });
  }
}
