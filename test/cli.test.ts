/**
 * The verbs as people and scripts use them: real processes against a real market. The tests stand in the order of the
 * flow and share the market; each names what it holds the command line to.
 */
import { chmod, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agorai, interrupt, jsonAt, jsonOf, start, until } from './actors/agorai.ts';
import { listenUntil } from './actors/serveLocally.ts';
import { startUp, type Up } from './actors/startUp.ts';

let up: Up;
let folder: string;
const stops: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  up = await startUp();
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await up?.stop();
  await rm(folder, { recursive: true, force: true });
});

const verb = (...args: readonly string[]) => up.verb(...args);
const json = (...args: readonly string[]) => up.json(...args);
const wallet = async () => (await json('balance')).wallet as string;
const credited = async () => {
  const { ready, waiting } = await json('earnings');
  return BigInt(ready) + BigInt(waiting);
};
const earned = async () => BigInt((await json('balance', '--as', 'seller')).wallet);
describe('finding', () => {
  test('search writes its table to standard output and nothing beside it', async () => {
    const { code, stdout, stderr } = await verb('search');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^NAME +ID +KIND +PRICE +TITLE\nbreast-cancer .+\nembeddings .+\ndigits .+\nglosses .+\nrisk .+\n$/,
    );
  });

  test('search with --json gives the listings that hold every word, none as an empty list', async () => {
    expect(jsonOf(await verb('search', 'handwritten', 'digits', '--json'))).toMatchObject([{ name: 'digits' }]);
    const none = await verb('search', 'translation', '--json');
    expect({ code: none.code, found: jsonOf(none) }).toEqual({ code: 0, found: [] });
  });

  test('show tells the terms in words and the root of the weights', async () => {
    const { code, stdout, stderr } = await verb('show', 'digits');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const manifest = JSON.parse(await readFile('models/digits/manifest.json', 'utf8'));
    expect(stdout).toContain(`weights ${manifest.root}`);
    expect(stdout).toContain('You pay $0.05 for 30 days, and $0.0002 per call.');
  });

  test('a name that nothing has exits with 1 and names the verb that lists', async () => {
    const { code, error } = await json('show', 'nothing');
    expect({ code, error }).toMatchObject({ code: 1, error: { code: 'asset.unknown', command: 'agorai search' } });
  });

  test('tables are as wide as COLUMNS, and nothing is coloured', async () => {
    const env = { AGORAI_HOME: up.home, COLUMNS: '60', FORCE_COLOR: '1' };
    const { stdout } = await agorai(['search'], { env });
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
    expect(stdout).not.toContain('\u001b');
  });
});

