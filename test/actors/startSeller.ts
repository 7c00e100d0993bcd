import { join } from 'node:path';
import { authorizersAbi, logsAbi, vaultsAbi } from '../../src/chain/abi/index.ts';
import { send } from '../../src/chain/send.ts';
import { startGateway } from '../../src/infer/gateway/startGateway.ts';
import type { Listing } from '../../src/infer/Listing.ts';
import { createLog } from '../../src/internal/node/log.ts';
import { createKeeper } from '../../src/settle/exit/createKeeper.ts';
import * as Split from '../../src/settle/Split.ts';
import type * as Config from '../../src/settle/settler/Config.ts';
import { openProgress } from '../../src/settle/settler/openProgress.ts';
import { startSettler } from '../../src/settle/settler/startSettler.ts';
import { payees, type World } from './startWorld.ts';

/** A seller's gateway and settler, in this process, on files of their own. */
export type Seller = Awaited<ReturnType<typeof startSeller>>;

export async function startSeller(
  world: World,
  listings: readonly Listing[],
  policy: Partial<Config.Policy> = {},
  overrides: Partial<startGateway.Options> = {},
) {
  const { files, gatewayOptions, settlerConfig } = await prepareSeller(world, listings, policy);
  const log = createLog('test');
  const { accounts, seller } = settlerConfig;
  const kept = { file: files.export, client: world.client, addresses: world.addresses, seller, accounts };
  /** Starts the gateway; after the first one has stopped, another on its ledger. */
  const openGateway = (more: Partial<startGateway.Options> = {}) =>
    startGateway({
      ...gatewayOptions,
      listings,
      progress: openProgress(files.settler),
      // A ledger of another gateway is not that of the export.
      ...(more.ledgerFile === undefined ? { keeper: createKeeper(kept) } : {}),
      log,
      ...overrides,
      ...more,
      limits: { ...gatewayOptions.limits, ...overrides.limits, ...more.limits },
    });
  const gateway = await openGateway();
  const settler = await startSettler(settlerConfig, { log });
  return {
    gateway,
    openGateway,
    settler,
    files,
    receiverAuthorizer: gatewayOptions.receiverAuthorizer,
    listings,
    async stop() {
      await gateway.stop();
      await settler.stop();
    },
  };
}

/** Registers a seller's keys, and says what its two processes are started with. */
export async function prepareSeller(
  world: World,
  listings: readonly Listing[],
  policy: Partial<Config.Policy> = {},
): Promise<Prepared> {
  const { addresses, people, chain } = world;
  await registerKeys(world);
  const files = {
    ledger: join(world.home, 'ledger.db'),
    settler: join(world.home, 'settler.db'),
    export: join(world.home, 'exports', 'seller.ndjson'),
  };
  const receiverAuthorizer = await world.client.readContract({
    address: addresses.authorizers,
    abi: authorizersAbi,
    functionName: 'addressOf',
    args: [people.seller.address],
  });
  const common = { rpcUrl: chain.url, addresses, seller: people.seller.address };
  return {
    files,
    gatewayOptions: {
      ...common,
      receiverAuthorizer,
      receiptKey: people.receipts.key,
      ledgerFile: files.ledger,
      limits: { anchorMs: 200 },
    },
    settlerConfig: {
      ...common,
      accounts: [...listings.map((listing) => listing.asset), BigInt(people.seller.address)],
      tokens: [addresses.token],
      ledgerFile: files.ledger,
      file: files.settler,
      key: people.settler.key,
      policy: {
        threshold: 10n ** 12n,
        maxAgeMs: 3_600_000,
        harvestThreshold: 10n ** 12n,
        harvestAgeMs: 3_600_000,
        ...policy,
      },
      confirmations: 0,
      finality: 64,
      caps: { dailyAtoms: 10n ** 12n, dailyGas: 10n ** 19n },
      pollMs: 50,
    },
  };
}

type Prepared = {
  readonly files: { readonly ledger: string; readonly settler: string; readonly export: string };
  readonly gatewayOptions: Omit<startGateway.Options, 'listings' | 'progress' | 'log'>;
  readonly settlerConfig: Config.Config;
};

/** What a seller does once: registers its receipt key and its settler, and splits what its own account receives. */
async function registerKeys(world: World): Promise<void> {
  const { addresses, people } = world;
  const seller = await world.connect('seller');
  const { timestamp } = await world.client.getBlock();
  await send(seller, {
    address: addresses.logs,
    abi: logsAbi,
    functionName: 'register',
    args: [people.receipts.address, Number(timestamp), 2 ** 40 - 1, 1_000_000_000n],
  });
  await send(seller, {
    address: addresses.authorizers,
    abi: authorizersAbi,
    functionName: 'register',
    args: [people.settler.address],
  });
  await send(seller, {
    address: addresses.vaults,
    abi: vaultsAbi,
    functionName: 'configure',
    args: [BigInt(people.seller.address), payees(people), 30, [], Split.none],
  });
}
