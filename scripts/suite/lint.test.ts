import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('the linter reads nothing that git ignores: a market that ran here leaves its home', () => {
  const file = `.agorai/lint-${process.pid}.json`;
  mkdirSync('.agorai', { recursive: true });
  writeFileSync(file, '{"not":   "formatted"}');
  try {
    const arguments_ = ['check', '--no-errors-on-unmatched', file];
    const { status, stderr } = spawnSync('node_modules/.bin/biome', arguments_, { encoding: 'utf8' });
    expect({ status, stderr }).toMatchObject({ status: 0 });
  } finally {
    rmSync(file);
  }
});