describe('spending', () => {
  const amount = ['--max-spend', '0.05'];

  test('is not done when nobody can be asked, and the hint is the whole command', async () => {
    const { code, error } = await json('buy', 'digits');
    const command = 'agorai buy digits --json --yes --max-spend 0.05';
    expect({ code, error }).toMatchObject({ code: 2, error: { code: 'usage.confirm', command } });
  });

  test('with --yes needs a limit', async () => {
    const { code, error } = await json('buy', 'digits', '--yes');
    expect({ code, error }).toMatchObject({ code: 2, error: { code: 'usage.max_spend' } });
  });

  test('above --max-spend is refused with 4 and moves nothing', async () => {
    const before = await wallet();
    const { code, error } = await json('buy', 'digits', '--yes', '--max-spend', '0.049999');
    expect({ code, error }).toMatchObject({ code: 4, error: { code: 'spend.over_limit' } });
    expect(await wallet()).toBe(before);
  });

  test.each([
    ['buy', 'digits'],
    ['deposit', '1'],
    ['withdraw', '--deposit'],
  ])('%s %s with --dry-run says what would be done and moves nothing', async (...args) => {
    const before = await wallet();
    const outcome = await verb(...args, '--dry-run', '--json');
    expect(outcome.code).toBe(0);
    const value = jsonOf(outcome);
    if (args[0] !== 'withdraw') {
      expect(value).toMatchObject({ dryRun: true, sentences: [expect.stringMatching(/\$(0\.05|1\.00)/)] });
      expect(outcome.stderr).toContain(value.sentences[0]);
    }
    expect(await wallet()).toBe(before);
  });

  test('deposit puts aside what was said', async () => {
    const deposited = await json('deposit', '1', '--yes', '--max-spend', '1');
    expect(deposited).toMatchObject({ code: 0, deposited: '1000000', available: '1000000' });
    expect(await json('balance')).toMatchObject({ wallet: '9000000', channels: [{ available: '1000000' }] });
  });

  test('a deposit above the account exits with 3 and says how much there is', async () => {
    const { code, error } = await json('deposit', '9.5', '--yes', '--max-spend', '9.5');
    expect({ code, error }).toMatchObject({
      code: 3,
      error: { code: 'payment.insufficient', hint: 'Deposit at most 9.00.' },
    });
  });

  test('a call without the licence that it needs exits with 3 and is not charged', async () => {
    const { code, error } = await json('call', 'digits', '7');
    expect({ code, error }).toMatchObject({ code: 3, error: { code: 'licence.required' } });
    expect(await json('balance')).toMatchObject({ channels: [{ available: '1000000' }] });
  });

  test('buy with --explain tells standard error what is signed, and standard output the result alone', async () => {
    const { code, stdout, stderr } = await verb('buy', 'digits', '--explain', '--yes', ...amount);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Bought digits for \$0\.05, valid until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\.\n$/);
    expect(stderr).toMatch(/^ {2}Buy a licence of version 1 of asset .+: \$0\.05 for 30 days\..+\n$/);
    expect(await wallet()).toBe('8950000');
  });

  test('buying again finds the licence and pays nothing', async () => {
    expect(await json('buy', 'digits', '--yes', ...amount)).toMatchObject({ code: 0, paid: '0', valid: true });
    expect(await wallet()).toBe('8950000');
  });

  test('--renew pays for another period', async () => {
    const [before] = (await json('balance')).licences;
    const renewed = await json('buy', 'digits', '--renew', '--yes', ...amount);
    expect(renewed).toMatchObject({ code: 0, paid: '50000', end: before.end + 30 * 86_400 });
    expect(await readFile(join(up.home, 'exports', 'buyer.ndjson'), 'utf8')).toContain(renewed.transaction);
    expect(await wallet()).toBe('8900000');
  });

  test('what needs no licence cannot be bought, and the way to call it is named', async () => {
    const { code, error } = await json('buy', 'embeddings');
    expect({ code, error }).toMatchObject({
      code: 1,
      error: { code: 'license.none', command: 'agorai call embeddings' },
    });
  });
});

describe('calling', () => {
  test('prints the answer alone, and under it on standard error what it cost', async () => {
    const { code, stdout, stderr } = await verb('call', 'embeddings', 'good morning', 'good evening');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^similarity {2}0\.\d{3}\n$/);
    expect(stderr).toMatch(
      /^— \$0\.\d+ of at most \$0\.\d+ · \d+ ms · same weights [0-9a-f]{4} · receipt [0-9a-f]{4}\n$/,
    );
  });

  test('with --json gives answer, cost and receipt as one value, and keeps the receipt in a private file', async () => {
    const call = await json('call', 'digits', '7:12');
    expect(call).toMatchObject({ code: 0, body: { label: 7 }, cost: '200', bound: '200', receipt: { price: '200' } });
    const receipts = join(up.home, 'buyers', 'buyer', 'receipts');
    expect(JSON.parse(await readFile(join(receipts, `${call.receiptHash}.json`), 'utf8')).receipt).toEqual(
      call.receipt,
    );
    expect(await readdir(receipts)).toHaveLength(2);
  });

  test('above --max-price is refused with 4 before anything is paid', async () => {
    const before = (await json('balance')).channels;
    const { code, error } = await json('call', 'digits', '7', '--max-price', '0.000199');
    expect({ code, error }).toMatchObject({ code: 4, error: { code: 'payment.over_limit', docs: 'docs/pay.md' } });
    expect((await json('balance')).channels).toEqual(before);
  });

  test('without a deposit exits with 3 and names the verb that helps', async () => {
    const { code, error } = await json('call', 'embeddings', 'a', '--as', 'contributor');
    expect({ code, error }).toMatchObject({
      code: 3,
      error: { code: 'payment.insufficient', command: expect.stringMatching(/^agorai deposit 1 --for [0-9a-f]{4,}$/) },
    });
  });

  test.each([
    [['digits', 'hello'], 'usage.input'],
    [['digits', '--input', '{'], 'usage.input'],
    [['digits', '--input', '{"pixels":[1]}'], 'request.invalid'],
    [['embeddings'], 'usage.input'],
    [['embeddings', 'a', '--gateway', 'nowhere'], 'usage.url'],
  ])('%j exits with 2: %s', async (args, code) => {
    expect(await json('call', ...args)).toMatchObject({ code: 2, error: { code } });
  });

  test('a gateway that does not answer exits with 5', async () => {
    const { code, error } = await json('call', 'embeddings', 'a', '--gateway', 'http://127.0.0.1:1');
    expect({ code, error }).toMatchObject({ code: 5, error: { code: 'network.unreachable' } });
  });

  test('a gateway that hangs is named, and holds up no other', async () => {
    const hanging = createServer(() => undefined);
    const url = await listenUntil(hanging, stops);
    const file = join(up.home, 'run', 'gateway-aside.json');
    await writeFile(file, JSON.stringify({ pid: process.pid, url }));
    try {
      const { code, stderr } = await verb('call', 'breast-cancer', '19', '--max-price', '0');
      expect(stderr).toContain(`  gateway    ${new URL(url).host} does not answer`);
      // It was asked, and costs more.
      expect(code).toBe(4);
    } finally {
      await rm(file);
    }
  });

  test('somebody who has no key here is told who has', async () => {
    const { code, error } = await json('call', 'embeddings', 'a', '--as', 'nobody');
    expect({ code, error }).toMatchObject({
      code: 1,
      error: { code: 'home.no_person', hint: expect.stringContaining('buyer') },
    });
  });
});

