import { existsSync } from 'node:fs';
import { BaseError } from '../../internal/Errors.ts';
import { examine, type Finding } from '../examine.ts';
import { NoHomeError } from '../openMarket.ts';
import type { Run } from '../Verb.ts';

/** `agorai doctor`: every check with its outcome; fails when one of them does. */
export const run: Run = async (context) => {
  if (!existsSync(context.home.addresses)) throw new NoHomeError(context.home.folder);
  const findings = await examine(context);
  if (findings.some(({ ok }) => !ok)) throw new ProblemsError(findings);
  const lines = findings.map(lineOf);
  return { value: { ok: true, findings }, text: [...lines, 'Nothing is wrong.'].join('\n') };
};

function lineOf({ ok, sentence, fix }: Finding): string {
  return `${ok ? 'ok  ' : 'FAIL'} ${sentence}${fix === undefined ? '' : `\n     fix  ${fix}`}`;
}

/** Something is wrong. */
export class ProblemsError extends BaseError {
  override readonly name = 'doctor.ProblemsError';
  constructor(findings: readonly Finding[]) {
    const problems = findings.filter(({ ok }) => !ok);
    const [first] = problems;
    super(`${problems.length} ${problems.length === 1 ? 'thing is' : 'things are'} wrong.`, {
      code: 'doctor.problems',
      docsPath: 'cli.md',
      metaMessages: findings.map(lineOf),
      ...(first?.fix === undefined ? {} : { hint: first.fix }),
    });
  }
}
