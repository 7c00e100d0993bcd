/** A thousand paid calls on one deposit: what they cost on chain, and who gets what of them, to the atom. */
import { decodeFunctionData, zeroAddress } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyBooks } from '../src/audit/verify.ts';
import { authorizersAbi, channelsAbi, logsAbi, vaultsAbi } from '../src/chain/abi/index.ts';
import { send } from '../src/chain/send.ts';
import type { Gateway } from '../src/infer/gateway/startGateway.ts';
import type { Listing } from '../src/infer/Listing.ts';
import * as Prices from '../src/license/Prices.ts';
import { openLedger } from '../src/pay/openLedger.ts';
import * as Split from '../src/settle/Split.ts';
import { withdraw } from '../src/settle/withdraw.ts';
import { createBuyer } from './actors/createBuyer.ts';
import { digit } from './actors/createSigner.ts';
import { variant } from './actors/engines.ts';
import { type Market, startMarket } from './actors/startMarket.ts';
import { payees } from './actors/startWorld.ts';

const calls = 1_000n;
// A price and shares that leave a rest at every division.
const price = 199n;
const shares = { seller: 3_334n, contributor: 3_333n, evaluator: 3_333n } as const;
const roles = Object.keys(shares) as (keyof typeof shares)[];

let market: Market;
let gateway: Gateway;

beforeAll(async () => {
  market = await startMarket({
    more: ([digits]) => [variant(digits as Listing, 'odd', { prices: Prices.from({ perCall: price * 1_000_000n }) })],
  });
  const odd = roles
    .map((role) => ({
      account: role === 'seller' ? zeroAddress : market.people[role].address,
      bps: Number(shares[role]),
    }))
    .sort((a, b) => (BigInt(a.account) < BigInt(b.account) ? -1 : 1));
  const owner = market.people.seller.address;
  const former = { ...Split.none, payees: payees(market.people), owner, window: 30 };
  await send(await market.connect('seller'), {
    address: market.addresses.vaults,
    abi: vaultsAbi,
    functionName: 'configure',
    args: [BigInt(owner), odd, 30, [], former],
  });
  // One anchored head, at the end, so that each transaction is one of the flow.
  await market.gateway.stop();
  gateway = await market.openGateway({ limits: { anchorMs: 3_600_000 } });
});
afterAll(async () => {
  await gateway?.stop();
  await market?.stop();
});

/** Names of the functions of all transactions since a block. */
async function functionsSince(block: bigint): Promise<readonly string[]> {
  const { client } = market;
  const names: string[] = [];
  for (let blockNumber = block + 1n; blockNumber <= (await client.getBlockNumber()); blockNumber++) {
    const { transactions } = await client.getBlock({ blockNumber, includeTransactions: true });
    const abi = [...channelsAbi, ...vaultsAbi, ...logsAbi, ...authorizersAbi] as const;
    for (const { input } of transactions) names.push(decodeFunctionData({ abi, data: input }).functionName);
  }
  return names;
}

it('are a deposit, a claim, a harvest and three withdrawals on chain, and three parties get their shares to the atom (X1, X2, X3, X5, X6, X8, X13)', async () => {
  const { client, addresses, people, dollarsOf } = market;
  const before = Object.fromEntries(
    await Promise.all(roles.map(async (role) => [role, await dollarsOf(people[role].address)])),
  ) as Record<keyof typeof shares, bigint>;
  const held = await dollarsOf(people.buyer.address);
  const block = await client.getBlockNumber();

  const payer = createBuyer(market, { policy: { maxPerCall: price, maxDeposit: 300_000n, deposit: 300_000n } });
  for (let call = 0n; call < calls; call++) {
    const paid = await payer.fetch(`${gateway.url}/v1/classify`, {
      method: 'POST',
      body: digit('odd', Number(call % 250n)),
    });
    if (paid.response.status !== 200 || paid.cost !== price) expect.fail(`call ${call}: ${paid.response.status}`);
    await paid.response.arrayBuffer();
  }
  const revenue = calls * price;
  const [account] = await payer.setup.store.all();
  expect(account).toMatchObject({ charged: revenue, signed: revenue, balance: 300_000n });

  market.settler.settleNow();
  await expect.poll(() => dollarsOf(addresses.vaults), { timeout: 20_000 }).toBe(revenue);
  await market.passTime(40);
  for (const role of roles)
    await withdraw(await market.connect(role), {
      vaults: addresses.vaults,
      tokens: [addresses.token],
      payee: people[role].address,
    });

  let paidOut = 0n;
  for (const role of roles) {
    const share = (calls * price * shares[role]) / 10_000n;
    expect((await dollarsOf(people[role].address)) - before[role], role).toBe(share);
    paidOut += share;
  }
  expect(paidOut).toBe(revenue - 2n);
  expect(await dollarsOf(addresses.vaults)).toBe(2n);
  expect(held - (await dollarsOf(people.buyer.address))).toBe(300_000n);
  expect(await dollarsOf(addresses.settlement)).toBe(300_000n - revenue);
  expect(await functionsSince(block)).toEqual([
    'deposit',
    expect.stringMatching(/^(claimWithSignature|multicall)$/),
    'harvest',
    'multicall',
    'multicall',
    'multicall',
  ]);

  await gateway.stop();
  gateway = await market.openGateway({ limits: { anchorMs: 100 } });
  const anchored = () => functionsSince(block).then((names) => names.filter((name) => name === 'post'));
  await expect.poll(anchored, { timeout: 20_000 }).toEqual(['post']);
  const ledger = openLedger(market.files.ledger, { readOnly: true });
  expect(ledger.counts()).toEqual({ requests: Number(calls), reserved: 0 });
  const books = await verifyBooks({ client, addresses, ledger, seller: people.seller.address });
  await ledger.close();
  expect(books.residuals).toEqual([]);
  expect(books.payments).toHaveLength(Number(calls));
  const proved = books.proofs.map(({ rule }) => rule);
  expect(proved).toEqual(expect.arrayContaining(['X1', 'X2', 'X3', 'X5', 'X6', 'X8', 'X13']));
  expect(books.proofs.find(({ sentence }) => sentence.includes('anchored'))?.sentence).toContain('1000 of 1000');
}, 120_000);
