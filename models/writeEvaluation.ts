import { writeFileSync } from 'node:fs';

/** Writes an evaluation as JSON, lists of numbers on one line each. */
export function writeEvaluation(file: URL, evaluation: object): void {
  const text = JSON.stringify(evaluation, null, 2);
  const compact = text.replace(/\[[\d\s.,]*\]/g, (list) =>
    list.replace(/\s+/g, ' ').replace(/^\[ | \]$/g, (end) => end.trim()),
  );
  writeFileSync(file, `${compact}\n`);
}
