/** The committed gas figures. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The figures of each contract, by the name of the operation. */
export type Snapshots = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The committed figures, contracts in alphabetical order. */
export function readSnapshots(root: string): Snapshots {
  const folder = join(root, 'contracts/snapshots');
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return Object.fromEntries(
    files.sort().map((file) => [file.slice(0, -5), JSON.parse(readFileSync(join(folder, file), 'utf8'))]),
  );
}

/** Digits in groups of three. */
export function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}
