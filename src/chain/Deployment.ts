import {
  type Abi,
  type Address,
  concatHex,
  encodeDeployData,
  getContractAddress,
  type Hash,
  type Hex,
  hashTypedData,
  size,
  stringToHex,
} from 'viem';
import { BaseError } from '../internal/Errors.ts';
import { type Addresses, x402 } from './Addresses.ts';
import * as abi from './abi/index.ts';
import * as Chain from './Chain.ts';
import { multicall3Runtime } from './Multicall3.ts';

/** The deterministic deployment proxy. It stands on nearly every chain and makes contracts at addresses of their code. */
export const factory = '0x4e59b44847b379578588920cA78FbF26c0B4956C';

/** The same for everybody, so that a contract with given code and arguments exists once on a chain. */
export const salt: Hash = stringToHex('agorai', { size: 32 });

/** Seconds below which no dispute window can be set, fixed in Vaults for ever. */
export const windowFloor = { local: 30, public: 3 * 24 * 60 * 60 } as const;

/** Governed parameters at the start, with the bounds that hold for ever. */
export const parameters = [
  { name: stringToHex('protocolFeeBps', { size: 32 }), value: 0n, min: 0n, max: 500n },
] as const;

/** One thing that must be on the chain. Steps are in order: each needs only what stands before it. */
export type Step =
  /** A contract of ours, made by its constructor at the address that follows from its code. */
  | { readonly kind: 'create'; readonly name: string; readonly address: Address; readonly initcode: Hex }
  /** Local chains: the code another step made, copied to the address it has on public chains. */
  | { readonly kind: 'copy'; readonly name: string; readonly address: Address; readonly source: Address }
  /** Local chains: known code put at the address it has on public chains. */
  | { readonly kind: 'place'; readonly name: string; readonly address: Address; readonly code: Hex }
  /** Public chains: a contract of others that must be there. */
  | { readonly kind: 'expect'; readonly name: string; readonly address: Address };

/** Something a deployed contract must answer. */
export type Fact = {
  readonly name: string;
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args: readonly unknown[];
  readonly expected: unknown;
};

/** A whole deployment, known before anything is deployed. */
export type Deployment = {
  readonly steps: readonly Step[];
  readonly contracts: Omit<Addresses, 'chainId' | 'genesisHash' | 'deployedAtBlock'>;
  readonly facts: readonly Fact[];
};

/** Plans the deployment on a chain. The plan is a function of its arguments and of the contracts' code alone. */
export function from(options: from.Options): Deployment {
  const { chainId, owner } = options;
  const isLocal = Chain.isLocal(chainId);
  const dollar = isLocal
    ? create('TestDollar', abi.testDollarBytecode, abi.testDollarAbi, [owner])
    : expectDollar(chainId);
  const payments = isLocal ? localPayments() : publicPayments;
  const own = ownContracts({ owner, token: dollar.address, floor: isLocal ? windowFloor.local : windowFloor.public });
  const contracts = {
    token: dollar.address,
    settlement: x402.settlement,
    erc3009Collector: x402.erc3009Collector,
    multicall3: Chain.multicall3,
    ...own.contracts,
  };
  return { steps: [expectFactory, ...payments, dollar, ...own.steps], contracts, facts: factsOf(chainId, contracts) };
}

export declare namespace from {
  type Options = {
    chainId: number;
    /** First owner of the policy, and on local chains of the test dollar. */
    owner: Address;
  };
  type ErrorType = NoDollarError;
}

/** What the deployment proxy is sent to make a contract. */
export function calldata(step: Extract<Step, { kind: 'create' }>): Hex {
  return concatHex([salt, step.initcode]);
}

/** A step in words. */
export function describe(step: Step): string {
  switch (step.kind) {
    case 'create':
      return `Deploy ${step.name} (${size(step.initcode)} bytes) at ${step.address}.`;
    case 'copy':
      return `Copy ${step.name} to ${step.address}, its address on public chains.`;
    case 'place':
      return `Put ${step.name} at ${step.address}, its address on public chains.`;
    case 'expect':
      return `Find ${step.name} at ${step.address}.`;
  }
}

function create(
  name: string,
  bytecode: Hex,
  interfaceOf: Abi,
  args: readonly unknown[],
): Extract<Step, { kind: 'create' }> {
  const initcode = encodeDeployData({ abi: interfaceOf, bytecode, args: [...args] });
  return {
    kind: 'create',
    name,
    initcode,
    address: getContractAddress({ opcode: 'CREATE2', from: factory, salt, bytecode: initcode }),
  };
}

