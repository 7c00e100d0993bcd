import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Market, startMarket } from '../../test/support/startMarket.ts';
import { assetsAbi } from '../chain/abi/index.ts';
import { createClient } from '../chain/client.ts';
import * as Asset from './Asset.ts';
import * as Bundle from './Bundle.ts';
import { openContentStore } from './openContentStore.ts';
import { publishAsset } from './publishAsset.ts';
import { readAssets } from './readAssets.ts';
import { readFolder } from './readFolder.ts';
import { updateAsset } from './updateAsset.ts';

const root = (digit: number) => `0x${digit.toString(16).padStart(64, '0')}` as const;
const publication = (digit: number, uri = `agorai:${root(digit)}`): Asset.Publication => ({
  kind: 'model',
  manifestRoot: root(digit),
  salt: Asset.noSalt,
  uri,
});

let market: Market;
beforeAll(async () => {
  market = await startMarket();
});
afterAll(async () => {
  await market.stop();
});

describe('publishAsset', () => {
  test('publishes under the id that was computed before', async () => {
    const seller = await market.person();
    const { addresses } = market;
    const published = await publishAsset(seller, { addresses, publication: publication(1) });
    const registry = { chainId: addresses.chainId, assets: addresses.assets };
    expect(published.status).toBe('published');
    expect(published.id).toBe(Asset.idOf(registry, seller.account.address, publication(1)));
    const contract = { address: addresses.assets, abi: assetsAbi } as const;
    const args = [seller.account.address, 0, root(1), Asset.noSalt] as const;
    expect(await seller.readContract({ ...contract, functionName: 'idOf', args })).toBe(published.id);
  });

  test('A-141 finds what is published and sends nothing the second time', async () => {
    const seller = await market.person();
    const options = { addresses: market.addresses, publication: publication(2) };
    const first = await publishAsset(seller, options);
    const nonce = await seller.getTransactionCount({ address: seller.account.address });
    expect(await publishAsset(seller, options)).toEqual({ id: first.id, status: 'found' });
    expect(await seller.getTransactionCount({ address: seller.account.address })).toBe(nonce);
  });

  test('A-141 mints once when two runs publish at the same time', async () => {
    const seller = await market.person();
    const options = { addresses: market.addresses, publication: publication(3) };
    const both = await Promise.allSettled([publishAsset(seller, options), publishAsset(seller, options)]);
    const ids = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value.id] : []));
    expect(ids.length).toBeGreaterThan(0);
    expect((await publishAsset(seller, options)).status).toBe('found');
    const assets = await readAssets(seller, { ...market, publisher: seller.account.address });
    expect(assets).toHaveLength(1);
  });

  test('A-141 is resumed when the answer of the node was lost after the transaction was taken', async () => {
    const person = await market.person();
    const proxy = await dropAnswers(market.rpcUrl, 'eth_sendRawTransaction');
    const options = { addresses: market.addresses, publication: publication(4) };
    const cut = await createClient({ rpcUrl: proxy.url, account: person.account, addresses: market.addresses });
    await expect(publishAsset(cut, options)).rejects.toThrow();
    await proxy.stop();
    expect((await publishAsset(person, options)).status).toBe('found');
    expect(await person.getTransactionCount({ address: person.account.address })).toBe(1);
  });
});

describe('readAssets', () => {
  test('A-170 reads the events of the one contract only', async () => {
    const seller = await market.person();
    const bytecode = await seller.getCode({ address: market.addresses.assets });
    const alike = `0x${'ab'.repeat(20)}` as const;
    await market.operator.request({ method: 'anvil_setCode', params: [alike, bytecode] } as never);
    const fake = { ...market.addresses, assets: alike };
    await publishAsset(seller, { addresses: fake, publication: publication(5) });
    const own = { addresses: market.addresses, publisher: seller.account.address };
    expect(await readAssets(seller, own)).toEqual([]);
    expect(await readAssets(seller, { ...own, addresses: fake })).toHaveLength(1);
  });

  test('A-064 tells who named the content first, and A-066 keeps every version', async () => {
    const [seller, copier] = [await market.person(), await market.person()];
    const { addresses } = market;
    const first = await publishAsset(seller, { addresses, publication: publication(6) });
    const second = await publishAsset(copier, { addresses, publication: publication(6) });
    const update = { addresses, asset: first.id, manifestRoot: root(7), uri: 'agorai:next' };
    expect(await updateAsset(seller, update)).toMatchObject({ version: 2, status: 'updated' });
    expect(await updateAsset(seller, update)).toEqual({ version: 2, status: 'found' });
    const all = await readAssets(seller, { addresses });
    const one = all.find(({ id }) => id === first.id);
    expect(one?.versions.map(({ version, manifestRoot }) => [version, manifestRoot])).toEqual([
      [1, root(6)],
      [2, root(7)],
    ]);
    expect(one?.duplicateOf).toBeUndefined();
    expect(all.find(({ id }) => id === second.id)?.duplicateOf).toBe(first.id);
  });
});

describe('openContentStore', () => {
  test('A-172 gives back what was published, and nothing that was changed', async () => {
    const { manifest, files } = await readFolder(fileURLToPath(new URL('../../models/digits', import.meta.url)));
    const store = openContentStore(join(market.folder, 'content'));
    const uri = await store.put(Bundle.from(manifest, files));
    const version = { uri, manifestRoot: manifest.root };
    expect((await store.get(version))?.card.name).toBe('digits');
    expect(await store.get({ ...version, uri: `agorai:${root(1)}` })).toBeUndefined();
    expect(await store.get({ ...version, uri: 'https://elsewhere.example/card.json' })).toBeUndefined();
    await expect(store.get({ ...version, manifestRoot: root(1) })).rejects.toThrow(Bundle.MismatchError);

    const text = Bundle.serialize(Bundle.from(manifest, files));
    expect(() => Bundle.open(text.replace('digits', 'digitz'), version)).toThrow(Bundle.MismatchError);
  });
});

/** A node in between that passes everything on but keeps the answers to one method to itself. */
async function dropAnswers(target: string, method: string): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const answer = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const text = await answer.text();
    if (body.includes(method)) response.destroy();
    else response.setHeader('content-type', 'application/json').end(text);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => new Promise((done) => server.close(() => done()).closeAllConnections()),
  };
}
