/** Columns for a terminal: no lines, no colours, as wide as the terminal and not wider. */

/** Narrowest and widest table. */
const narrow = 40;
const wide = 200;

/** The width to write for, from `COLUMNS`. */
export function widthOf(environment: Readonly<Record<string, string | undefined>>): number {
  const columns = Number(environment.COLUMNS);
  return Number.isInteger(columns) && columns > 0 ? Math.min(Math.max(columns, narrow), wide) : 100;
}

/** Rows in columns under a header. The last column is cut where the line would be too long. */
export function format(header: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => length(row[column] ?? ''))));
  return all
    .map((row) =>
      row
        .map((cell, column) => (column === header.length - 1 ? cell : cell + ' '.repeat(pad(widths, column, cell))))
        .join('  '),
    )
    .map((line) => cut(line.trimEnd(), width))
    .join('\n');
}

function pad(widths: readonly number[], column: number, cell: string): number {
  return (widths[column] ?? 0) - length(cell);
}

function length(text: string): number {
  return [...text].length;
}

function cut(line: string, width: number): string {
  const characters = [...line];
  return characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : line;
}
