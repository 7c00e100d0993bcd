/** `agorai up` as a newcomer, an impatient person and a crashing machine use it. The tests share one market, in order. */
import { appendFile, cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agorai, jsonOf, signal, until } from './actors/agorai.ts';
import { startUp, type Up } from './actors/startUp.ts';

const processes = ['chain', 'gateway-seller', 'settler-seller', 'gateway-hospital', 'settler-hospital'] as const;
let up: Up;
let folder: string;
/** The home while nothing runs in it. */
let resting: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'up-'));
  resting = join(folder, 'resting');
  up = await startUp({ demonstration: true });
});
afterAll(async () => {
  await up?.stop();
  await rm(folder, { recursive: true, force: true });
});

const json = (...args: readonly string[]) => up.json(...args);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const pidOf = async (name: string) => (await up.run(name)).pid;
const isBack = (name: string, former: number) =>
  expect.poll(() => pidOf(name).catch(() => former), { timeout: 30_000 }).not.toBe(former);

test('the first start shows a paid, settled and checked flow; standard output has the audit alone', async () => {
  const { stdout, stderr } = up.running();
  expect(stdout()).toMatch(/^BOOKS OF seller\n\nRECEIPT .+PAID TO\n[\s\S]+\nBOOKS OF hospital\n\nRECEIPT /);
  expect(stdout()).toMatch(/\nEverything adds up\.\n$/);
  const lines = stderr()
    .split('\n')
    .map((line) => /^ {2}([a-z]+) /.exec(line)?.[1]);
  const stages = lines.filter((stage, at) => stage !== undefined && stage !== lines[at - 1]);
  expect(stages.filter((stage) => stage !== 'home' && stage !== 'chain')).toEqual(
    expect.arrayContaining(['publish', 'license', 'pay', 'infer', 'settle', 'audit', 'try', 'stop']),
  );
  expect(stderr()).toMatch(/of at most .+ same weights [0-9a-f]{4} · receipt [0-9a-f]{4}/);
  for (const person of ['seller', 'contributor', 'evaluator', 'hospital', 'pathologist'])
    expect(stderr()).toContain(`${person} withdrew $0.0`);
  expect(stderr()).toContain('$0.0001 passed on from risk to breast-cancer');
  expect(stderr().match(/put aside once for calls to/g)).toHaveLength(3);
});

test('a second one in the same home says that the market is open, and where', async () => {
  const { code, error } = await json('up', '--port', '0', '--chain-port', '0');
  expect({ code, error }).toMatchObject({ code: 1, error: { code: 'up.running' } });
  expect(error.title).toContain((await up.run('gateway-seller')).url);
});

test('a port that is taken is named, with a command that works', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as { port: number };
  const outcome = await agorai(['up', '--json', '--port', `${port}`, '--home', join(folder, 'other')]);
  server.close();
  const { error } = jsonOf(outcome);
  expect(outcome.code).toBe(1);
  expect(error).toMatchObject({ code: 'up.port_taken', title: expect.stringContaining(`${port}`) });
  expect(error.command).toMatch(/^agorai up .*--port \d+/);
});

