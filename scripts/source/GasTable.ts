/** The gas figures of `contracts/snapshots`, as they stand in docs/benchmarks.md. */
import { renderGoals } from './GasGoals.ts';
import { group, type Snapshots } from './Snapshots.ts';

const FIGURES = ['<!-- gas: written by scripts/gas-table.ts -->', '<!-- end of gas -->'] as const;
const GOALS = ['<!-- gas goals: written by scripts/gas-table.ts -->', '<!-- end of gas goals -->'] as const;

/** The page that holds the tables. */
export const PAGE = 'docs/benchmarks.md';

/** The page with both tables between their marks. */
export function insert(page: string, snapshots: Snapshots): string {
  return between(between(page, FIGURES, renderFigures(snapshots)), GOALS, renderGoals(snapshots));
}

function renderFigures(snapshots: Snapshots): string {
  const rows = Object.entries(snapshots).flatMap(([contract, figures]) =>
    Object.entries(figures).map(([operation, gas]) => `| ${contract} | ${operation} | ${group(gas)} |`),
  );
  return ['| contract | operation | gas |', '|---|---|---:|', ...rows].join('\n');
}

function between(page: string, [first, last]: readonly [string, string], table: string): string {
  const [before, rest = ''] = page.split(first);
  const after = rest.split(last)[1] ?? '';
  return `${before}${first}\n${table}\n${last}${after}`;
}
