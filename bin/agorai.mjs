#!/usr/bin/env node
// Plain JavaScript, so that a Node that cannot run the rest can still say so.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `error  node.too-old  Agorai needs Node 22.18 or later, this is ${process.versions.node}.\n` +
      '       fix  npx agorai ... or npm start, which use the Node that npm installed with Agorai\n',
  );
  process.exit(1);
}
await import('../src/cli/main.ts');
