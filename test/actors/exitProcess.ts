/** Leaves a market as a process of its own: `node exitProcess.ts <export> <rpc url> <private key>`. */
import type { Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { createClient } from '../../src/chain/client.ts';
import { exitMarket } from '../../src/settle/exit/exitMarket.ts';
import { readExport } from '../../src/settle/exit/readExport.ts';

const [file = '', rpcUrl = '', key = ''] = process.argv.slice(2);
const holdings = await readExport(file);
const account = privateKeyToAccount(key as Hex);
const client = await createClient({ rpcUrl, account, addresses: holdings.header.addresses });
const { done } = await exitMarket(client, { holdings, wait: false });
process.stdout.write(JSON.stringify(done.map(({ kind }) => kind)));
