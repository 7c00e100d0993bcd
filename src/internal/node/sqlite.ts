import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { BaseError } from '../Errors.ts';

/** A row as SQLite returns it: integers are `bigint`. */
export type Row = Readonly<Record<string, null | bigint | number | string | Uint8Array>>;

/** What work inside a transaction may do. */
export type Transaction = {
  /** All rows of a query. */
  all(sql: string, ...values: SQLInputValue[]): readonly Row[];
  /** The first row, or undefined. */
  get(sql: string, ...values: SQLInputValue[]): Row | undefined;
  /** Runs a statement and returns the number of changed rows. */
  run(sql: string, ...values: SQLInputValue[]): bigint;
};

/**
 * An embedded store: one SQLite file in WAL mode with `synchronous=FULL`. `update` groups what arrives while the
 * process is busy into one transaction with one fsync; every piece of work stands in its own savepoint, so that one
 * that throws takes nothing with it and the others stay. A promise resolves only after the fsync.
 */
export type Store = {
  /** Runs work atomically and resolves with its value when it is durable. */
  update<T>(work: (transaction: Transaction) => T): Promise<T>;
  /** Reads the last durable state. */
  read<T>(work: (transaction: Transaction) => T): T;
  /** Finishes what is queued and closes the file. */
  close(): Promise<void>;
};

type Job = {
  work: (transaction: Transaction) => unknown;
  resolve: (value: never) => void;
  reject: (e: unknown) => void;
};

/** Most pieces of work in one transaction. */
export const maxBatch = 64;

/** Opens or creates the file and applies the statements of `schema` (which must be idempotent). */
export function openStore(file: string, options: openStore.Options): Store {
  const database = open(file, options);
  const transaction = bind(database);
  const queue = createQueue(file, database, transaction);
  let closed: Promise<void> | undefined;
  return {
    update(work) {
      if (closed) return Promise.reject(new ClosedError(file));
      return new Promise((resolve, reject) => queue.push({ work, resolve, reject }));
    },
    read(work) {
      if (closed) throw new ClosedError(file);
      return work(transaction);
    },
    close() {
      closed ??= queue.drain().then(() => database.close());
      return closed;
    },
  };
}

export declare namespace openStore {
  type Options = {
    /** Statements that create what is missing. */
    schema: string;
    /** Opens an existing file without the right to write it. */
    readOnly?: boolean;
  };
}

function open(file: string, options: openStore.Options): DatabaseSync {
  try {
    const database = new DatabaseSync(file, { readOnly: options.readOnly ?? false, timeout: 5_000 });
    if (!options.readOnly) {
      database.exec('pragma journal_mode=wal; pragma synchronous=full; pragma foreign_keys=on;');
      database.exec(options.schema);
    }
    return database;
  } catch (cause) {
    throw new UnavailableError(file, cause);
  }
}

/** Collects work until the process is idle, then writes it in transactions of at most `maxBatch`. */
function createQueue(file: string, database: DatabaseSync, transaction: Transaction) {
  const queue: Job[] = [];
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  }

  function flush(): void {
    scheduled = false;
    const jobs = queue.splice(0, maxBatch);
    if (queue.length > 0) schedule();
    if (jobs.length > 0) runBatch(file, database, transaction, jobs);
  }

  return {
    push(job: Job): void {
      queue.push(job);
      schedule();
    },
    async drain(): Promise<void> {
      while (queue.length > 0) {
        flush();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

function runBatch(file: string, database: DatabaseSync, transaction: Transaction, jobs: readonly Job[]): void {
  let outcomes: readonly Outcome[];
  try {
    database.exec('begin immediate');
    outcomes = jobs.map((job) => inSavepoint(file, database, transaction, job));
    database.exec('commit');
  } catch (cause) {
    if (database.isTransaction) database.exec('rollback');
    for (const job of jobs) job.reject(new UnavailableError(file, cause));
    return;
  }
  for (const { job, value, failure } of outcomes) failure ? job.reject(failure.error) : job.resolve(value as never);
}

type Outcome = { readonly job: Job; readonly value?: unknown; readonly failure?: { readonly error: unknown } };

function inSavepoint(file: string, database: DatabaseSync, transaction: Transaction, job: Job): Outcome {
  database.exec('savepoint work');
  try {
    const value = job.work(transaction);
    database.exec('release work');
    return { job, value };
  } catch (error) {
    database.exec('rollback to work; release work');
    return { job, failure: { error: isOfStore(error) ? new UnavailableError(file, error) : error } };
  }
}

/** Whether an error is the store's own (a full disk, a file that may not be written) and not one of the work. */
function isOfStore(error: unknown): boolean {
  const constraint = 19;
  if (!(error instanceof Error) || !('errcode' in error)) return false;
  return (Number(error.errcode) & 0xff) !== constraint;
}

function bind(database: DatabaseSync): Transaction {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    let statement = statements.get(sql);
    if (!statement) {
      statement = database.prepare(sql);
      statement.setReadBigInts(true);
      statements.set(sql, statement);
    }
    return statement;
  };
  return {
    all: (sql, ...values) => prepare(sql).all(...values) as unknown as readonly Row[],
    get: (sql, ...values) => prepare(sql).get(...values) as unknown as Row | undefined,
    run: (sql, ...values) => BigInt(prepare(sql).run(...values).changes),
  };
}

/** The file cannot be opened, read or written. Nothing that was acknowledged is lost. */
export class UnavailableError extends BaseError {
  override readonly name = 'Store.UnavailableError';
  constructor(file: string, cause: unknown) {
    super(`The store ${file} is not available.`, {
      code: 'store.unavailable',
      cause,
      hint: 'Check that the disk is not full and that the file is readable and writable.',
    });
  }
}

/** The store was closed. */
export class ClosedError extends BaseError {
  override readonly name = 'Store.ClosedError';
  constructor(file: string) {
    super(`The store ${file} is closed.`, { code: 'store.closed' });
  }
}
