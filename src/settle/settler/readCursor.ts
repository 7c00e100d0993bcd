import { existsSync } from 'node:fs';
import { openStore } from '../../internal/node/sqlite.ts';

/** Row of the outbox up to which a settler has taken work, from its file; 0 when there is none. */
export async function readCursor(file: string): Promise<number> {
  if (!existsSync(file)) return 0;
  const store = openStore(file, { schema: '', readOnly: true });
  try {
    return store.read((t) => Number(t.get("select value from notes where name = 'cursor'")?.value ?? 0));
  } finally {
    await store.close();
  }
}
