import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { forge } from '../source/forge.ts';
import { ofForge, ofGitStatus, ofLastLine, ofVitest } from './Count.ts';
import type { Step } from './Step.ts';

/** The normal test command, in the order in which steps start when they may. `folder` takes temporary reports. */
export function steps(root: string, folder: string): readonly Step[] {
  const all = [...contracts(), ...typescript(join(folder, 'vitest.json'))];
  return existsSync(join(root, 'scripts/mutants.ts')) ? all : all.filter((step) => step.name !== 'mutants');
}

function contracts(): Step[] {
  const group = 'contracts';
  return [
    { name: 'build', group, isHeavy: true, command: [forge(), 'build', '--quiet'] },
    {
      name: 'forge',
      group,
      isHeavy: true,
      command: [forge(), 'test'],
      needs: 'build',
      count: ofForge,
      explain: withoutPasses,
    },
    {
      name: 'gas',
      group,
      isHeavy: false,
      command: ['git', 'status', '--porcelain', 'contracts/snapshots'],
      after: ['forge'],
      count: ofGitStatus,
      explain: (output) => `the snapshots changed; look at \`git diff contracts/snapshots\` and commit it\n${output}`,
    },
    {
      name: 'mutants',
      group,
      isHeavy: true,
      command: ['node', 'scripts/mutants.ts'],
      needs: 'build',
      after: ['forge'],
      count: ofLastLine,
    },
  ];
}

function typescript(report: string): Step[] {
  const vitest = ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`] as const;
  return [
    { name: 'lint', group: 'checks', isHeavy: false, command: ['biome', 'check', '.'] },
    { name: 'types', group: 'TypeScript', isHeavy: false, command: ['tsc', '--noEmit', '-p', '.'] },
    {
      name: 'checks',
      group: 'checks',
      isHeavy: false,
      command: ['node', 'scripts/check.ts'],
      after: ['build'],
      count: ofLastLine,
    },
    {
      name: 'vitest',
      group: 'TypeScript',
      isHeavy: true,
      command: [...vitest],
      after: ['build'],
      count: () => (existsSync(report) ? ofVitest(readFileSync(report, 'utf8')) : undefined),
    },
  ];
}

function withoutPasses(output: string): string {
  return output.replace(/^\[PASS\].*\n/gm, '');
}
