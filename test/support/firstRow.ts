import * as Rows from '../../src/infer/engines/Rows.ts';
import { readFolder } from '../../src/publish/readFolder.ts';

/** The measurements in the first row of `models/breast-cancer`, as `models/risk` takes them. */
export async function firstRow(): Promise<Record<string, number>> {
  const { files } = await readFolder('models/breast-cancer');
  const { columns, rows } = Rows.parse(files.get('rows.csv') as Uint8Array, 'csv');
  return Object.fromEntries(columns.slice(0, -1).map((name) => [name, Number(rows[0]?.[name])]));
}
