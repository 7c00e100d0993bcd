import { expect, test } from 'vitest';
import { plant } from '../source/plant.ts';
import { docs } from './docs.ts';
import { format } from './Finding.ts';

const PAGE = `# pay

## What it does
See [the readme](../README.md#a-run), [here](#limits), [out](https://example.org/x#y) and \`[not](a-link)\`.

## Interface

## Example
\`\`\`ts file=examples/pay.ts#open
open();
if (a) {
  b();
}
\`\`\`

\`\`\`sh file=examples/run.sh
npm start
\`\`\`

## Guarantees

## Failure and recovery

## Limits
`;
const TREE = {
  'README.md': '# Tree\n\n## A `run`!\n\n[pay](docs/pay.md) and [folder](examples)\n\n[pay]: docs/pay.md\n',
  'docs/pay.md': PAGE,
  'examples/pay.ts': "import 'x';\n{\n  // #region open\n  open();\n  if (a) {\n    b();\n  }\n  // #endregion\n}\n",
  'examples/run.sh': 'npm start\n',
  'src/pay/Voucher.ts': '',
  'src/internal/Hash.ts': '',
};

async function check(files: Record<string, string>): Promise<string[]> {
  await using tree = await plant(files);
  return (await docs(tree.root)).map(format);
}

const edit = (find: string, replace: string): Record<string, string> => ({
  ...TREE,
  'docs/pay.md': PAGE.replace(find, replace),
});

test('accepts an empty tree and a sound one', async () => {
  expect(await check({})).toEqual([]);
  expect(await check(TREE)).toEqual([]);
});

test.each([
  ['a dead link', '../README.md#a-run', '../READ.md', 'docs/pay.md:4 the link ../READ.md leads nowhere'],
  ['a dead anchor', '#a-run', '#a-walk', 'docs/pay.md:4 there is no section #a-walk in README.md'],
  ['a dead anchor of its own', '#limits', '#limit', 'docs/pay.md:4 there is no section #limit in docs/pay.md'],
  ['an example that differs', '  b();', '  c();', 'docs/pay.md:9 the example is not the text of examples/pay.ts#open'],
  ['an unknown region', '#open', '#close', 'docs/pay.md:9 examples/pay.ts has no region close'],
  ['an unknown file', 'examples/run.sh', 'examples/r.sh', 'docs/pay.md:16 the example examples/r.sh does not exist'],
])('refuses %s', async (_name, find, replace, finding) => {
  expect(PAGE).toContain(find);
  expect(await check(edit(find, replace))).toEqual([finding]);
});

test('refuses other sections, or another order', async () => {
  expect(await check(edit('## Guarantees', '## Promises'))).toHaveLength(1);
  expect(await check(edit('## Limits', ''))).toContainEqual(expect.stringContaining('the sections are'));
  expect(await check(edit('## Limits', '## Limits\n\n## More'))).toHaveLength(1);
});

test('refuses a stage without a page', async () => {
  const { 'docs/pay.md': _, 'README.md': __, ...files } = TREE;
  expect(await check(files)).toEqual(['src/pay there is no docs/pay.md']);
});