function expectDollar(chainId: number): Step {
  const address = Chain.dollarOf(chainId);
  if (!address) throw new NoDollarError({ chainId });
  return { kind: 'expect', name: 'USDC', address };
}

function localPayments(): readonly Step[] {
  const channels = create('Channels', abi.channelsBytecode, abi.channelsAbi, []);
  // The collector is constructed with the settlement's public address, which its code keeps.
  const collector = create('Erc3009Collector', abi.erc3009CollectorBytecode, abi.erc3009CollectorAbi, [
    x402.settlement,
  ]);
  return [
    { kind: 'place', name: 'Multicall3', address: Chain.multicall3, code: multicall3Runtime },
    channels,
    { kind: 'copy', name: 'Channels', address: x402.settlement, source: channels.address },
    collector,
    { kind: 'copy', name: 'Erc3009Collector', address: x402.erc3009Collector, source: collector.address },
  ];
}

const expectFactory: Step = { kind: 'expect', name: 'the deterministic deployment proxy', address: factory };

const publicPayments: readonly Step[] = [
  { kind: 'expect', name: 'Multicall3', address: Chain.multicall3 },
  { kind: 'expect', name: 'x402 batch settlement', address: x402.settlement },
  { kind: 'expect', name: 'x402 EIP-3009 collector', address: x402.erc3009Collector },
];

function ownContracts({ owner, token, floor }: { owner: Address; token: Address; floor: number }) {
  const channels = x402.settlement;
  const collector = create('AllowanceCollector', abi.allowanceCollectorBytecode, abi.allowanceCollectorAbi, [channels]);
  const authorizer = create('Authorizer', abi.authorizerBytecode, abi.authorizerAbi, []);
  const authorizers = create('Authorizers', abi.authorizersBytecode, abi.authorizersAbi, [authorizer.address]);
  const policy = create('Policy', abi.policyBytecode, abi.policyAbi, [owner, parameters, [token]]);
  const logs = create('Logs', abi.logsBytecode, abi.logsAbi, []);
  const assets = create('Assets', abi.assetsBytecode, abi.assetsAbi, []);
  const vault = create('Vault', abi.vaultBytecode, abi.vaultAbi, [channels]);
  const parts = [vault.address, assets.address, channels, logs.address, policy.address, floor];
  const vaults = create('Vaults', abi.vaultsBytecode, abi.vaultsAbi, parts);
  const escrows = create('Escrows', abi.escrowsBytecode, abi.escrowsAbi, []);
  const sources = [assets.address, policy.address, vaults.address, escrows.address];
  const licenses = create('Licenses', abi.licensesBytecode, abi.licensesAbi, sources);
  const ends = [assets.address, licenses.address, vaults.address];
  const lineages = create('Lineages', abi.lineagesBytecode, abi.lineagesAbi, ends);
  const resales = create('Resales', abi.resalesBytecode, abi.resalesAbi, [licenses.address, vaults.address]);
  const allowList = create('AllowList', abi.allowListBytecode, abi.allowListAbi, []);
  return {
    steps: [
      ...[collector, authorizer, authorizers, policy, logs, assets, vault, vaults],
      ...[escrows, licenses, resales, allowList, lineages],
    ],
    contracts: {
      allowanceCollector: collector.address,
      authorizerImplementation: authorizer.address,
      authorizers: authorizers.address,
      policy: policy.address,
      logs: logs.address,
      assets: assets.address,
      vaultImplementation: vault.address,
      vaults: vaults.address,
      escrows: escrows.address,
      licenses: licenses.address,
      resales: resales.address,
      allowList: allowList.address,
      lineages: lineages.address,
    },
  };
}

/** A channel whose id every implementation must agree on. */
export const sampleChannel = {
  payer: '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf',
  payerAuthorizer: '0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF',
  receiver: '0x00000000000000000000000000000000000000aa',
  receiverAuthorizer: '0x6813Eb9362372EEF6200f3b1dbC3f819671cBA69',
  token: '0x00000000000000000000000000000000000000bb',
  withdrawDelay: 86400,
  salt: '0x000000000000000000000000000000000000000000000000000000000000002a',
} as const;

/** Its id on the local chain, and the digest of a voucher over 1,000,000 atoms of it. */
export const localVectors = {
  channelId: '0x2b4878d6964cac084211cac03969b59128e348c83ace0d7b3b358c2e701ae4cb',
  voucherDigest: '0xdcc313a503fe0810c1b877e426b67bc01fda318260ac381894ac7cf1929c2bd3',
} as const;

