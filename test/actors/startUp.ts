/** `agorai up` on free ports in a home of its own, and the verbs against it. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agorai, interrupt, jsonAt, type Outcome, type Running, signal, start, until } from './agorai.ts';

/** A market that runs as a process. */
export type Up = {
  readonly home: string;
  /** The process of `agorai up` that runs now. */
  readonly running: () => Running;
  /** Runs a verb in the home. */
  verb(...args: readonly string[]): Promise<Outcome>;
  /** The JSON value of a verb in the home, and its exit code. */
  json(...args: readonly string[]): ReturnType<typeof jsonAt>;
  /** A home in a new folder that differs from the market's in nothing, with the same market. */
  copy(): Promise<string>;
  /** Starts a verb in the home. */
  begin(...args: readonly string[]): Running;
  /** What a process says of itself: `chain`, `gateway-seller`, `settler-seller`. */
  run(process: string): Promise<{ readonly pid: number; readonly url: string }>;
  /** Asks the node of the market's chain. */
  ask(method: string, ...params: readonly unknown[]): Promise<unknown>;
  /** Ctrl-C. */
  interrupt(): Promise<Outcome>;
  /** Starts it once more in the same home. */
  again(...args: readonly string[]): Promise<void>;
  /** Ends it and removes the home. */
  stop(): Promise<void>;
};

/** Starts a market. Its demonstration is only shown when asked for: it waits for a window of thirty seconds. */
export async function startUp(options: { readonly demonstration?: boolean } = {}): Promise<Up> {
  const home = join(await mkdtemp(join(tmpdir(), 'agorai-up-')), 'home');
  if (!options.demonstration) {
    await mkdir(home, { mode: 0o700 });
    await writeFile(join(home, 'demonstration.json'), '{"done":true}');
  }
  const env = { AGORAI_HOME: home };
  const open = async (args: readonly string[]) => {
    const up = start(['up', '--port', '0', '--chain-port', '0', ...args], { env });
    await until(up, '  stop       Ctrl-C');
    return up;
  };
  let up = await open([]);
  const run = async (process: string) => JSON.parse(await readFile(join(home, 'run', `${process}.json`), 'utf8'));
  return {
    home,
    running: () => up,
    verb: (...args) => agorai(args, { env }),
    json: (...args) => jsonAt(home, ...args),
    async copy() {
      const copy = join(await mkdtemp(join(home, '..', 'copy-')), 'home');
      await cp(home, copy, { recursive: true, filter: (path) => !path.includes('/chain/') });
      return copy;
    },
    begin: (...args) => start(args, { env }),
    run,
    async ask(method, ...params) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
      const headers = { 'content-type': 'application/json' };
      const response = await fetch((await run('chain')).url, { method: 'POST', headers, body });
      return ((await response.json()) as { result?: unknown }).result;
    },
    interrupt: () => interrupt(up),
    async again(...args) {
      up = await open(args);
    },
    async stop() {
      signal(up, 'SIGINT');
      await up.ended;
      await rm(join(home, '..'), { recursive: true, force: true });
    },
  };
}
