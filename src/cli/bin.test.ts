import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

/** Runs the command on a Node that says it is an older one; up to here the program is the same. */
function onNode(version: string, ...args: readonly string[]) {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;
  const imported = `data:text/javascript,${encodeURIComponent(pretend)}`;
  return spawnSync(process.execPath, ['--import', imported, 'bin/agorai.mjs', ...args], { encoding: 'utf8' });
}

describe('on an old Node', () => {
  test('says which one is needed and what to run instead', () => {
    const { status, stdout, stderr } = onNode('20.19.0', 'search');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error {2}node\.too-old {2}Agorai needs Node 22\.18 or later, this is 20\.19\.0\.\n.+npm start/,
    );
  });

  test('with --json says so as one value', () => {
    const { status, stdout, stderr } = onNode('22.17.9', 'search', '--json');
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'node.too-old' } });
  });

  test('and on the first that can, runs', () => {
    expect(onNode('22.18.0', '--version')).toMatchObject({ status: 0, stderr: '' });
  });
});
