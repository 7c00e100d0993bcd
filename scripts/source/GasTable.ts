/** The gas figures of `contracts/snapshots`, as they stand in docs/benchmarks.md. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const MARKS = ['<!-- gas: written by scripts/gas-table.ts -->', '<!-- end of gas -->'] as const;

/** The page that holds the table. */
export const PAGE = 'docs/benchmarks.md';

/** The table in Markdown, one row for each figure, contracts and operations in alphabetical order. */
export function render(root: string): string {
  const folder = join(root, 'contracts/snapshots');
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  const rows = files.sort().flatMap((file) => {
    const figures = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Readonly<Record<string, string>>;
    return Object.entries(figures).map(([operation, gas]) => [file.slice(0, -5), operation, group(gas)]);
  });
  const lines = rows.map((row) => `| ${row.join(' | ')} |`);
  return ['| contract | operation | gas |', '|---|---|---:|', ...lines].join('\n');
}

/** The page with the table between its marks. */
export function insert(page: string, table: string): string {
  const [before, rest = ''] = page.split(MARKS[0]);
  const after = rest.split(MARKS[1])[1] ?? '';
  return `${before}${MARKS[0]}\n${table}\n${MARKS[1]}${after}`;
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}
