import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { list } from '../source/list.ts';
import { type Mutant, readMutants } from '../source/Mutant.ts';
import type { Finding } from './Finding.ts';

/**
 * Bugs that are planted to see tests fail must still apply: each stands in exactly one place, and its test exists. Every
 * invariant has at least one.
 */
export async function mutants(root: string): Promise<readonly Finding[]> {
  const lists = await readMutants(root);
  const tests = (await Promise.all((await list(root, 'contracts/test', ['.t.sol'])).map(readTests))).flat();
  const findings: Finding[] = [];
  for (const [file, all] of lists)
    for (const mutant of all) findings.push(...(await faultsOf(mutant)).map((message) => ({ file, message })));
  const killers = [...lists.values()].flat().map(({ test }) => test);
  for (const { file, name } of tests) {
    if (!name.startsWith('invariant_') || killers.some((killer) => name.startsWith(killer))) continue;
    findings.push({ file, message: `${name}: no bug is planted for it` });
  }
  return findings;

  async function readTests(file: string) {
    const text = await readFile(join(root, file), 'utf8');
    return [...text.matchAll(/function ((?:test|invariant)\w*)\(/g)].map(([, name = '']) => ({ file, name }));
  }

  async function faultsOf({ invariant, file, find, test }: Mutant): Promise<readonly string[]> {
    const places = (await readFile(join(root, file), 'utf8')).split(find).length - 1;
    const subject = `${invariant} in ${file}`;
    return [
      ...(places === 1 ? [] : [`${subject}: the place stands ${places} times: ${find.trim().slice(0, 60)}`]),
      ...(tests.some(({ name }) => name.startsWith(test)) ? [] : [`${subject}: there is no test ${test}`]),
    ];
  }
}
