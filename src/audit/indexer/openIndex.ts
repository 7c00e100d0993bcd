import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PGlite, types } from '@electric-sql/pglite';
import { type SQL, sql } from 'drizzle-orm';
import { drizzle as onPostgres } from 'drizzle-orm/node-postgres';
import { drizzle as onPglite } from 'drizzle-orm/pglite';
import { Pool } from 'pg';
import type { Hash } from 'viem';
import type { Addresses } from '../../chain/Addresses.ts';
import { BaseError } from '../../internal/Errors.ts';
import * as Contracts from '../Contracts.ts';
import type { Row } from './Row.ts';
import * as Tables from './Tables.ts';

/** A block whose hash is remembered, so that it can be undone. Time in unix seconds. */
export type Block = {
  readonly number: bigint;
  readonly hash: Hash;
  readonly parent: Hash;
  readonly timestamp: bigint;
};

/** What a stretch of the chain adds. */
export type Batch = {
  readonly blocks: readonly Block[];
  /** Rows by the table that they go to. */
  readonly rows: ReadonlyMap<Tables.Table, readonly Row[]>;
};

/** A store of events with the journal of their blocks. */
export type Index = {
  /** The newest block that was read. */
  tip(): Promise<Block | undefined>;
  /** Blocks that are remembered from a number down, the newest first. */
  blocks(from: bigint, limit: number): Promise<readonly Block[]>;
  /** Undoes all that is above a block and adds what comes after it, or does neither. */
  replace(above: bigint, batch: Batch): Promise<void>;
  /**
   * Rows of a question. Values are those of `parameters`, in order, for `$1` and so on. Numbers that may be above 2^53
   * come back as decimal text.
   */
  query<row extends object>(text: string, parameters?: readonly unknown[]): Promise<readonly row[]>;
  close(): Promise<void>;
};

/**
 * Opens or begins an index: in a folder, by the PostgreSQL that comes with the program, or on a PostgreSQL server. One
 * process writes it at a time.
 *
 * @throws {OtherError} when it is about another deployment, or was made by another version.
 * @throws {InUseError} when another process has it open.
 */
export async function openIndex(options: openIndex.Options): Promise<Index> {
  const store = 'folder' in options ? await openFolder(options.folder) : await openServer(options.url);
  try {
    await prepare(store, factsOf(options.addresses));
  } catch (error) {
    await store.close();
    throw error;
  }
  return {
    tip: async () => toBlock((await store.run(sql`select * from blocks order by number desc limit 1`))[0]),
    async blocks(from, limit) {
      const rows = await store.run(
        sql`select * from blocks where number <= ${from.toString()} order by number desc limit ${limit}`,
      );
      return rows.map((row) => toBlock(row) as Block);
    },
    replace: (above, batch) => store.transaction((run) => replace(run, above, batch)),
    query: async (text, parameters = []) => (await store.run(prepared(text, parameters))) as never,
    close: () => store.close(),
  };
}

export declare namespace openIndex {
  type Options = { readonly addresses: Addresses } & ({ readonly folder: string } | { readonly url: string });
  type ErrorType = OtherError | InUseError;
}

type Rows = readonly Readonly<Record<string, unknown>>[];
type Run = (query: SQL) => Promise<Rows>;
type Store = {
  readonly run: Run;
  transaction(work: (run: Run) => Promise<void>): Promise<void>;
  close(): Promise<void>;
};

async function openFolder(folder: string): Promise<Store> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unlock = lock(folder);
  // As on a server: numbers that JavaScript might round are text.
  const parsers = { [types.INT8]: (text: string) => text };
  const client = await PGlite.create({ dataDir: join(folder, 'data'), parsers }).catch((error: unknown) => {
    unlock();
    throw error;
  });
  const database = onPglite(client);
  return {
    run: async (query) => (await database.execute(query)).rows as Rows,
    transaction: (work) =>
      database.transaction((inner) => work(async (query) => (await inner.execute(query)).rows as Rows)),
    async close() {
      await client.close();
      unlock();
    },
  };
}

/** A lock that the system lets go of when its process ends, however that ends. */
function lock(folder: string): () => void {
  const file = new DatabaseSync(join(folder, 'lock.db'));
  try {
    file.exec('pragma locking_mode = exclusive; begin exclusive');
  } catch {
    file.close();
    throw new InUseError(folder);
  }
  return () => file.close();
}

/** Key of the advisory lock: "agorai" as a number. */
const lockKey = 0x61676f726169;

