import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { admission, config, holding, outcome, sealer, word } from '../../test/actors/ledgerRequests.ts';
import { describeLedger, type Opened } from '../../test/support/describeLedger.ts';
import type * as Ledger from './Ledger.ts';
import { openLedger } from './openLedger.ts';

const program = fileURLToPath(new URL('../../test/actors/ledgerProcess.ts', import.meta.url));

async function open(): Promise<Opened & { file: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  const file = join(folder, 'ledger.db');
  const handles = [openLedger(file)];
  return {
    file,
    ledger: handles[0] as Ledger.Ledger,
    async another() {
      const handle = openLedger(file);
      handles.push(handle);
      return handle;
    },
    async remove() {
      for (const handle of handles) await handle.close();
      rmSync(folder, { recursive: true });
    },
  };
}

describeLedger('SQLite', open);

it('watches what may change what is served, and what waits for depth, and no more of what was given up', async () => {
  const [one, two] = [word(1), word(2)];
  const { ledger, remove } = await open();
  const ids = (options?: { unconfirmed?: boolean }) => ledger.watched(options).map(({ id }) => id);
  const put = (id: typeof one, confirmed: bigint, state: Ledger.ChannelState) =>
    ledger.putChannel(id, config, { ...holding(100n), confirmed }, state);
  await put(one, 100n, 'open');
  await put(two, 9n, 'open');
  expect([ids(), ids({ unconfirmed: true })]).toEqual([[one, two], [two]]);
  await ledger.admit(admission(word(10), 10n, 10n, { account: two }));
  await ledger.commit([outcome(word(10), 10n)], sealer);
  await put(one, 100n, 'dead');
  await put(two, 9n, 'dead');
  // Of the ten that were charged nine lie deep enough.
  expect(ids()).toEqual([two]);
  await put(two, 10n, 'dead');
  expect([ids(), ids({ unconfirmed: true })]).toEqual([[], []]);
  await remove();
});

describe('processes', () => {
  let opened: Awaited<ReturnType<typeof open>>;
  beforeEach(async () => {
    opened = await open();
    await opened.ledger.putChannel(word(1), config, holding(10n ** 6n), 'open');
  });
  afterEach(() => opened.remove());

  const run = (number: number, mode: 'race' | 'work'): ChildProcess =>
    spawn(process.execPath, [program, opened.file, `${number}`, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  const linesOf = (child: ChildProcess) => createInterface({ input: child.stdout as Readable });

  it('race for one voucher and one of them wins (A-031)', async () => {
    const counts = await Promise.all(
      [0, 1].map(async (number) => {
        const child = run(number, 'race');
        const [line] = (await once(linesOf(child), 'line')) as [string];
        await once(child, 'exit');
        return Number(line);
      }),
    );
    expect(counts.sort()).toEqual([0, 1]);
    expect(opened.ledger.counts()).toEqual({ requests: 1, reserved: 1 });
  });

  it('lose nothing that they acknowledged when they are killed (A-135, X14)', async () => {
    const child = run(0, 'work');
    const acknowledged: string[] = [];
    for await (const line of linesOf(child)) {
      acknowledged.push(line);
      if (acknowledged.length === 151) child.kill('SIGKILL');
    }
    const charged = acknowledged.filter((line) => line.startsWith('charged')).length;
    const admitted = acknowledged.filter((line) => line.startsWith('admitted')).length;
    const { ledger } = opened;
    const channel = ledger.channel(word(1)) as Ledger.ChannelRow;
    // What was not told any more may have been written: the state is that of a history which begins with the told one.
    expect(Number(channel.max)).toBeGreaterThanOrEqual(admitted);
    expect(Number(channel.charged)).toBeGreaterThanOrEqual(charged);
    expect(channel.max - channel.charged).toBeLessThanOrEqual(1n);
    expect(ledger.logSize()).toBe(Number(channel.charged));
    expect(ledger.receipts(0, 10_000).map(({ seq }) => seq)).toEqual(
      Array.from({ length: ledger.logSize() }, (_, i) => BigInt(i + 1)),
    );
    expect(ledger.counts()).toEqual({
      requests: Number(channel.max),
      reserved: Number(channel.max - channel.charged),
    });
  });

  it('read a ledger that another one writes, and cannot write it', async () => {
    const reader = openLedger(opened.file, { readOnly: true });
    expect(reader.channel(word(1))).toMatchObject({ balance: 10n ** 6n });
    await opened.ledger.putChannel(word(2), config, holding(1n), 'open');
    expect(reader.channels()).toHaveLength(2);
    await expect(reader.putChannel(word(3), config, holding(1n), 'open')).rejects.toMatchObject({
      code: 'store.unavailable',
    });
    await reader.close();
  });
});
