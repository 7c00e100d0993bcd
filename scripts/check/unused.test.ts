import { expect, test } from 'vitest';
import { plant } from '../source/plant.ts';
import { format } from './Finding.ts';
import { unused } from './unused.ts';

const TREE = {
  'package.json': '{"name":"tree","type":"module","exports":{".":"./src/index.ts"}}',
  'knip.json': '{"project":["src/**/*.ts"]}',
  'tsconfig.json': '{"compilerOptions":{"module":"nodenext"}}',
  'src/index.ts': "export { used } from './used.ts';",
  'src/used.ts': 'export const used = 1;',
};

async function check(files: Record<string, string>): Promise<string[]> {
  await using tree = await plant(files);
  return (await unused(tree.root)).map(format);
}

test('accepts an empty tree and one where all is used', async () => {
  expect(await check({})).toEqual([]);
  expect(await check(TREE)).toEqual([]);
});

test('refuses an unused file, export and dependency, and a package that is not listed', async () => {
  const findings = await check({
    ...TREE,
    'package.json': '{"name":"tree","type":"module","exports":{".":"./src/index.ts"},"dependencies":{"left":"1.0.0"}}',
    'src/used.ts': "import 'right';\nexport const used = 1;\nexport const idle = 2;\nexport type Idle = 3;",
    'src/lost.ts': 'export const lost = 1;',
  });
  expect(findings.sort()).toEqual([
    'package.json unused: left (dependencies)',
    'src/lost.ts unused file',
    'src/used.ts:1 right is used, but package.json does not list it',
    'src/used.ts:3 unused: idle (exports)',
    'src/used.ts:4 unused: Idle (types)',
  ]);
});

test('fails loudly when knip cannot run', async () => {
  await expect(check({ ...TREE, 'knip.json': '{"entry": 1}' })).rejects.toThrow('knip could not run');
});

test('sees what createRequire loads', async () => {
  const used = [
    "import { createRequire } from 'node:module';",
    "const native = createRequire(import.meta.url)('left/bindings');",
    `const file = (n: number) => createRequire(import.meta.url).resolve(\`@data/digits/\${n}.json\`);`,
    "const right = createRequire(import.meta.url).resolve('right');",
    "export const used = [native, file, right, createRequire('/')('./own.json'), createRequire('/')('node:fs')];",
  ].join('\n');
  const dependencies = { left: '1.0.0', '@data/digits': '1.0.0' };
  const manifest = { name: 'tree', type: 'module', exports: { '.': './src/index.ts' }, dependencies };
  expect(await check({ ...TREE, 'package.json': JSON.stringify(manifest), 'src/used.ts': used })).toEqual([
    'src/used.ts:4 right is used, but package.json does not list it',
  ]);
});
