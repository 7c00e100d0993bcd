import { explain } from '../../chain/explain.ts';
import { credits } from '../credits.ts';
import { withdraw } from '../withdraw.ts';
import type { Plan, Step, World } from './Plan.ts';
import { tokensOf } from './planSeller.ts';

/** What a payee of any split does: withdraws what has waited long enough, over all accounts. */
export async function planPayee(world: World): Promise<Plan> {
  const { client, addresses, holdings } = world;
  const query = {
    vaults: addresses.vaults,
    payee: client.account.address,
    tokens: tokensOf(world),
    fromBlock: addresses.deployedAtBlock,
    known: [...holdings.splits.values()],
  };
  const all = await credits(client, query);
  const due = all.filter(({ ready, matured }) => ready + matured > 0n);
  const step: Step = {
    kind: 'withdraw',
    sentences: due.map(({ split, row, token }) => explain('Vaults.withdraw', [split, BigInt(row.index), token])),
    amount: due.reduce((sum, { ready, matured }) => sum + ready + matured, 0n),
    run: async () => [(await withdraw(client, query)).hash],
  };
  const waiting = all.flatMap(({ waiting: amount, maturesAt }) =>
    amount > 0n && maturesAt !== undefined ? [{ kind: 'window' as const, amount, until: maturesAt }] : [],
  );
  return { steps: due.length > 0 ? [step] : [], waiting, refused: [] };
}
