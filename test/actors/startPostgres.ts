/** A PostgreSQL server of a test's own, from what Debian installs: `apt-get install postgresql`. */
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server that runs. */
export type Postgres = { readonly url: string; stop(): Promise<void> };

/** Whether there is a server to start. */
export function isInstalled(): boolean {
  return programs() !== undefined;
}

/** Starts a server on a free port of this machine. It refuses to run as root, so there it runs as nobody. */
export async function startPostgres(): Promise<Postgres> {
  const folder = programs();
  if (folder === undefined) throw new TypeError('PostgreSQL is not installed: apt-get install postgresql');
  const home = mkdtempSync(join(tmpdir(), 'postgres-'));
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  if (nobody.uid !== undefined) chownSync(home, nobody.uid, nobody.gid);
  const data = join(home, 'data');
  const made = spawnSync(
    join(folder, 'initdb'),
    ['-D', data, '-U', 'agorai', '-A', 'trust', '-E', 'UTF8', '--no-locale'],
    {
      ...nobody,
      encoding: 'utf8',
    },
  );
  if (made.status !== 0) throw new TypeError(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const settings = ['-c', `port=${port}`, '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${home}`];
  const server = spawn(join(folder, 'postgres'), ['-D', data, ...settings], { ...nobody, stdio: 'ignore' });
  const ready = () => spawnSync(join(folder, 'pg_isready'), ['-h', '127.0.0.1', '-p', `${port}`]).status === 0;
  for (let tries = 0; !ready(); tries++) {
    if (tries > 200 || server.exitCode !== null) throw new TypeError('PostgreSQL did not start.');
    await sleep(50);
  }
  return {
    url: `postgres://agorai@127.0.0.1:${port}/postgres`,
    async stop() {
      const ended = new Promise((done) => server.once('exit', done));
      server.kill('SIGINT');
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function programs(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : [];
  const folders = [...versions, ...(process.env.PATH ?? '').split(delimiter)];
  return folders.find((folder) => ['initdb', 'postgres', 'pg_isready'].every((name) => existsSync(join(folder, name))));
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
