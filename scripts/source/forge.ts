import { createRequire } from 'node:module';
import { arch, platform } from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * The compiled program of forge. The command `forge` in `node_modules/.bin` is a script around it that ends with 0 even
 * when tests fail, so whatever decides by an exit code must start this one.
 */
export function forge(): string {
  const wrapper = fileURLToPath(import.meta.resolve('@foundry-rs/forge/package.json'));
  const name = `@foundry-rs/forge-${platform}-${arch === 'x64' ? 'amd64' : arch}`;
  return createRequire(wrapper).resolve(`${name}/bin/forge${platform === 'win32' ? '.exe' : ''}`);
}
