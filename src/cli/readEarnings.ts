/** What a person has earned: by its shares, and by what was made from the assets in which it shares. */
import { credits } from '../settle/credits.ts';
import { readPassing } from '../settle/readPassing.ts';
import type { Signing } from './openMarket.ts';

/** Everything earned by the person who signs, and the query that finds it. Totals are atoms. */
export async function readEarnings({ client, addresses }: Signing) {
  const { vaults, token, deployedAtBlock: fromBlock } = addresses;
  const query = { vaults, payee: client.account.address, tokens: [token], fromBlock };
  const [own, passing] = await Promise.all([credits(client, query), readPassing(client, query)]);
  const ready = own.reduce((sum, credit) => sum + credit.ready + credit.matured, 0n);
  const waiting = own.reduce((sum, credit) => sum + credit.waiting, 0n);
  return {
    query,
    credits: own,
    passing,
    ready: passing.reduce((sum, one) => sum + one.ready, ready),
    waiting: passing.reduce((sum, one) => sum + one.waiting, waiting),
  };
}
