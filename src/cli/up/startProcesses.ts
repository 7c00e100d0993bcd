/** Writes the configurations of a seller's gateway and settler and starts both. */
import { mkdir } from 'node:fs/promises';
import type { Address } from 'viem';
import * as Json from '../../internal/Json.ts';
import { writeFileAtomic } from '../../internal/node/files.ts';
import * as Home from '../Home.ts';
import type { Model } from '../ownModels.ts';
import { type Supervised, supervise } from './supervise.ts';

/** The two processes of a seller. */
export type Processes = {
  readonly gateway: Supervised;
  readonly settler: Supervised;
  /** Rejects when one of them is given up. */
  readonly failed: Promise<never>;
  /** Ends both: the gateway first, so that nothing new is served that the settler does not see. */
  stop(): Promise<void>;
};

/** When the settler acts by itself: on a dollar, or after ten minutes. What lies in a vault is harvested at once. */
const policy = { threshold: 1_000_000n, maxAgeMs: 600_000, harvestThreshold: 1n, harvestAgeMs: 60_000 };
/** In a day: a hundred dollars of refunds and an ether of gas. */
const caps = { dailyAtoms: 100_000_000n, dailyGas: 10n ** 18n };

/** Starts the gateway and the settler of one seller. */
export async function startProcesses(options: startProcesses.Options): Promise<Processes> {
  const { home, name } = options;
  const seller = Home.sellerOf(home, name);
  await mkdir(seller.folder, { recursive: true, mode: 0o700 });
  const runs = { gateway: Home.runOf(home, `gateway-${name}`), settler: Home.runOf(home, `settler-${name}`) };
  await writeConfig(seller.gatewayConfig, gatewayConfig(options, seller, runs.gateway));
  await writeConfig(seller.settlerConfig, settlerConfig(options, seller, runs.settler));
  const start = (verb: 'gateway' | 'settler', config: string) =>
    supervise({
      args: [verb, '--config', config, '--home', home.folder],
      log: Home.logOf(home, `${verb}-${name}`),
      run: runs[verb],
      onRestart: () => options.progress(`  ${verb.padEnd(10)} of ${name} ended by itself and is started again`),
    });
  const settler = await start('settler', seller.settlerConfig);
  const gateway = await start('gateway', seller.gatewayConfig);
  const failed = Promise.race([gateway.failed, settler.failed]);
  failed.catch(() => undefined);
  return {
    gateway,
    settler,
    failed,
    async stop() {
      await gateway.stop();
      await settler.stop();
    },
  };
}

export declare namespace startProcesses {
  type Options = {
    readonly home: Home.Home;
    /** The person who sells. */
    readonly name: Home.SellerName;
    readonly seller: Address;
    readonly rpcUrl: string;
    readonly models: readonly Model[];
    readonly port: number;
    progress(line: string): void;
  };
}

function gatewayConfig(
  { home, name, seller, rpcUrl, models, port }: startProcesses.Options,
  files: Home.Seller,
  run: string,
) {
  return {
    name,
    rpcUrl,
    addresses: home.addresses,
    seller,
    receiptKey: Home.keystoreOf(home, Home.sellers[name].receipts),
    ledger: files.ledger,
    settlerFile: files.settlerFile,
    export: Home.exportOf(home, name),
    port,
    models: models.map(({ folder, asset, version }) => ({ folder, asset, version })),
    run,
  };
}

function settlerConfig(
  { home, name, seller, rpcUrl, models }: startProcesses.Options,
  files: Home.Seller,
  run: string,
) {
  return {
    name,
    rpcUrl,
    addresses: home.addresses,
    seller,
    key: Home.keystoreOf(home, Home.sellers[name].settler),
    ledger: files.ledger,
    file: files.settlerFile,
    accounts: [BigInt(seller), ...models.map(({ asset }) => asset)],
    policy,
    caps,
    confirmations: 0,
    finality: 64,
    pollMs: 250,
    port: 0,
    run,
  };
}

async function writeConfig(file: string, config: unknown): Promise<void> {
  await writeFileAtomic(file, `${Json.stringify(config, 2)}\n`);
}
