/** One market with honest books, and one lie at a time: each is found, by the rule that is about it and by no other. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type AbiEvent, decodeEventLog, encodeAbiParameters, type Hex, type Log } from 'viem';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createBuyer } from '../../test/actors/createBuyer.ts';
import { digit } from '../../test/actors/createSigner.ts';
import { type Market, startMarket } from '../../test/actors/startMarket.ts';
import { channelsAbi, licensesAbi, resalesAbi, testDollarAbi, vaultsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import * as Receipt from '../infer/Receipt.ts';
import * as Json from '../internal/Json.ts';
import { sign } from '../internal/node/secp256k1.ts';
import { buyLicence } from '../license/buyLicence.ts';
import { buyResellable } from '../license/buyResellable.ts';
import { buySale } from '../license/buySale.ts';
import { leaveLicence } from '../license/leaveLicence.ts';
import { offerTerms } from '../license/offerTerms.ts';
import * as Prices from '../license/Prices.ts';
import * as Right from '../license/Right.ts';
import { releaseEscrow } from '../license/releaseEscrow.ts';
import { reviveToken } from '../license/reviveToken.ts';
import { signSale } from '../license/signSale.ts';
import type * as Terms from '../license/Terms.ts';
import * as Authorization from '../pay/Authorization.ts';
import { openLedger } from '../pay/openLedger.ts';
import { withdraw } from '../settle/withdraw.ts';
import type * as Report from './Report.ts';
import { verifyBooks, verifyPublic } from './verify.ts';

let market: Market;
let url: string;
const price = 200n;

beforeAll(async () => {
  // Three calls are claimed, and the two after them are too little for another claim.
  const policy = { threshold: 3n * price, harvestThreshold: 1n };
  market = await startMarket({ licensed: ['digits'], policy });
  const { addresses, people, terms, gateway, dollarsOf } = market;
  await buyLicence(await market.connect('buyer'), { addresses, terms: terms[0] as never, maxPrice: 50_000n });
  url = gateway.url;
  const payer = createBuyer(market);
  const call = (scheme: 'exact' | 'batch-settlement') =>
    payer.fetch(`${url}/v1/classify`, { method: 'POST', body: digit() }, { scheme });
  for (let i = 0; i < 3; i++) await call('batch-settlement');
  await call('exact');
  const soon = { timeout: 20_000, interval: 50 };
  await vi.waitUntil(async () => (await dollarsOf(addresses.vaults)) === 50_000n + 4n * price, soon);
  await market.passTime(40);
  await withdraw(await market.connect('seller'), {
    vaults: addresses.vaults,
    tokens: [addresses.token],
    payee: people.seller.address,
  });
  await sellLicences(terms[0] as Terms.Terms);
  // What was called after the claim is charged and not claimed.
  for (let i = 0; i < 2; i++) await call('batch-settlement');
  const { client } = market;
  const proofs = async () => (await verifyPublic({ client, addresses, logs: [url] })).proofs;
  await vi.waitUntil(
    async () => (await proofs()).some(({ sentence }) => /has 6 receipts, 6 under/.test(sentence)),
    soon,
  );
});
afterAll(() => market?.stop());

/** A refund, a release, a sale and a revival, of terms that differ from some by what they need. */
async function sellLicences(some: Terms.Terms): Promise<void> {
  const { addresses, people } = market;
  const [seller, buyer] = [await market.connect('seller'), await market.connect('buyer')];
  const rights = Right.setOf(['infer', 'resell']);
  const resold = { ...some, rights, resaleRoyaltyBps: 1_000, pricesHash: Prices.hash(Prices.from({})) };
  const refundable = { ...resold, rights: 1, resaleRoyaltyBps: 0, refundPolicy: 2, refundPenaltyBps: 1_000 };
  for (const terms of [resold, refundable]) await offerTerms(seller, { addresses, terms, prices: Prices.from({}) });
  await buyLicence(buyer, { addresses, terms: refundable, maxPrice: 50_000n });
  await leaveLicence(buyer, { addresses, terms: refundable });
  await releaseEscrow(buyer, { addresses, terms: refundable, holder: people.buyer.address });
  await buyLicence(buyer, { addresses, terms: refundable, maxPrice: 50_000n, holder: people.stranger.address });
  const { token } = await buyResellable(buyer, { addresses, terms: resold, maxPrice: 50_000n });
  const { tokenId } = token;
  const signed = await signSale(buyer, { addresses, tokenId, price: 60_000n, validUntil: 2 ** 40 - 2 });
  await send(buyer, {
    ...({ address: addresses.token, abi: testDollarAbi, functionName: 'transfer' } as const),
    args: [people.contributor.address, 60_000n],
  });
  const contributor = await market.connect('contributor');
  await buySale(contributor, { addresses, signed, maxPrice: 60_000n });
  await send(contributor, {
    ...({ address: addresses.resales, abi: resalesAbi, functionName: 'transferFrom' } as const),
    args: [people.contributor.address, people.buyer.address, tokenId],
  });
  await reviveToken(buyer, { addresses, tokenId, maxPrice: 50_000n });
}