const sampleAmount = 1_000_000n;

const channelTypes = {
  ChannelConfig: [
    { name: 'payer', type: 'address' },
    { name: 'payerAuthorizer', type: 'address' },
    { name: 'receiver', type: 'address' },
    { name: 'receiverAuthorizer', type: 'address' },
    { name: 'token', type: 'address' },
    { name: 'withdrawDelay', type: 'uint40' },
    { name: 'salt', type: 'bytes32' },
  ],
  Voucher: [
    { name: 'channelId', type: 'bytes32' },
    { name: 'maxClaimableAmount', type: 'uint128' },
  ],
} as const;

/** Id of the sample channel and digest of the sample voucher on a chain, computed here and not by the contract. */
export function vectorsOf(chainId: number): { readonly channelId: Hash; readonly voucherDigest: Hash } {
  const domain = { name: 'x402 Batch Settlement', version: '1', chainId, verifyingContract: x402.settlement } as const;
  const typed = { domain, types: channelTypes } as const;
  const channelId = hashTypedData({ ...typed, primaryType: 'ChannelConfig', message: sampleChannel });
  const message = { channelId, maxClaimableAmount: sampleAmount };
  return { channelId, voucherDigest: hashTypedData({ ...typed, primaryType: 'Voucher', message }) };
}

type Answer = readonly [functionName: string, expected: unknown, args?: readonly unknown[]];

function factsOf(chainId: number, contracts: Deployment['contracts']): readonly Fact[] {
  return [...factsOfPayments(chainId, contracts), ...factsOfLicences(contracts)];
}

function facts(name: string, address: Address, of: Abi, answers: readonly Answer[]): readonly Fact[] {
  return answers.map(([functionName, expected, args = []]) => {
    return { name, address, abi: of, functionName, expected, args };
  });
}

function factsOfPayments(chainId: number, contracts: Deployment['contracts']): readonly Fact[] {
  const { settlement, policy } = contracts;
  const { channelId, voucherDigest } = Chain.isLocal(chainId) ? localVectors : vectorsOf(chainId);
  const [parameter] = parameters;
  return [
    ...facts('x402 batch settlement', settlement, abi.channelsAbi, [
      ['getChannelId', channelId, [sampleChannel]],
      ['getVoucherDigest', voucherDigest, [channelId, sampleAmount]],
    ]),
    ...facts('x402 EIP-3009 collector', contracts.erc3009Collector, abi.erc3009CollectorAbi, [
      ['x402BatchSettlement', settlement],
    ]),
    ...facts('AllowanceCollector', contracts.allowanceCollector, abi.allowanceCollectorAbi, [
      ['x402BatchSettlement', settlement],
    ]),
    ...facts('Authorizers', contracts.authorizers, abi.authorizersAbi, [
      ['implementation', contracts.authorizerImplementation],
    ]),
    ...facts('Policy', policy, abi.policyAbi, [['boundsOf', [parameter.min, parameter.max], [parameter.name]]]),
    ...facts('Vaults', contracts.vaults, abi.vaultsAbi, [
      ['IMPLEMENTATION', contracts.vaultImplementation],
      ['ASSETS', contracts.assets],
      ['CHANNELS', settlement],
      ['LOGS', contracts.logs],
      ['POLICY', policy],
    ]),
  ];
}

function factsOfLicences(contracts: Deployment['contracts']): readonly Fact[] {
  return [
    ...facts('Licenses', contracts.licenses, abi.licensesAbi, [
      ['ASSETS', contracts.assets],
      ['POLICY', contracts.policy],
      ['PAYOUTS', contracts.vaults],
      ['ESCROWS', contracts.escrows],
    ]),
    ...facts('Resales', contracts.resales, abi.resalesAbi, [
      ['LICENSES', contracts.licenses],
      ['PAYOUTS', contracts.vaults],
    ]),
    ...facts('Lineages', contracts.lineages, abi.lineagesAbi, [
      ['ASSETS', contracts.assets],
      ['LICENSES', contracts.licenses],
      ['VAULTS', contracts.vaults],
    ]),
  ];
}

/** A public chain whose dollar is not known. */
export class NoDollarError extends BaseError {
  override readonly name = 'Deployment.NoDollarError';
  constructor(options: { chainId: number }) {
    super(`The dollar of chain ${options.chainId} is not known.`, {
      code: 'deployment.no_dollar',
      hint: 'Deploy to a chain that Agorai lists.',
    });
  }
}