describe('interrupting', () => {
  test('a verb that waits ends with 130 and one JSON value', async () => {
    const server = createServer(() => undefined);
    const gateway = await listenUntil(server, stops);
    const asked = new Promise((done) => server.once('request', done));
    const running = up.begin('call', 'digits', '7', '--gateway', gateway, '--json');
    await asked;
    const outcome = await interrupt(running);
    expect({ code: outcome.code, ...jsonOf(outcome) }).toMatchObject({ code: 130, error: { code: 'interrupted' } });
  });
});

describe('looking after', () => {
  test('receipts lists what was paid for, checked against the chain', async () => {
    const { code, total, receipts } = await json('receipts');
    expect({ code, total, prices: receipts.map(({ price }: { price: string }) => price) }).toEqual({
      code: 0,
      total: '304',
      prices: ['200', '104'],
    });
  });

  test('receipts exits with 6 and names the one that was changed', async () => {
    const home = await up.copy();
    const kept = join(home, 'buyers', 'buyer', 'receipts');
    const [name = ''] = await readdir(kept);
    const file = JSON.parse(await readFile(join(kept, name), 'utf8'));
    await writeFile(join(kept, name), JSON.stringify({ ...file, receipt: { ...file.receipt, price: '1' } }));
    const outcome = await jsonAt(home, 'receipts');
    expect(outcome).toMatchObject({ code: 6, error: { code: 'receipt.broken' } });
    expect(outcome.error.detail).toContain(name.slice(0, 66));
  });

  test('export --follow says what it cannot read now, and goes on', async () => {
    const home = await up.copy();
    const copy = join(folder, 'followed.ndjson');
    const running = start(['export', '--follow', '--as', 'buyer', '--to', copy], { env: { AGORAI_HOME: home } });
    await expect.poll(() => running.stdout(), { timeout: 10_000 }).toContain('Every line was checked.');
    const broken = join(home, 'buyers', 'buyer', 'receipts', `0x${'9'.repeat(64)}.json`);
    await writeFile(broken, '{');
    await until(running, '  export     not now: ');
    await rm(broken);
    await rm(copy);
    await expect.poll(() => readFile(copy, 'utf8').catch(() => ''), { timeout: 10_000 }).toContain('"kind":"received"');
    expect((await interrupt(running)).code).toBe(130);
  });

  test('status says what runs and where', async () => {
    const { running, processes } = await json('status');
    expect(running).toBe(true);
    expect(processes.map(({ name, ok }: { name: string; ok: boolean }) => [name, ok])).toEqual([
      ['chain', true],
      ['gateway-hospital', true],
      ['settler-hospital', true],
      ['gateway-seller', true],
      ['settler-seller', true],
    ]);
    expect(processes[0].url).toBe((await up.run('chain')).url);
  });

  test('doctor finds nothing wrong with a market that is well', async () => {
    const { code, stdout, stderr } = await verb('doctor');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^(ok {3}.+\n)+Nothing is wrong\.\n$/);
    for (const part of [
      'chain 31337',
      'clocks',
      'settler key of seller is registered',
      'receipt key of hospital is registered',
      'with 402',
    ])
      expect(stdout).toContain(part);
  });

  test('doctor exits with 6 and says how to mend a key that others can read', async () => {
    const home = await up.copy();
    await chmod(join(home, 'keys', 'seller.json'), 0o644);
    const { code, error } = await jsonAt(home, 'doctor');
    expect({ code, error: error.code }).toEqual({ code: 6, error: 'doctor.problems' });
    expect(error.detail).toMatch(/^FAIL .+seller\.json .+\n {5}fix .+chmod 600 .+$/m);
  });
});

