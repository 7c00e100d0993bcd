#!/usr/bin/env node
// Plain JavaScript, so that a Node that cannot run the rest can still say so.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  const title = `Agorai needs Node 22.18 or later, this is ${process.versions.node}.`;
  const hint = 'Use npx agorai or npm start: they run on the Node that npm installed with Agorai.';
  if (process.argv.includes('--json')) {
    const error = { code: 'node.too-old', title, detail: null, hint, command: null, docs: null };
    process.stdout.write(`${JSON.stringify({ error })}\n`);
  } else {
    process.stderr.write(`error  node.too-old  ${title}\n       fix  ${hint}\n`);
  }
  process.exit(1);
}
// Halves the time of a start. The folder is as safe as the code beside it; the default one in /tmp would not be.
module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/agorai', import.meta.url)));
// A checkout runs its sources; an installed package has the compiled ones.
const source = new URL('../src/cli/main.ts', import.meta.url);
await import(existsSync(source) ? source.href : new URL('../dist/cli/main.js', import.meta.url).href);
