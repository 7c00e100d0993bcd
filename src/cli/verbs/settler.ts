import * as Addresses from '../../chain/Addresses.ts';
import { readJson } from '../../internal/node/files.ts';
import { readPassword, readPrivateKey } from '../../internal/node/keystore.ts';
import { createLog } from '../../internal/node/log.ts';
import { startSettler } from '../../settle/settler/startSettler.ts';
import * as Config from '../Config.ts';
import { NoHomeError } from '../openMarket.ts';
import { announce, readConfig } from '../runProcess.ts';
import type { Run } from '../Verb.ts';

/**
 * `agorai settler --config <file>`: sends a seller's transactions until it is told to end. SIGUSR2 makes it claim,
 * harvest and anchor at once.
 */
export const run: Run = async (context, _, options) => {
  const config = await readConfig(options, Config.settlerSchema);
  const addresses = await readJson(config.addresses, Addresses.schema);
  if (!addresses) throw new NoHomeError(config.addresses);
  const password = await readPassword({ path: config.key, environment: context.environment });
  const { name, addresses: _book, key: _keystore, ledger: ledgerFile, run: announced, ...rest } = config;
  const settler = await startSettler(
    {
      ...rest,
      addresses,
      tokens: [addresses.token],
      ledgerFile,
      key: await readPrivateKey({ path: config.key, password }),
    },
    { log: createLog(`settler-${name}`) },
  );
  process.on('SIGUSR2', settler.settleNow);
  await announce(announced, `http://127.0.0.1:${settler.port}`);
  await settler.stop();
  return undefined;
};
