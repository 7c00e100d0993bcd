import { existsSync } from 'node:fs';
import type { Hex } from 'viem';
import { openStore, type Row, type Store } from '../../internal/node/sqlite.ts';
import type * as Outbox from '../../pay/Outbox.ts';

const select = 'select key, state, hash, error from jobs where key = ?';
const hasTable = "select 1 from sqlite_master where type = 'table' and name = 'jobs'";

/** Reads a settler's answers from its file, which need not exist yet: until it does nothing is known of any key. */
export function openProgress(file: string): Outbox.ProgressReader {
  let store: Store | undefined;
  const opened = (): Store | undefined => {
    if (store) return store;
    if (!existsSync(file)) return undefined;
    const found = openStore(file, { schema: '', readOnly: true });
    if (found.read((t) => t.get(hasTable))) store = found;
    else void found.close();
    return store;
  };
  return {
    progressOf: (key) => toProgress(opened()?.read((t) => t.get(select, key))),
    close: async () => store?.close(),
  };
}

function toProgress(row: Row | undefined): Outbox.Progress | undefined {
  if (!row) return undefined;
  return {
    key: row.key as string,
    state: row.state as Outbox.Progress['state'],
    transaction: (row.hash as Hex | null) ?? undefined,
    error: (row.error as string | null) ?? undefined,
  };
}
