import { expect, test } from 'vitest';
import { complete, type Lock } from '../source/Lock.ts';
import { plant } from '../source/plant.ts';
import { format } from './Finding.ts';
import { lock } from './lock.ts';

const MANIFEST = {
  name: 'tree',
  version: '1.0.0',
  allowScripts: { built: true },
  dependencies: { built: '1.0.0' },
};
const BUILT = {
  version: '1.0.0',
  integrity: 'sha512-9CvRYLt5VwoyCQo9HXBwyRDT5ejzLFyQmJDTANWk3GptHshV6V5fv3PkZzwGGzImx4iAU2fQLvrclrY/OaIBFw==',
  hasInstallScript: true,
};
const ROOT = { name: 'tree', version: '1.0.0', dependencies: MANIFEST.dependencies };

async function check(manifest: object, packages: Record<string, object>): Promise<string[]> {
  const text = JSON.stringify({ name: 'tree', version: '1.0.0', lockfileVersion: 3, requires: true, packages });
  await using tree = await plant({ 'package.json': JSON.stringify(manifest), 'package-lock.json': text });
  return (await lock(tree.root)).map(format);
}

test('accepts an empty tree and a sound lock', async () => {
  await using empty = await plant({});
  expect(await lock(empty.root)).toEqual([]);
  expect(await check(MANIFEST, { '': ROOT, 'node_modules/built': BUILT })).toEqual([]);
});

test('refuses a range', async () => {
  const loose = { ...MANIFEST, dependencies: { built: '^1.0.0' } };
  expect(await check(loose, { '': { ...ROOT, ...loose }, 'node_modules/built': BUILT })).toEqual([
    'package.json built ^1.0.0 is not an exact version',
  ]);
});

test.each([
  ['a host', { resolved: 'https://registry.example/built.tgz' }, 'names the host'],
  ['no integrity', { integrity: undefined }, 'has no integrity'],
])('refuses %s', async (_name, change, message) => {
  const findings = await check(MANIFEST, { '': ROOT, 'node_modules/built': { ...BUILT, ...change } });
  expect(findings).toHaveLength(1);
  expect(findings[0]).toContain(message);
});

test('refuses an install script that is not listed, and a listed one that is gone', async () => {
  const manifest = { ...MANIFEST, allowScripts: { other: true } };
  expect(await check(manifest, { '': ROOT, 'node_modules/built': BUILT })).toEqual([
    'package.json built has an install script that allowScripts does not list',
    'package.json allowScripts lists other, which has no install script',
  ]);
});

test('refuses a lock that npm ci refuses', async () => {
  const manifest = { ...MANIFEST, dependencies: { built: '2.0.0' } };
  const findings = await check(manifest, { '': ROOT, 'node_modules/built': BUILT });
  expect(findings).toHaveLength(1);
  expect(findings[0]).toContain('npm ci refuses it');
});

test('completes platform packages that are missing or of another version', () => {
  const packages: Lock['packages'] = {
    'node_modules/parser': {
      version: '2.0.0',
      dev: true,
      optionalDependencies: { '@parser/linux-x64-musl': '2.0.0', '@parser/darwin-arm64': '2.0.0', other: '^1.0.0' },
    },
    'node_modules/@parser/linux-x64-musl': { version: '1.0.0', optional: true, os: ['linux'] },
  };
  const { lock: mended, added } = complete({ packages });
  expect(added).toEqual([
    'node_modules/parser/node_modules/@parser/linux-x64-musl',
    'node_modules/@parser/darwin-arm64',
  ]);
  expect(mended.packages['node_modules/parser/node_modules/@parser/linux-x64-musl']).toEqual({
    version: '2.0.0',
    cpu: ['x64'],
    dev: true,
    libc: ['musl'],
    optional: true,
    os: ['linux'],
  });
  expect(complete(mended).added).toEqual([]);
});
