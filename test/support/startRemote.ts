/** The example of a remote model, towards a server of OpenAI's API for tests. */
import { join } from 'node:path';
import { vi } from 'vitest';
import type { Engine, Units } from '../../src/infer/Engine.ts';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import type { Upstream } from '../../src/infer/engines/Upstream.ts';
import { describeFiles, readFolder } from '../../src/publish/readFolder.ts';
import { startOpenAi } from '../actors/startOpenAi.ts';

export const example = await readFolder(join(import.meta.dirname, '../../examples/infer/remote'));
export const { signal } = new AbortController();
export const hello = { model: 'llama', messages: [{ role: 'user', content: 'one two three' }] };

/** Starts the server, whose key is in the environment, and gives what opens engines towards it. */
export async function startRemote() {
  const server = await startOpenAi();
  vi.stubEnv('UPSTREAM_KEY', 'sk-test\n');
  const upstream: Upstream = { url: server.url, allow: [server.origin], key: { env: 'UPSTREAM_KEY' } };
  return {
    server,
    upstream,
    /** The example's folder on another route. */
    async open(route: string, more: { declared?: object; upstream?: Upstream } = {}): Promise<Engine> {
      const base = { model: 'backwards', inputTokens: 100, outputTokens: 8, dimensions: 3, weights: 'none' };
      const files = new Map(example.files)
        .set('card.json', Buffer.from(JSON.stringify({ ...example.card, route })))
        .set('declared.json', Buffer.from(JSON.stringify({ ...base, ...more.declared })));
      return openEngine({ manifest: await describeFiles(files), files, upstream: more.upstream ?? upstream });
    },
    reset() {
      server.state.misbehave = {};
      server.state.requests.length = 0;
    },
  };
}

/** Asks for a whole answer. */
export async function ask(engine: Engine, input: unknown) {
  return engine.run(engine.inputSchema.parse(input), signal);
}

/** All pieces of a streamed answer. */
export async function collect(engine: Engine, input: unknown, abort: AbortSignal = signal) {
  const pieces: { chunk: unknown; units: Units }[] = [];
  for await (const piece of engine.stream?.(engine.inputSchema.parse(input), abort) ?? []) pieces.push(piece);
  return pieces;
}