async function openServer(url: string): Promise<Store> {
  const pool = new Pool({ connectionString: url });
  pool.on('error', () => undefined);
  // The lock belongs to a connection, which is kept until the end.
  const holder = await pool.connect();
  let isLost = false;
  holder.on('error', () => {
    isLost = true;
  });
  const { rows } = await holder.query('select pg_try_advisory_lock($1) as held', [lockKey]);
  if (!(rows[0] as { held: boolean }).held) {
    holder.release();
    await pool.end();
    throw new InUseError(new URL(url).pathname.slice(1));
  }
  const database = onPostgres(pool);
  const assertHeld = () => {
    if (isLost) throw new LostError();
  };
  return {
    async run(query) {
      assertHeld();
      return (await database.execute(query)).rows as Rows;
    },
    async transaction(work) {
      assertHeld();
      await database.transaction((inner) => work(async (query) => (await inner.execute(query)).rows as Rows));
    },
    async close() {
      // Given back in words: the server frees what a connection held only some time after its end.
      await holder.query('select pg_advisory_unlock($1)', [lockKey]).catch(() => undefined);
      holder.release();
      await pool.end();
    },
  };
}

async function replace(run: Run, above: bigint, { blocks, rows }: Batch): Promise<void> {
  const [newer] = await run(sql`select 1 from blocks where number > ${above.toString()} limit 1`);
  if (newer) {
    const names = ['blocks', ...Tables.tables.map(({ name }) => name)];
    for (const name of names) {
      const column = name === 'blocks' ? 'number' : 'block';
      await run(sql`delete from ${sql.raw(name)} where ${sql.raw(column)} > ${above.toString()}`);
    }
  }
  const list = blocks.map(({ number, timestamp, ...block }) => ({
    ...block,
    number: `${number}`,
    timestamp: `${timestamp}`,
  }));
  await run(sql`insert into blocks (number, hash, parent, timestamp) select number, hash, parent, timestamp
    from jsonb_to_recordset(${JSON.stringify(list)}::jsonb) as r(number bigint, hash text, parent text, timestamp bigint)`);
  for (const [table, some] of rows) await run(prepared(Tables.insertInto(table), [JSON.stringify(some)]));
}

/** A statement with its values in the places `$1`, `$2` and so on. */
function prepared(text: string, parameters: readonly unknown[]): SQL {
  const parts = text.split(/\$(\d+)/);
  return sql.join(parts.map((part, at) => (at % 2 === 0 ? sql.raw(part) : sql`${parameters[Number(part) - 1]}`)));
}

function toBlock(row: Rows[number] | undefined): Block | undefined {
  if (!row) return undefined;
  const { number, hash, parent, timestamp } = row as Record<string, string>;
  return {
    number: BigInt(number as string),
    hash: hash as Hash,
    parent: parent as Hash,
    timestamp: BigInt(timestamp as string),
  };
}

/** What an index is about, and how it is made. */
function factsOf(addresses: Addresses): Readonly<Record<string, string>> {
  return {
    version: Tables.version,
    chain: `${addresses.chainId}`,
    genesis: addresses.genesisHash,
    contracts: [...Contracts.byAddress(addresses).keys()].sort().join(' '),
  };
}

/** Makes the tables, all or none of them, or sees that those that are there are about the same. */
async function prepare(store: Store, facts: ReturnType<typeof factsOf>): Promise<void> {
  const [found] = await store.run(sql`select to_regclass('meta') as name`);
  if (found?.name === null) {
    return await store.transaction(async (run) => {
      for (const statement of Tables.statements) await run(sql.raw(statement));
      for (const [name, value] of Object.entries(facts)) await run(sql`insert into meta values (${name}, ${value})`);
    });
  }
  const known = new Map((await store.run(sql`select name, value from meta`)).map(({ name, value }) => [name, value]));
  const other = Object.keys(facts).find((name) => known.get(name) !== facts[name]);
  if (other !== undefined) throw new OtherError(other);
}

/** The index is about something else. */
export class OtherError extends BaseError {
  override readonly name = 'openIndex.OtherError';
  constructor(what: string) {
    super(`The index was made for another ${what}.`, {
      code: 'index.other',
      docsPath: 'audit.md',
      hint: 'Remove it: everything in it is read from the chain again.',
    });
  }
}

/** Another process writes the index. */
export class InUseError extends BaseError {
  override readonly name = 'openIndex.InUseError';
  constructor(where: string) {
    super(`The index in ${where} is in use by another process.`, {
      code: 'index.in_use',
      docsPath: 'audit.md',
      hint: 'End the other one first, or name another place.',
    });
  }
}

/** The connection that held the lock is gone, so that another process may write by now. */
export class LostError extends BaseError {
  override readonly name = 'openIndex.LostError';
  constructor() {
    super('The connection to the PostgreSQL server was lost.', {
      code: 'index.connection_lost',
      docsPath: 'audit.md',
      hint: 'Start again: the index goes on where it was.',
    });
  }
}
