import { existsSync } from 'node:fs';
import * as Text from '../../internal/Text.ts';
import { NoHomeError } from '../openMarket.ts';
import { readStatus } from '../readStatus.ts';
import * as Table from '../Table.ts';
import type { Run } from '../Verb.ts';

/** `agorai status`: the processes of the home. It tells and does not judge; `agorai doctor` does. */
export const run: Run = async ({ home, environment }) => {
  if (!existsSync(home.addresses)) throw new NoHomeError(home.folder);
  const processes = await readStatus(home);
  const rows = processes.map(({ name, pid, url, detail }) => [
    name,
    pid === null ? '' : String(pid),
    url ?? '',
    Text.plain(detail),
  ]);
  return {
    value: { home: home.folder, running: processes.every(({ pid }) => pid !== null), processes },
    text: Table.format(['PROCESS', 'PID', 'ADDRESS', 'SAYS'], rows, Table.widthOf(environment)),
  };
};