const rulesOf = (report: Report.Report) => [...new Set(report.residuals.map(({ rule }) => rule))].sort();
const publicly = (client: Client = market.client) => verifyPublic({ client, addresses: market.addresses, logs: [url] });

let copies = 0;
/** The books with an edit by hand. */
async function books(edit: (database: DatabaseSync) => void = () => undefined, client: Client = market.client) {
  const file = join(market.home, `copy ${++copies}.db`);
  const source = new DatabaseSync(market.files.ledger, { readOnly: true });
  source.exec(`vacuum into '${file}'`);
  source.close();
  const database = new DatabaseSync(file);
  edit(database);
  database.close();
  const ledger = openLedger(file, { readOnly: true });
  try {
    return await verifyBooks({ client, addresses: market.addresses, ledger, seller: market.people.seller.address });
  } finally {
    await ledger.close();
  }
}

type Lies = {
  /** Events of this name with other arguments, or undefined for one that is left out. */
  readonly events?: Readonly<Record<string, (args: Record<string, unknown>) => object | undefined>>;
  /** Answers of functions of this name. */
  readonly reads?: Readonly<Record<string, (value: never, args: readonly unknown[]) => unknown>>;
};

/** A node that lies about events and state. */
function lying({ events = {}, reads = {} }: Lies): Client {
  const abi = [...testDollarAbi, ...channelsAbi, ...vaultsAbi, ...licensesAbi, ...resalesAbi] as readonly AbiEvent[];
  const lie = (log: Log): readonly Log[] => {
    const item = abi.filter(({ type }) => (type as string) === 'event');
    let decoded: { eventName: string; args: Record<string, unknown> };
    try {
      decoded = decodeEventLog({ abi: item, data: log.data, topics: log.topics }) as never;
    } catch {
      return [log];
    }
    const changed = events[decoded.eventName];
    if (!changed) return [log];
    const args = changed(decoded.args);
    if (args === undefined) return [];
    const { inputs } = item.find(({ name }) => name === decoded.eventName) as AbiEvent;
    const plain = inputs.filter(({ indexed }) => !indexed);
    const values = plain.map(({ name }) => ({ ...decoded.args, ...args })[name as string]);
    return [{ ...log, data: encodeAbiParameters(plain, values) }];
  };
  const { client } = market;
  return {
    ...client,
    getLogs: async (options: never) => (await client.getLogs(options)).flatMap(lie as never),
    readContract: async (request: { functionName: string; args?: readonly unknown[] }) => {
      const value = await client.readContract(request as never);
      return reads[request.functionName]?.(value as never, request.args ?? []) ?? value;
    },
  } as unknown as Client;
}

const more =
  (name: string, by = 1n) =>
  (args: Record<string, unknown>) => ({ [name]: (args[name] as bigint) + by });

it('honest books and an honest node leave nothing over', async () => {
  const [open, own] = [await publicly(), await books()];
  expect([open.residuals, own.residuals]).toEqual([[], []]);
  const rules = ['C1', 'C6', 'L6', 'P2', 'R1', 'R3', 'X13', 'X6', 'X8'];
  expect([...new Set(open.proofs.map(({ rule }) => rule))].sort()).toEqual(rules);
  expect(new Set(own.proofs.map(({ rule }) => rule))).toEqual(new Set([...rules, 'X1', 'X2', 'X3', 'X5']));
});

