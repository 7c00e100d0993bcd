/** Licences through the command line: one that is refunded, and one that is sold on, in a running market. */
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFunctionData, toHex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resalesAbi, testDollarAbi } from '../src/chain/abi/index.ts';
import { startUp, type Up } from './actors/startUp.ts';

let up: Up;
let folder: string;
const json = (...args: readonly string[]) => up.json(...args);
const wallet = async (person = 'buyer') => BigInt((await json('balance', '--as', person)).wallet);
const spend = ['--yes', '--max-spend', '0.1'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'licences-'));
  up = await startUp();
});
afterAll(async () => {
  await up?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Publishes the digits under another name, for five cents. */
async function publish(name: string, ...options: readonly string[]): Promise<void> {
  const model = join(folder, name);
  await cp('models/digits', model, { recursive: true, filter: (path) => !/manifest\.json|\.ts$/.test(path) });
  const card = JSON.parse(await readFile(join(model, 'card.json'), 'utf8'));
  await writeFile(join(model, 'card.json'), JSON.stringify({ ...card, name }));
  expect(await json('publish', model, '--price', '0.05', ...options, '--yes')).toMatchObject({ code: 0 });
}

/** Gives a person of the market ether, and money of the buyer. */
async function fund(person: string, atoms: bigint): Promise<void> {
  const { token } = JSON.parse(await readFile(join(up.home, 'addresses.json'), 'utf8'));
  const [{ account: from }, { account: to }] = [await json('balance'), await json('balance', '--as', person)];
  await up.ask('anvil_setBalance', to, toHex(10n ** 18n));
  await up.ask('anvil_impersonateAccount', from);
  const data = encodeFunctionData({ abi: testDollarAbi, functionName: 'transfer', args: [to, atoms] });
  await up.ask('eth_sendTransaction', { from, to: token, data });
  await expect.poll(() => wallet(person), { timeout: 20_000 }).toBe(atoms);
}

describe('a refund', () => {
  test('terms that can be left are published and told in words', async () => {
    await publish('mine', '--refund', 'prorata:10', '--period', '10d');
    expect((await up.verb('show', 'mine')).stdout).toContain('When you leave, you get back unused time, less 10 %.');
  });

  test('says what comes back before it is signed, and then moves just that', async () => {
    const before = await wallet();
    expect(await json('buy', 'mine', ...spend)).toMatchObject({ code: 0, paid: '50000' });
    const planned = await up.verb('refund', 'mine', '--dry-run');
    expect(planned).toMatchObject({ code: 0, stdout: 'Nothing was done.\n' });
    expect(planned.stderr).toMatch(/^ {2}refund {5}\$0\.04\d* comes back now\.\n {2}Leave your licence of asset .+\n$/);
    expect(await wallet()).toBe(before - 50_000n);
    const left = await json('refund', 'mine', '--yes');
    expect(left).toMatchObject({ code: 0, kind: 'leave' });
    // Ten days less some seconds, less a tenth.
    expect(BigInt(left.refund)).toBeGreaterThan(44_900n);
    expect(BigInt(left.refund)).toBeLessThanOrEqual(45_000n);
    expect(await wallet()).toBe(before - 50_000n + BigInt(left.refund));
    expect(await json('refund', 'mine', '--yes')).toMatchObject({ code: 1, error: { code: 'license.not-held' } });
  });

  test('leaves the rest waiting for the seller, who takes it', async () => {
    const waiting = await json('waiting');
    const escrow = waiting.waiting.filter(({ kind }: { kind: string }) => kind === 'escrow');
    expect(escrow).toMatchObject([{ at: null, from: 'a licence of mine' }]);
    const taken = await json('waiting', '--claim', '--yes');
    expect(taken).toMatchObject({ code: 0, transactions: [expect.stringMatching(/^0x/)] });
    const after = await json('waiting');
    expect(after.waiting.filter(({ kind }: { kind: string }) => kind === 'escrow')).toEqual([]);
  });
});

describe('a resale', () => {
  const file = () => join(folder, 'sale.json');

  test('a licence is bought as one that can be sold on, once', async () => {
    await publish('passed', '--resale', '10:2');
    expect((await up.verb('show', 'passed')).stdout).toContain('It can be sold on 2 times, with 10 % for the seller.');
    const bought = await json('buy', 'passed', '--resellable', ...spend);
    expect(bought).toMatchObject({ code: 0, paid: '50000', valid: true, tokenId: expect.stringMatching(/^\d+$/) });
    expect(await json('buy', 'passed', '--resellable', ...spend)).toMatchObject({ code: 0, paid: '0' });
  });

  test('its owner signs a sale into a file, and whoever has it pays owner and royalty', async () => {
    await fund('contributor', 60_000n);
    expect(await json('sell', 'passed', '0.001', '--yes')).toMatchObject({ error: { code: 'license.not-sellable' } });
    expect(await json('sell', 'passed', '0.06', '--to', file(), '--yes')).toMatchObject({ code: 0, file: file() });
    const before = await wallet();
    const buy = ['buy', 'passed', '--sale', file(), '--as', 'contributor'] as const;
    expect(await json(...buy, '--yes', '--max-spend', '0.059')).toMatchObject({ code: 4 });
    expect(await json(...buy, ...spend)).toMatchObject({ code: 0, paid: '60000', valid: true });
    expect(await wallet()).toBe(before + 54_000n);
    expect(await wallet('contributor')).toBe(0n);
    const { licences } = await json('balance', '--as', 'contributor');
    expect(licences).toMatchObject([{ name: 'passed', tokenId: expect.any(String) }]);
  });

  test('a sale of another asset, or of what is no longer owned, is refused', async () => {
    const sale = ['--sale', file(), ...spend] as const;
    expect(await json('buy', 'mine', ...sale)).toMatchObject({ code: 2, error: { code: 'usage.sale' } });
    expect(await json('buy', 'passed', ...sale)).toMatchObject({ code: 1, error: { code: 'send.reverted' } });
    expect(await json('sell', 'passed', '0.06', '--yes')).toMatchObject({ error: { code: 'license.not-held' } });
  });

  test('renewing pays for a period of what is held', async () => {
    expect(await json('renew', 'passed', ...spend)).toMatchObject({ error: { code: 'license.not-held' } });
    await fund('evaluator', 100_000n);
    const bought = await json('buy', 'passed', '--as', 'evaluator', ...spend);
    const renewed = await json('renew', 'passed', '--as', 'evaluator', ...spend);
    expect(renewed).toMatchObject({ code: 0, paid: '50000', end: bought.end + 30 * 86_400 });
  });

  test('who has sold one buys anew, and one more when that is asked for', async () => {
    const buy = (...more: readonly string[]) => json('buy', 'passed', '--resellable', ...more, ...spend);
    const bought = await buy();
    expect(bought).toMatchObject({ code: 0, paid: '50000', valid: true });
    expect(await buy()).toMatchObject({ code: 0, paid: '0', tokenId: bought.tokenId });
    const another = await buy('--another');
    expect(another).toMatchObject({ code: 0, paid: '50000', valid: true });
    expect(another.tokenId).not.toBe(bought.tokenId);
  });
});

describe('a token that was transferred outside of a sale', () => {
  test('is of use to nobody until its royalty is paid, once, and what that takes is said first', async () => {
    const { resales } = JSON.parse(await readFile(join(up.home, 'addresses.json'), 'utf8'));
    const [{ account: from }, { account: to }] = [await json('balance'), await json('balance', '--as', 'contributor')];
    const held = (await json('balance')).licences.find(({ tokenId }: { tokenId?: string }) => tokenId);
    const args = [from, to, BigInt(held.tokenId)] as const;
    const data = encodeFunctionData({ abi: resalesAbi, functionName: 'transferFrom', args });
    await up.ask('anvil_impersonateAccount', from);
    await up.ask('eth_sendTransaction', { from, to: resales, data });
    await fund('contributor', 60_000n);
    const revive = (...more: readonly string[]) => json('revive', 'passed', '--as', 'contributor', ...more);
    expect(await revive('--dry-run')).toMatchObject({ code: 0, dryRun: true, tokenId: held.tokenId, price: '5000' });
    expect(await revive('--yes', '--max-spend', '0.004')).toMatchObject({ code: 4 });
    expect(await wallet('contributor')).toBe(60_000n);
    expect(await revive(...spend)).toMatchObject({ code: 0, paid: '5000', transaction: expect.stringMatching(/^0x/) });
    expect(await wallet('contributor')).toBe(55_000n);
    expect(await revive(...spend)).toMatchObject({ code: 0, paid: '0', transaction: null });
    const other = await json('revive', 'passed', '--as', 'pathologist', ...spend);
    expect(other).toMatchObject({ error: { code: 'license.not-held' } });
  });
});

describe('calls that a licence covers', () => {
  test('are signed for and not paid, by who holds it or its token, until its quota is used up', async () => {
    await publish('counted', '--quota', '2', '--resale', '10', '--rights', 'infer,resell');
    await fund('evaluator', 50_000n);
    await up.interrupt();
    await up.again();
    const channels = (await json('balance')).channels.length;
    const call = (...more: readonly string[]) => json('call', 'counted', '7', ...more);
    const buyers = [['--resellable'], ['--as', 'evaluator']] as const;
    for (const [at, options] of buyers.entries()) {
      const who = at === 0 ? [] : options;
      expect(await json('buy', 'counted', ...options, ...spend)).toMatchObject({ code: 0, paid: '50000' });
      for (let i = 0; i < 2; i++)
        expect(await call(...who)).toMatchObject({ code: 0, cost: '0', body: { label: 7 }, receipt: { price: '0' } });
      expect(await call(...who)).toMatchObject({ error: { code: 'licence.quota' } });
    }
    expect(await json('export', '--as', 'buyer')).toMatchObject({ code: 0, receiptsReceived: 2 });
    // One signature was enough for all calls, and no deposit was needed.
    expect((await json('balance')).channels).toHaveLength(channels);
    const path = join(up.home, 'buyers', 'buyer', 'signins.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const [kept] = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify([{ ...kept, token: `${kept.token.slice(0, -4)}AAAA` }]));
    expect(await call()).toMatchObject({ error: { code: 'licence.quota' } });
    expect(JSON.parse(await readFile(path, 'utf8'))).not.toMatchObject([{ token: kept.token }]);
  });
});

test('L6 R1 R3 the public audit finds that refunds and resales add up', async () => {
  const audited = await json('audit', 'verify', '--public');
  expect(audited).toMatchObject({ code: 0, residuals: [] });
  expect(audited.proofs.map(({ rule }: { rule: string }) => rule)).toEqual(expect.arrayContaining(['L6', 'R1', 'R3']));
});