describe('selling', () => {
  let model: string;
  const price = ['--price', '0.02', '--per-call', '0.001'];

  beforeAll(async () => {
    model = join(folder, 'mine');
    await cp('models/digits', model, { recursive: true, filter: (path) => !/manifest\.json|\.ts$/.test(path) });
    const card = JSON.parse(await readFile(join(model, 'card.json'), 'utf8'));
    await writeFile(join(model, 'card.json'), JSON.stringify({ ...card, name: 'mine' }));
  });

  test('publish refuses a folder without a card, and says what is missing', async () => {
    const { code, error } = await json('publish', folder, '--free');
    expect({ code, error }).toMatchObject({
      code: 1,
      error: { code: 'publish.file-refused', docs: 'docs/publish.md' },
    });
    expect(error.hint).toContain('card.json');
  });

  test('publish does not give away a model whose price was forgotten', async () => {
    expect(await json('publish', model, '--yes')).toMatchObject({ code: 2, error: { code: 'usage.price' } });
  });

  test('publish with --dry-run publishes nothing', async () => {
    expect(await json('publish', model, ...price, '--dry-run')).toMatchObject({ code: 0, dryRun: true });
    expect(jsonOf(await verb('search', 'mine', '--json'))).toEqual([]);
  });

  test('publish makes a listing, and the same again finds it', async () => {
    const first = await json('publish', model, ...price, '--yes');
    expect(first).toMatchObject({ code: 0, status: 'published', version: 1 });
    expect(await json('publish', model, ...price, '--yes')).toMatchObject({ code: 0, status: 'found', id: first.id });
    const [listing] = jsonOf(await verb('search', 'mine', '--json'));
    expect(listing).toMatchObject({ id: first.id, name: 'mine', offers: [{ price: '20000' }] });
  });

  test('publish with --update appends a version', async () => {
    const card = JSON.parse(await readFile(join(model, 'card.json'), 'utf8'));
    await writeFile(join(model, 'card.json'), JSON.stringify({ ...card, title: 'Digits, second edition' }));
    const updated = await json('publish', model, ...price, '--update', 'mine', '--yes');
    expect(updated).toMatchObject({ code: 0, status: 'updated', version: 2 });
    expect(await json('show', 'mine')).toMatchObject({ version: 2, card: { title: 'Digits, second edition' } });
  });

  test('publish --parent needs a licence, names what a model was made from, and show tells it', async () => {
    const copy = join(folder, 'offspring');
    await cp(model, copy, { recursive: true });
    const card = JSON.parse(await readFile(join(copy, 'card.json'), 'utf8'));
    await writeFile(join(copy, 'card.json'), JSON.stringify({ ...card, name: 'offspring' }));
    const derive = (relation: string, ...more: readonly string[]) =>
      json('publish', copy, '--per-call', '0.001', '--parent', `breast-cancer:${relation}`, '--yes', ...more);
    expect(await derive('trained-on:20', '--as', 'contributor')).toMatchObject({ error: { code: 'license.not-held' } });
    expect(await derive('made-of:20')).toMatchObject({ code: 2, error: { code: 'usage.terms' } });
    expect(await derive('trained-on:19.99')).toMatchObject({ code: 1, error: { code: 'publish.lineage-invalid' } });
    expect(await derive('trained-on:20')).toMatchObject({ code: 0, status: 'published' });
    expect(await json('show', 'offspring')).toMatchObject({ parents: [{ relation: 'trained-on', shareBps: 2_000 }] });
  });

  test('a derived model is paid at an address of its own, deposits are told apart, and all are counted in one total', async () => {
    const before = await json('balance');
    const row = await json('call', 'breast-cancer', '3', '--as', 'buyer');
    expect(row).toMatchObject({ code: 3, error: { code: 'payment.insufficient' } });
    for (const name of ['risk', 'breast-cancer'])
      expect(await json('deposit', '0.25', '--for', name, '--yes', '--max-spend', '0.25')).toMatchObject({ code: 0 });
    const { rows } = (await json('call', 'breast-cancer', '3')).body;
    const { diagnosis, ...features } = rows[0];
    const words = Object.entries(features).map(([feature, value]) => `${feature}=${value}`);
    expect(await json('call', 'risk', ...words)).toMatchObject({ code: 0, body: { label: diagnosis } });
    const after = await json('balance');
    expect(after.channels).toHaveLength(before.channels.length + 2);
    expect(BigInt(before.total) - BigInt(after.total)).toBe(300n + 503n);
  });

  test('settle claims what buyers owe; withdraw pays once the window has passed, and once only', async () => {
    const charged = 104n + 200n;
    const derived = 503n;
    expect(await json('settle')).toMatchObject({ code: 0, claimed: (charged + derived).toString() });
    expect(await json('settle', '--as', 'hospital')).toMatchObject({ code: 0, claimed: '300' });
    const before = await earned();
    const due = (100_000n * 7n) / 10n + (charged * 7n) / 10n + (derived * 8n * 7n) / 100n;
    await expect.poll(credited, { timeout: 20_000 }).toBe(due);
    await json('withdraw', '--yes');
    // On a slow machine the window of what came last ends meanwhile.
    expect((await verb('withdraw', '--yes')).stdout).toMatch(
      /^(There is nothing to withdraw yet\. \$0\.\d+ waits until .+|Withdrew \$0\.\d+ to 0x\w{40}\.)\n$/,
    );
    await up.ask('evm_increaseTime', 40);
    await up.ask('evm_mine');
    const { ready } = await json('earnings');
    expect(await json('withdraw', '--yes')).toMatchObject({ code: 0, amount: ready });
    expect((await earned()) - before).toBe(due);
    expect(await json('withdraw', '--yes')).toMatchObject({ code: 0, amount: '0' });
  });

  test('withdraw --deposit takes back what calls did not use', async () => {
    // A seller that is not asked keeps no other's money.
    const { url: hospital } = await up.run('gateway-hospital');
    const part = await json('withdraw', '--deposit', '--gateway', hospital, '--yes');
    expect(part).toMatchObject({ code: 0, channels: [{}], left: [{}, {}] });
    const rest = await json('withdraw', '--deposit', '--yes');
    expect(rest).toMatchObject({ code: 0, left: [] });
    expect(Number(part.amount) + Number(rest.amount)).toBe(999_696 + 500_000 - 803);
    expect(await json('balance')).toMatchObject({ wallet: (8_900_000 + 999_696 - 803).toString(), channels: [] });
  });
});

describe('audit verify', () => {
  test.each(['--public', '--books'])('%s passes with one JSON value', async (kind) => {
    expect(await json('audit', 'verify', kind)).toMatchObject({ code: 0, passed: true, residuals: [] });
  });

  test('exits with 6 and names both values when the books were changed', async () => {
    const home = await up.copy();
    const ledger = new DatabaseSync(join(home, 'sellers', 'seller', 'ledger.db'));
    ledger.exec('update accounts set charged = charged + 1');
    ledger.close();
    const { code, error } = await jsonAt(home, 'audit', 'verify', '--books');
    expect({ code, error: error.code }).toEqual({ code: 6, error: 'audit.residual' });
    expect(error.detail).toMatch(/FAIL X2 .+expected .+found /);
  });

  test('says whose books there are not', async () => {
    const { code, error } = await json('audit', 'verify', '--books', '--as', 'buyer');
    expect({ code, error }).toMatchObject({ code: 1, error: { code: 'home.no_books' } });
  });
});
