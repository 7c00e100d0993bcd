/** An indexer as a process: `indexProcess <folder> <address book> <rpc>`. It says `ready` once it has caught up. */
import { readFileSync } from 'node:fs';
import { openIndex } from '../../src/audit/indexer/openIndex.ts';
import { startIndexer } from '../../src/audit/indexer/startIndexer.ts';
import * as Addresses from '../../src/chain/Addresses.ts';

const [folder = '', book = '', rpcUrl = ''] = process.argv.slice(2);
const addresses = Addresses.parse(readFileSync(book, 'utf8'));
const index = await openIndex({ folder, addresses });
const { status } = startIndexer({ index, addresses, rpcUrl, pollMs: 20 });
for (;;) {
  const { tip, head } = status();
  if (tip !== undefined && tip === head) process.stdout.write(`ready ${tip}\n`);
  await new Promise((resolve) => setTimeout(resolve, 20));
}
