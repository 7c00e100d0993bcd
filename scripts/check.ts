/**
 * Runs the checkers on this repository: `node scripts/check.ts [name...]`, all of them by default.
 * `--update` rewrites the snapshots of the named checkers that have some.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CHECKERS } from './check/checkers.ts';
import { format } from './check/Finding.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({ options: { update: { type: 'boolean' } }, allowPositionals: true });
const unknown = positionals.filter((name) => !CHECKERS.some((checker) => checker.name === name));
if (unknown.length > 0) {
  console.error(`no checker named ${unknown.join(', ')}; there are ${CHECKERS.map((one) => one.name).join(' ')}`);
  process.exit(2);
}

let passed = 0;
const chosen = CHECKERS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
for (const { name, check, update, note } of chosen) {
  const started = performance.now();
  if (values.update) await update?.(root);
  const findings = await check(root);
  for (const finding of findings) console.log(format(finding));
  if (findings.length === 0) passed++;
  const verdict = findings.length === 0 ? 'ok' : `${findings.length} findings`;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const detail = note ? `  ${await note(root)}` : '';
  console.log(`${name.padEnd(8)} ${verdict.padEnd(12)} ${seconds} s${detail}`);
}
console.log(`${passed} passed, ${chosen.length - passed} failed`);
process.exitCode = passed === chosen.length ? 0 : 1;
