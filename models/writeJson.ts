import { writeFileSync } from 'node:fs';

/** Writes JSON as the formatter has it: indented, with lists of plain values on one line each. */
export function writeJson(file: URL, value: object): void {
  const text = JSON.stringify(value, null, 2);
  const compact = text.replace(/\[[^[\]{}]*\]/g, (list) =>
    list.replace(/\s+/g, ' ').replace(/^\[ | \]$/g, (end) => end.trim()),
  );
  writeFileSync(file, `${compact}\n`);
}
