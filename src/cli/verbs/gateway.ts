import * as Addresses from '../../chain/Addresses.ts';
import { authorizersAbi } from '../../chain/abi/index.ts';
import { createClient } from '../../chain/client.ts';
import type { Limits } from '../../infer/gateway/Limits.ts';
import { startGateway } from '../../infer/gateway/startGateway.ts';
import { readJson } from '../../internal/node/files.ts';
import { readPassword, readPrivateKey } from '../../internal/node/keystore.ts';
import { createLog } from '../../internal/node/log.ts';
import { createKeeper } from '../../settle/exit/createKeeper.ts';
import { openProgress } from '../../settle/settler/openProgress.ts';
import * as Config from '../Config.ts';
import { openListings } from '../openListings.ts';
import { NoHomeError } from '../openMarket.ts';
import { announce, readConfig } from '../runProcess.ts';
import type { Run } from '../Verb.ts';

/** `agorai gateway --config <file>`: serves a seller's models until it is told to end. It holds the receipt key only. */
export const run: Run = async (context, _, options) => {
  const config = await readConfig(options, Config.gatewaySchema);
  const addresses = await readJson(config.addresses, Addresses.schema);
  if (!addresses) throw new NoHomeError(config.addresses);
  const { rpcUrl, seller, receiptKey: path } = config;
  const client = await createClient({ rpcUrl, addresses });
  const [receiptKey, receiverAuthorizer, listings] = await Promise.all([
    readPassword({ path, environment: context.environment }).then((password) => readPrivateKey({ path, password })),
    client.readContract({
      address: addresses.authorizers,
      abi: authorizersAbi,
      functionName: 'addressOf',
      args: [seller],
    }),
    openListings({ client, addresses, rpcUrl }, config),
  ]);
  const gateway = await startGateway({
    rpcUrl,
    addresses,
    seller,
    receiverAuthorizer,
    receiptKey,
    listings,
    ledgerFile: config.ledger,
    progress: openProgress(config.settlerFile),
    port: config.port,
    ...(config.export === undefined
      ? {}
      : { keeper: createKeeper({ file: config.export, client, addresses, seller, accounts: accountsOf(config) }) }),
    ...(config.origin ? { origin: config.origin } : {}),
    ...(config.free ? { free: config.free } : {}),
    ...(config.exposure ? { limits: limitsOf(config.exposure) } : {}),
    log: createLog(`gateway-${config.name}`),
  });
  await announce(config.run, gateway.url);
  await gateway.stop();
  return undefined;
};

/** The vault accounts that calls are paid to: the seller's own, and those of what it serves. */
function accountsOf({ seller, models }: Config.Gateway): readonly bigint[] {
  return [BigInt(seller), ...models.map(({ asset }) => asset)];
}

function limitsOf({ confirmations, channel, total }: NonNullable<Config.Gateway['exposure']>): Partial<Limits> {
  return { confirmations, exposureOfChannel: channel, exposure: total };
}