describe('of what the chain says', () => {
  const plusOne = ([balance, claimed]: readonly [bigint, bigint]) => [balance + 1n, claimed];
  const overclaimed = 10_000n;
  it.each<[string, string, Lies]>([
    [
      'X13',
      'a balance that no transfer made',
      {
        reads: {
          balanceOf: (value: bigint, [who]) =>
            who === market.people.buyer.address.toLowerCase() ? value + 1n : undefined,
        },
      },
    ],
    ['X13', 'a supply that was not minted', { reads: { totalSupply: (value: bigint) => value + 1n } }],
    [
      'C1',
      'deposits that the settlement contract does not hold',
      { events: { Deposited: more('amount') }, reads: { channels: plusOne } },
    ],
    [
      'C2',
      'a claim beyond a deposit',
      {
        events: {
          Claimed: (args) => ({
            ...more('claimAmount', overclaimed)(args),
            ...more('newTotalClaimed', overclaimed)(args),
          }),
        },
        reads: { channels: ([balance, claimed]: readonly [bigint, bigint]) => [balance, claimed + overclaimed] },
      },
    ],
    ['C5', 'a receiver that was paid more than its claims', { events: { Settled: more('amount') } }],
    ['C6', 'a channel that holds what nobody deposited', { reads: { channels: plusOne } }],
    ['C6', 'a deposit that is missing', { events: { Deposited: () => undefined } }],
    ['P2', 'a harvest that did not arrive', { events: { Harvest: more('amount') } }],
    ['X8', 'a payee that was paid more than its share', { events: { Withdraw: more('amount') } }],
    [
      'L6',
      'a licence at another price than was paid',
      { events: { Offer: ({ terms }) => ({ terms: { ...(terms as Terms.Terms), price: 50_001n } }) } },
    ],
    ['L6', 'a licence whose payment is missing', { reads: { payoutOf: () => market.addresses.vaults } }],
    [
      'R1',
      'an escrow account that holds more than was paid into it',
      { reads: { heldOf: (held: bigint) => held + 1n } },
    ],
    ['R1', 'a refund that nobody got', { events: { Leave: more('refund') } }],
    ['R1', 'a release that is missing', { events: { Release: () => undefined } }],
    ['R3', 'a royalty below that of the terms', { events: { Resell: more('royalty', -1n) } }],
    ['R3', 'a sale at another price than was paid', { events: { Resell: more('price', -1n) } }],
    ['R3', 'a royalty that nobody paid', { events: { Revive: () => ({ royalty: 4_999n }) } }],
  ])('%s finds %s', async (rule, _, lies) => {
    const expected = rule === 'C6' && lies.events ? ['C2', 'C6'] : [rule];
    expect(rulesOf(await publicly(lying(lies)))).toEqual(expected);
  });

  it('X1 finds an exact payment that no authorization of the payer made', async () => {
    const client = lying({ events: { AuthorizationUsed: () => undefined } });
    expect(rulesOf(await books(undefined, client))).toEqual(['X1']);
  });
});