describe('a process that is killed is started again', () => {
  test('the gateway: what it acknowledged is in its books, and it serves on', async () => {
    const receipt = (await json('call', 'digits', '7')).receiptHash;
    const former = await pidOf('gateway-seller');
    process.kill(former, 'SIGKILL');
    await isBack('gateway-seller', former);
    const report = await json('audit', 'verify', '--books');
    expect(report).toMatchObject({ code: 0, passed: true });
    expect(report.payments.map((payment: { receipt: string }) => payment.receipt)).toContain(receipt);
    expect(await json('call', 'digits', '8')).toMatchObject({ code: 0, body: { label: 8 } });
  });

  test('the settler: what was owed is claimed once', async () => {
    const former = await pidOf('settler-seller');
    process.kill(former, 'SIGKILL');
    await isBack('settler-seller', former);
    expect(await json('settle')).toMatchObject({ code: 0, claimed: '400' });
    expect(await json('settle')).toMatchObject({ code: 0, claimed: '0' });
  });

  test('the chain: it goes on where it was saved, and calls are served and audited', async () => {
    const before = await json('balance');
    const saved = Number(await up.ask('eth_blockNumber'));
    const former = await pidOf('chain');
    // Two saves later the block is in the state that a killed node goes on from.
    await expect
      .poll(async () => Number(await up.ask('eth_blockNumber')), { timeout: 20_000 })
      .toBeGreaterThan(saved + 3);
    process.kill(former, 'SIGKILL');
    await isBack('chain', former);
    await expect
      .poll(() => up.ask('eth_blockNumber').then(Number, () => 0), { timeout: 20_000 })
      .toBeGreaterThanOrEqual(saved);
    const after = await json('balance');
    expect(after).toEqual(before);
    expect(await json('call', 'digits', '9')).toMatchObject({ code: 0 });
    expect(await json('audit', 'verify', '--books')).toMatchObject({ code: 0, passed: true });
  });
});

describe('A-141: a verb that is cut off is done once when it is repeated', () => {
  const sentence = /^ {2}(Buy|Lock|Publish) /m;
  const spend = ['--explain', '--yes', '--max-spend', '1', '--json'];

  /** With the miner at rest, nothing that was sent can be known to have arrived. */
  async function cutOff(name: NodeJS.Signals, when: 'asked' | 'sent', args: readonly string[]) {
    await up.ask('evm_setIntervalMining', 0);
    const running = up.begin(...args, ...spend);
    await until(running, sentence);
    if (when === 'sent') await expect.poll(isWaiting, { interval: 5, timeout: 20_000 }).toBe(true);
    signal(running, name);
    const outcome = await running.ended;
    const again = up.begin(...args, ...spend);
    await up.ask('evm_setIntervalMining', 1);
    const value = jsonOf(await again.ended);
    if (name === 'SIGINT')
      expect({ code: outcome.code, ...jsonOf(outcome) }).toMatchObject({ code: 130, error: { code: 'interrupted' } });
    else expect(outcome.stdout).toBe('');
    return value;
  }

  async function isWaiting(): Promise<boolean> {
    return Number(((await up.ask('txpool_status')) as { pending: string }).pending) > 0;
  }

  async function makeModel(name: string): Promise<string> {
    const model = join(folder, name);
    await cp('models/digits', model, { recursive: true, filter: (path) => !/manifest\.json|\.ts$/.test(path) });
    const card = JSON.parse(await readFile(join(model, 'card.json'), 'utf8'));
    await writeFile(join(model, 'card.json'), JSON.stringify({ ...card, name }));
    return model;
  }

  const moments = [
    ['SIGINT', 'asked'],
    ['SIGINT', 'sent'],
    ['SIGKILL', 'sent'],
  ] as const;

  test.each(moments)('publish, buy and deposit, by %s when it has %s', async (name, when) => {
    const model = `m-${name.toLowerCase()}-${when}`;
    const before = BigInt((await json('balance')).wallet);
    const terms = ['--price', '0.01', '--per-call', '0.0001'];
    const { id } = await cutOff(name, when, ['publish', await makeModel(model), ...terms]);
    expect(jsonOf(await up.verb('search', model, '--json'))).toMatchObject([{ id, offers: [{ price: '10000' }] }]);
    expect(await cutOff(name, when, ['buy', model])).toMatchObject({ valid: true });
    expect(await cutOff(name, when, ['deposit', '0.5'])).toMatchObject({ deposited: '500000' });
    expect(BigInt((await json('balance')).wallet)).toBe(before - 10_000n - 500_000n);
  });
});

