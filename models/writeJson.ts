import { writeFileSync } from 'node:fs';

/** Longest line of the formatter. */
const WIDTH = 120;

/** A string, or a list of plain values; one that stands within a string is part of it. */
const STRING_OR_LIST = /"(?:[^"\\]|\\.)*"|\[(?:\s*(?:"(?:[^"\\]|\\.)*"|[^[\]{}",\s]+),?)*\s*\]/g;

/** Writes JSON as the formatter has it: indented, with lists of plain values on one line each where they fit. */
export function writeJson(file: URL, value: object): void {
  const text = JSON.stringify(value, null, 2);
  const compact = text.replace(STRING_OR_LIST, (found, at: number) => {
    if (!found.startsWith('[')) return found;
    const line = `[${(JSON.parse(found) as unknown[]).map((item) => JSON.stringify(item)).join(', ')}]`;
    const before = at - text.lastIndexOf('\n', at) - 1;
    const after = text[at + found.length] === ',' ? 1 : 0;
    return before + line.length + after <= WIDTH ? line : found;
  });
  writeFileSync(file, `${compact}\n`);
}
