/** Configurations of processes that tests start: JSON in which an amount is its digits and an `n`. */
import { readFile, writeFile } from 'node:fs/promises';

/** Writes a configuration. */
export async function writeConfig(file: string, value: object): Promise<void> {
  const text = JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item));
  await writeFile(file, text);
}

/** Reads a configuration back. */
export async function readConfig<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8'), (_, value: unknown) =>
    typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as T;
}
