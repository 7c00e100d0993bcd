import { type Address, encodeFunctionData } from 'viem';
import { call } from 'viem/actions';
import { vaultsAbi } from '../../chain/abi/index.ts';
import { explain } from '../../chain/explain.ts';
import { explainError } from '../../chain/explainError.ts';
import * as Revert from '../../chain/Revert.ts';
import { isSameAddress } from '../../internal/isSameAddress.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import * as Claim from '../Claim.ts';
import { claimForOwner } from '../claimForOwner.ts';
import { harvest } from '../harvest.ts';
import { readChannels } from '../readChannels.ts';
import { readOwner } from '../readOwner.ts';
import { readWaiting } from '../readWaiting.ts';
import { sift } from '../sift.ts';
import * as Holdings from './Holdings.ts';
import type { Plan, Refused, Step, World } from './Plan.ts';

/** An account whose payout address may hold money. */
type Account = { readonly account: bigint; readonly payout: Address; readonly owner: Address | undefined };

/** What a seller does without its settler: claims each voucher through its vault and brings in what lies there. */
export async function planSeller(world: World): Promise<Plan> {
  const accounts = await readAccounts(world);
  const claims = await planClaims(world, accounts);
  return { steps: [...claims.steps, ...(await planHarvests(world, accounts))], waiting: [], refused: claims.refused };
}

async function readAccounts({ client, addresses, holdings }: World): Promise<readonly Account[]> {
  const numbers = new Set([...holdings.accounts, ...[...holdings.splits.values()].map(({ account }) => account)]);
  const vaults = { address: addresses.vaults, abi: vaultsAbi } as const;
  return await Promise.all(
    [...numbers].map(async (account) => ({
      account,
      payout: await client.readContract({ ...vaults, functionName: 'payoutOf', args: [account] }),
      owner: await readOwner(client, addresses.assets, account),
    })),
  );
}

/** A number that is no larger than an address is a seller, every other is an asset. */
async function planClaims(
  world: World,
  accounts: readonly Account[],
): Promise<{ readonly steps: readonly Step[]; readonly refused: readonly Refused[] }> {
  const steps: Step[] = [];
  const refused: Refused[] = [];
  for (const account of accounts) {
    const due = await readDue(world, account.payout);
    if (due.length === 0) continue;
    if (!isSameAddress(account.owner, world.client.account.address)) {
      refused.push({ what: `${due.length} vouchers`, reason: `account ${account.account} is ${account.owner}'s` });
      continue;
    }
    for (let at = 0; at < due.length; at += Claim.maxRows) {
      const { good, bad } = await sift(due.slice(at, at + Claim.maxRows), (rows) => tryClaim(world, account, rows));
      refused.push(...bad.map(({ item, error }) => ({ what: `voucher of channel ${item.id}`, reason: error })));
      if (good.length > 0) steps.push(toClaim(world, account, good));
    }
  }
  return { steps, refused };
}

/** Channels to a payout address with something to claim, as the chain has them now. */
async function readDue({ client, addresses, holdings }: World, payout: Address): Promise<readonly Ledger.ChannelRow[]> {
  const rows = [...holdings.channels]
    .filter(([, { config, max }]) => max > 0n && isSameAddress(config.receiver, payout))
    .map(([id, held]) => Holdings.toRow(id, held, { balance: 0n, claimed: 0n }));
  const current = await readChannels({ client, config: { addresses } }, rows);
  return current.filter((row) => Claim.unclaimed(row) > 0n);
}

async function tryClaim(
  { client, addresses }: World,
  { account }: Account,
  rows: readonly Ledger.ChannelRow[],
): Promise<string | undefined> {
  const args = [account, Claim.toRows(rows)] as const;
  const data = encodeFunctionData({ abi: vaultsAbi, functionName: 'claim', args });
  return await call(client, { account: client.account, to: addresses.vaults, data }).then(() => undefined, reasonOf);
}

/** Why a contract refuses, in words. Another failure is none of the contract's. */
export function reasonOf(error: unknown): string {
  const revert = Revert.fromError(error);
  if (!revert) throw error;
  return explainError(revert.errorName, revert.args);
}

function toClaim({ client, addresses }: World, { account }: Account, rows: readonly Ledger.ChannelRow[]): Step {
  return {
    kind: 'claim',
    sentences: [explain('Vaults.claim', [account, Claim.toRows(rows)])],
    amount: rows.reduce((sum, row) => sum + Claim.unclaimed(row), 0n),
    run: async () => (await claimForOwner(client, { vaults: addresses.vaults, account, channels: rows })).hashes,
  };
}

async function planHarvests(world: World, accounts: readonly Account[]): Promise<readonly Step[]> {
  const { client, addresses } = world;
  const steps: Step[] = [];
  for (const { account, payout } of accounts)
    for (const token of tokensOf(world)) {
      const amount = await readWaiting({ client, config: { addresses } }, payout, token);
      if (amount === 0n) continue;
      steps.push({
        kind: 'harvest',
        sentences: [explain('Vaults.harvest', [account, token])],
        amount,
        run: async () => [(await harvest(client, { vaults: addresses.vaults, account, token })).hash],
      });
    }
  return steps;
}

/** Every token that the person's channels are in, and the deployment's dollar. */
export function tokensOf({ addresses, holdings }: Pick<World, 'addresses' | 'holdings'>): readonly Address[] {
  const tokens = [addresses.token, ...[...holdings.channels.values()].map(({ config }) => config.token)];
  return [...new Map(tokens.map((token) => [token.toLowerCase(), token])).values()];
}
