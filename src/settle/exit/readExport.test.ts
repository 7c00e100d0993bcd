import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actors, charge, creditRow, fund, startWorld, type World } from '../../../test/actors/settlement.ts';
import * as ReceiptLog from '../../infer/ReceiptLog.ts';
import { sign } from '../../internal/node/secp256k1.ts';
import * as Outbox from '../../pay/Outbox.ts';
import { copyLedger } from './copyLedger.ts';
import type * as Export from './Export.ts';
import { openExport, type Writer } from './openExport.ts';
import { readExport } from './readExport.ts';
import { readTail } from './readTail.ts';

const [payer, second] = actors.payers;

let world: World;
let writer: Writer;
let file: string;
let lines: readonly string[];

beforeAll(async () => {
  world = await startWorld();
  file = join(world.folder, 'exports', 'seller.ndjson');
  const { ledger, addresses, domain } = world;
  const [first, other] = [await fund(world, payer, 1n, 5_000n), await fund(world, second, 2n, 5_000n)];
  const receipts = [await charge(world, payer, first, 300n), await charge(world, second, other, 200n)];
  await ledger.enqueue(creditRow(world, receipts[0] as (typeof receipts)[0], 120n), Date.now());
  const log = ReceiptLog.append(
    ReceiptLog.empty,
    receipts.map(({ hash }) => hash),
  );
  const head = { seller: actors.seller.address, log: 0, epoch: 1n, size: 2n, root: ReceiptLog.root(log) };
  const signature = sign(ReceiptLog.headDigest(head, domain), actors.receiptKey.key);
  await ledger.enqueue(Outbox.row(ReceiptLog.outboxKind, { head, signature }), Date.now());
  await charge(world, payer, first, 50n);
  writer = await openExport(file, { person: actors.seller.address, addresses });
  await copyLedger(ledger, writer, { receipts: 0, row: 0, vouchers: new Map() });
  lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
});
afterAll(() => world.stop());

const kindOf = (line: string) => (JSON.parse(line) as { kind: string }).kind;
const placesOf = (kind: string) => [...lines.keys()].filter((i) => kindOf(lines[i] as string) === kind);

/** The export with the nth line of a kind exchanged for others. */
async function edit(kind: string, change: (line: string) => readonly string[], nth = 0): Promise<string> {
  const place = placesOf(kind)[nth];
  const changed = lines.flatMap((line, i) => (i === place ? change(line) : [line]));
  const path = join(world.folder, 'changed.ndjson');
  await writeFile(path, changed.map((line) => `${line}\n`).join(''));
  return path;
}

/** A change of one field. */
const set = (pattern: RegExp, replacement: string) => (line: string) => [line.replace(pattern, replacement)];
const drop = () => [];

