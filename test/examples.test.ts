/** Every example runs as a process of its own and exits with 0. Each one exits with another code when it is wrong. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const examples = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join('examples', file))
  .sort();

it.each(examples)('%s', async (file) => {
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: root, timeout: 50_000 });
  expect(stdout).not.toBe('');
});
