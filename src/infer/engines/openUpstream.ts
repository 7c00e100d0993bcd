/** Opens the server that a seller named: everything goes through egress, and the key to that server alone. */
import * as z from 'zod';
import { BaseError } from '../../internal/Errors.ts';
import * as Json from '../../internal/Json.ts';
import { type Answer, openEgress, readAll, type send } from '../../internal/node/egress.ts';
import { readPrivate } from '../../internal/node/privateFiles.ts';
import type { Upstream } from './Upstream.ts';

/** A server that answers. */
export type Connection = {
  /** Sends a request to a path below the base and answers when its status is one of success. */
  send(path: string, request: send.Request & { readonly signal: AbortSignal }): Promise<Answer>;
  /** Ends every request that runs, and refuses further ones. */
  close(): void;
};

/**
 * Opens an upstream.
 *
 * @throws {MissingError} when there is none, or its key is not where the configuration says.
 * @throws {Destination.RefusedError} when its address is not public and not allowed.
 */
export async function openUpstream(upstream: Upstream | undefined): Promise<Connection> {
  if (!upstream) throw new MissingError('it is not configured');
  const egress = openEgress(upstream.allow ? { allow: upstream.allow } : {});
  const base = egress
    .vet(upstream.url)
    .href.replace(/[?#].*$/, '')
    .replace(/\/+$/, '');
  const key = await readKey(upstream.key);
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const closing = new AbortController();
  return {
    close: () => closing.abort(new ClosedError()),
    async send(path, request) {
      const headers = { 'content-type': 'application/json', ...request.headers, ...authorization };
      const signal = AbortSignal.any([request.signal, closing.signal]);
      const answer = await egress.send(`${base}${path}`, { ...request, headers, signal });
      if (answer.status >= 200 && answer.status < 300) return answer;
      // What it says is for its own customer, so nobody reads it.
      answer.discard();
      throw new StatusError(answer.status);
    },
  };
}

/** The JSON of an answer. */
export async function readJson(answer: Answer): Promise<unknown> {
  const bytes = await readAll(answer);
  try {
    return Json.parseBytes(bytes);
  } catch (cause) {
    throw new MalformedError('it is not JSON', cause);
  }
}

/** An error of a reader of answers as one of the upstream; any other as it is. */
export function blame(cause: unknown): unknown {
  const known = cause instanceof z.ZodError || cause instanceof Json.InvalidError;
  return known ? new MalformedError('it is not what the protocol says', cause) : cause;
}

async function readKey(key: Upstream['key']): Promise<string | undefined> {
  if (!key) return undefined;
  const text = 'env' in key ? process.env[key.env] : await readPrivate(key.file);
  const where = 'env' in key ? `the environment variable ${key.env}` : key.file;
  const trimmed = text?.trim();
  if (!trimmed) throw new MissingError(`its key is not in ${where}`);
  if (!/^[\x21-\x7e]+$/.test(trimmed))
    throw new MissingError(`the key in ${where} has characters that no header carries`);
  return trimmed;
}

const docsPath = 'infer.md';

/** The engine needs a server that the configuration does not give. */
export class MissingError extends BaseError {
  override readonly name = 'openUpstream.MissingError';
  constructor(reason: string) {
    super(`The engine has no upstream: ${reason}.`, {
      code: 'upstream.missing',
      docsPath,
      hint: 'Name it beside the folder in the configuration of the gateway: "upstream": { "url": ..., "key": { "env": ... } }.',
    });
  }
}

const codes: Readonly<Record<number, string>> = {
  401: 'upstream.unauthorized',
  403: 'upstream.unauthorized',
  404: 'upstream.not-found',
  429: 'upstream.busy',
  503: 'upstream.busy',
};

/** The upstream refused or failed. Its own words are not passed on: they may name the seller's account. */
export class StatusError extends BaseError {
  override readonly name = 'openUpstream.StatusError';
  constructor(status: number) {
    super(`The upstream answered with status ${status}.`, { code: codes[status] ?? 'upstream.failed', docsPath });
  }
}

/** The upstream does not speak the protocol. */
export class MalformedError extends BaseError {
  override readonly name = 'openUpstream.MalformedError';
  constructor(reason: string, cause?: unknown) {
    super(`The answer of the upstream is malformed: ${reason}.`, { code: 'upstream.malformed', docsPath, cause });
  }
}

/** The engine was closed while it served. */
export class ClosedError extends BaseError {
  override readonly name = 'openUpstream.ClosedError';
  constructor() {
    super('The engine was closed.', { code: 'infer.closed' });
  }
}