describe('readExport', () => {
  test('knows vouchers, charges, receipts, heads and credit notes from the file alone', async () => {
    const holdings = await readExport(file);
    expect(holdings.header).toMatchObject({ format: 1, person: actors.seller.address, addresses: world.addresses });
    expect([...holdings.channels.values()].map(({ charged, max }) => [charged, max])).toEqual([
      [350n, 350n],
      [200n, 200n],
    ]);
    expect(holdings.leaves).toEqual(world.ledger.receipts(0, 10).map(({ hash }) => hash));
    expect([holdings.heads.size, holdings.credits.size]).toEqual([1, 1]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('reads every beginning of the file that ends with a line, and counts no half of a line (X14)', async () => {
    const bytes = await readFile(file);
    const path = join(world.folder, 'cut.ndjson');
    const ends = [...bytes.keys()].filter((i) => bytes[i] === 0x0a);
    for (const [count, end] of ends.entries())
      for (const length of [end + 1, end + 2, ends[count + 1] ?? end + 1]) {
        await writeFile(path, bytes.subarray(0, length));
        expect((await readExport(path)).lines).toBe(count + 1);
      }
  });

  test('goes on where a kill in the middle of a line left off', async () => {
    const path = join(world.folder, 'killed.ndjson');
    const [, , third = 0] = placesOf('served');
    await writeFile(path, `${lines.slice(0, third).join('\n')}\n${lines[third]?.slice(0, 99)}`);
    const header = { person: actors.seller.address, addresses: world.addresses };
    const resumed = await openExport(path, header);
    const { receipts, row } = await readTail(path);
    expect(receipts).toBe(2);
    await copyLedger(world.ledger, resumed, { receipts, row, vouchers: new Map() });
    expect((await readExport(path)).leaves).toHaveLength(3);
    expect(await readTail(path)).toMatchObject({ receipts: 3, row: 2 });
  });

  test('takes what two writers wrote at once: the same line again says nothing new', async () => {
    const path = join(world.folder, 'twice.ndjson');
    await writeFile(path, [...lines, ...lines.slice(1)].map((line) => `${line}\n`).join(''));
    const once = await readExport(file);
    expect({ ...(await readExport(path)), lines: once.lines }).toEqual(once);
  });

  test.each([
    ['a voucher over more', 'voucher', set(/"max":"\d+"/, '"max":"4000"'), 0, /not its payer's/],
    ['a channel with another salt', 'channel', set(/("salt":"0x\d{63})\d/, '$19'), 0, /does not follow/],
    ['a missing voucher', 'voucher', drop, 0, /more than any voucher/],
    ['a missing channel', 'channel', drop, 0, /is unknown/],
    ['a missing receipt', 'served', drop, 0, /receipt 0 is missing/],
    ['another price', 'served', set(/"price":"\d+"/, '"price":"299"'), 0, /does not add up/],
    ['a broken chain', 'served', set(/("prev":"0x).{64}/, `$1${'1'.repeat(64)}`), 2, /does not follow/],
    ['another seller', 'served', set(/("seller":"0x).{40}/, `$1${'1'.repeat(40)}`), 0, /another seller/],
    ['two receipts at a place', 'head', (line: string) => [line, twin()], 0, /there twice and differs/],
    ['a head over other receipts', 'head', set(/("root":"0x).{64}/, `$1${'1'.repeat(64)}`), 0, /other receipts/],
    ['a field too many', 'voucher', set(/^\{/, '{"more":1,'), 0, /Unrecognized key/],
    ['an amount with a sign', 'voucher', set(/"max":"/, '"max":"+'), 0, /is not an amount/],
    ['text that is not JSON', 'voucher', (line: string) => [line, 'oops'], 0, /it is not JSON/],
    ['no header', 'agorai-export', drop, 0, /not the beginning/],
  ] as const)('refuses %s', async (_, kind, change, nth, reason) => {
    const failure = readExport(await edit(kind, change, nth));
    await expect(failure).rejects.toMatchObject({ code: 'export.invalid' });
    await expect(failure).rejects.toThrow(reason);
  });

  test('refuses another version of the format, and a file that is not there', async () => {
    const newer = await edit('agorai-export', set(/"format":1/, '"format":2'));
    await expect(readExport(newer)).rejects.toMatchObject({ code: 'export.format' });
    await expect(readExport(join(world.folder, 'none'))).rejects.toMatchObject({ code: 'export.missing' });
  });
});

/** The first receipt with another duration. */
function twin(): string {
  return (lines[placesOf('served')[0] as number] as string).replace(/"totalMs":\d+/, '"totalMs":77');
}

describe('openExport', () => {
  test('adds nothing to the file of another person', async () => {
    const other = openExport(file, { person: payer.address, addresses: world.addresses });
    await expect(other).rejects.toMatchObject({ code: 'export.other' });
  });

  test('writes each line once when it is told the same again', async () => {
    const before = await readFile(file, 'utf8');
    const { receipts, row } = await readTail(file);
    await copyLedger(world.ledger, writer, { receipts, row, vouchers: new Map() });
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  test('by many at once begins one file, and keeps the lines of all of them whole', async () => {
    const path = join(world.folder, 'shared', 'buyer.ndjson');
    const header = { person: payer.address, addresses: world.addresses };
    const writers = await Promise.all(Array.from({ length: 8 }, () => openExport(path, header)));
    const accounts = (writer: number) =>
      Array.from(
        { length: 2_000 },
        (_, at): Export.Entry => ({ kind: 'account', account: BigInt(writer * 10_000 + at) }),
      );
    await Promise.all(writers.map((each, writer) => each.append(accounts(writer))));
    const { lines: count, accounts: kept } = await readExport(path);
    expect({ count, kept: kept.size }).toEqual({ count: 1 + 8 * 2_000, kept: 8 * 2_000 });
  });
});