describe('the end and another start', () => {
  let bought: { wallet: string; licences: readonly unknown[]; channels: readonly unknown[] };

  test('Ctrl-C ends it in order with 0 and leaves no process behind', async () => {
    bought = await json('balance');
    const pids = await Promise.all(processes.map(pidOf));
    const { code, stderr } = await up.interrupt();
    expect({ code, last: stderr.trimEnd().split('\n').at(-1) }).toEqual({ code: 0, last: '  stopping' });
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await readdir(join(up.home, 'run'))).toEqual([]);
    await cp(up.home, resting, { recursive: true });
  });

  test('what needs the market now says with 5 how to start it', async () => {
    for (const verb of [['balance'], ['settle'], ['call', 'digits', '7']])
      expect(await json(...verb)).toMatchObject({ code: 5, error: { command: 'agorai up' } });
  });

  test('the next start goes on in the same state and buys nothing again', async () => {
    await up.again();
    expect(up.running().stderr()).not.toMatch(/^ {2}(license|pay|settle) /m);
    expect(up.running().stdout()).toMatch(/^The market is open at http:.+ All \d receipts add up\.\n$/);
    expect(await json('balance')).toEqual({ ...bought, code: 0 });
  });

  test('and serves what was published since', async () => {
    expect(up.running().stderr()).toMatch(/^ {2}publish +m-sigint-sent of /m);
    expect(await json('call', 'm-sigint-sent', '7')).toMatchObject({ code: 0, body: { label: 7 } });
  });

  test('kill -9 leaves neither gateway nor settler behind, and the next start takes the chain over', async () => {
    const [chain, ...others] = await Promise.all(processes.map(pidOf));
    const { child } = up.running();
    child.kill('SIGKILL');
    await up.running().ended;
    await expect.poll(() => others.filter(isAlive), { timeout: 30_000 }).toEqual([]);
    await up.again();
    expect(isAlive(chain as number)).toBe(false);
    expect(await json('audit', 'verify', '--books')).toMatchObject({ code: 0, passed: true });
  });

  test('--once ends after its audit with 0', async () => {
    await up.interrupt();
    const outcome = await up.verb('up', '--once', '--json', '--port', '0', '--chain-port', '0');
    expect({ code: outcome.code, ...jsonOf(outcome) }).toMatchObject({ code: 0, passed: true });
    expect(outcome.stderr).not.toContain('Ctrl-C');
  });
});

describe('a home that was damaged', () => {
  const start = async (home: string, ...args: readonly string[]) => {
    const outcome = await agorai([
      'up',
      '--once',
      '--json',
      '--port',
      '0',
      '--chain-port',
      '0',
      '--home',
      home,
      ...args,
    ]);
    return { code: outcome.code, stderr: outcome.stderr, ...jsonOf(outcome) };
  };
  const copy = async (name: string) => {
    await cp(resting, join(folder, name), { recursive: true });
    return join(folder, name);
  };
  test('a state that was cut short is left untouched, and --fresh is offered', async () => {
    const home = await copy('broken');
    const state = join(home, 'chain', 'state.json');
    await truncate(state, 1_000);
    const { code, error } = await start(home);
    expect({ code, error }).toMatchObject({ code: 1, error: { code: 'up.stale', command: 'agorai up --fresh' } });
    expect((await readFile(state)).length).toBe(1_000);
  });

  test('a missing state is said to be missing', async () => {
    const home = await copy('missing');
    await rm(join(home, 'chain'), { recursive: true });
    const { code, error } = await start(home);
    expect({ code, error }).toMatchObject({
      code: 1,
      error: { code: 'up.stale', title: expect.stringContaining('missing') },
    });
  });

  test('A-143: an address book of another chain is noticed, and --fresh is offered', async () => {
    const home = await copy('foreign');
    const path = join(home, 'addresses.json');
    const book = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...book, genesisHash: `0x${'1'.repeat(64)}` }));
    const { code, error } = await start(home);
    expect({ code, error }).toMatchObject({ code: 1, error: { code: 'up.stale', command: 'agorai up --fresh' } });
  });

  test('a configuration that is no JSON is named', async () => {
    const home = await copy('config');
    await appendFile(join(home, 'addresses.json'), '}');
    const { code, error } = await start(home);
    expect({ code, error }).toMatchObject({
      code: 1,
      error: { code: 'files.invalid', title: expect.stringContaining('addresses.json') },
    });
  });
});