describe('of a published log', () => {
  async function publish(edit: (leaves: string[]) => string[]): Promise<readonly string[]> {
    const server = createServer(async (request, response) => {
      const log = (await (await fetch(new URL(request.url ?? '', url))).json()) as { leaves: string[] };
      const leaves = edit(log.leaves);
      response.end(JSON.stringify({ ...log, leaves, size: leaves.length }));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const { client, addresses } = market;
    const report = await verifyPublic({ client, addresses, logs: [`http://127.0.0.1:${port}`] });
    server.closeAllConnections();
    server.close();
    return rulesOf(report);
  }

  it.each<[string, (leaves: string[]) => string[]]>([
    ['a changed leaf', (leaves) => leaves.with(2, `0x${'ab'.repeat(32)}`)],
    ['a missing leaf', (leaves) => leaves.toSpliced(2, 1)],
    ['a log cut off below an anchored head', (leaves) => leaves.slice(0, -1)],
    ['two leaves in another order', ([a, b, ...rest]) => [b as string, a as string, ...rest]],
    ['a leaf that was slipped in', (leaves) => leaves.toSpliced(1, 0, `0x${'ab'.repeat(32)}`)],
  ])('X6 finds %s', async (_, edit) => {
    expect(await publish(edit)).toEqual(['X6']);
  });
});

describe('of the books', () => {
  const onChannel = '(select id from channels limit 1)';
  const reserved = (lease: number) => `insert into requests(id, account, authority, body_hash, bound, context, state,
    lease_until, created_at) select '0x01', account, '0x02', body_hash, bound, context, 'reserved', ${lease}, 0
    from requests limit 1`;
  it.each<[string, string, string]>([
    ['X1', 'a request that is missing', 'delete from requests where log_index = 0'],
    ['X1', 'a request that was charged another price', "update requests set price = '199' where log_index = 0"],
    [
      'X1',
      'an authority that paid twice',
      'update requests set authority = (select authority from requests where log_index = 1) where log_index = 2',
    ],
    [
      'X1',
      'a request that ended without a receipt',
      `${reserved(0)}; update requests set state = 'done' where id = '0x01'`,
    ],
    [
      'X2',
      'a charge beyond the receipts',
      `update accounts set charged = '1100' where id = ${onChannel}; update channels set max = max`,
    ],
    ['X2', 'a charge below the receipts', `update accounts set charged = '999' where id = ${onChannel}`],
    ['X2', 'a price beyond the reservation', "update requests set bound = '199' where log_index = 0"],
    ['X3', 'a voucher below what was charged', "update channels set max = '999'"],
    ['X3', 'a voucher that nobody signed', `update channels set signature = '0x${'11'.repeat(64)}1b'`],
    ['X5', 'a reservation beyond its lease', reserved(1)],
    [
      'X6',
      'a receipt that was edited',
      'update receipts set body = replace(body, \'"version":1\', \'"version":2\') where log_index = 0',
    ],
    [
      'X6',
      'a predecessor that is another receipt',
      "update receipts set hash = '0x' || hex(randomblob(32)) where log_index = 0",
    ],
  ])('%s finds %s', async (rule, _, edit) => {
    const rules = rulesOf(await books((database) => database.exec(edit)));
    // A charge above the highest voucher is one that nobody allowed as well.
    expect(rules).toEqual(edit.includes("'1100'") ? ['X2', 'X3'] : [rule]);
  });

  it('X2 and X6 find that the first receipt is missing', async () => {
    const rules = rulesOf(
      await books((database) =>
        database.exec('delete from receipts where log_index = 0; delete from requests where log_index = 0'),
      ),
    );
    expect(rules).toEqual(['X2', 'X6']);
  });

  it('X1 finds an exact payment that points to a transfer made for something else', async () => {
    const { client, addresses } = market;
    const event = { address: addresses.token, abi: testDollarAbi, eventName: 'AuthorizationUsed' } as const;
    const [deposit] = await client.getContractEvents({ ...event, fromBlock: 0n, strict: true });
    const account = Authorization.accountOf({
      from: deposit?.args.authorizer as Hex,
      nonce: deposit?.args.nonce as Hex,
    });
    const edit = (database: DatabaseSync) =>
      database.exec(`insert into accounts(id, rail, payer, head) select '${account}', rail, payer, head
        from accounts where rail = 'exact';
        update requests set account = '${account}' where account in (select id from accounts where rail = 'exact')`);
    expect(rulesOf(await books(edit))).toEqual(['X1']);
  });

  it('X6 finds a receipt that is signed by a key which is none of the seller', async () => {
    const domain = Receipt.domainOf(market.addresses.chainId, market.addresses.logs);
    const forge = (database: DatabaseSync) => {
      const row = database.prepare('select hash from receipts where log_index = 1').get() as { hash: Hex };
      const [proof] = Receipt.signBatch([row.hash], domain, (digest) => sign(digest, market.people.stranger.key));
      database.prepare('update receipts set proof = ? where log_index = 1').run(Json.canonical(proof));
    };
    expect(rulesOf(await books(forge))).toEqual(['X6']);
  });
});
