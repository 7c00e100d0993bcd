/** One route of OpenAI's API as an upstream serves it: what is asked, what the answer may hold, and how it is metered. */
import type * as z from 'zod';
import type { Right } from '../../../license/Right.ts';
import type { Units } from '../../Engine.ts';

/** A body or chunk for the buyer, and the units of all that was given. */
export type Metered = { readonly body: unknown; readonly units: Units };

/** A route of an upstream. */
export type Protocol = {
  readonly route: string;
  readonly rights: readonly [Right, ...Right[]];
  readonly inputSchema: z.ZodType;
  bound(input: unknown): Units;
  /** The body to send: fields of the buyer's request that are known, and the upstream's name of the model. */
  ask(input: unknown, stream: boolean): object;
  /** Most bytes of an answer, so that what comes is in proportion to what was paid for. */
  maxBytes(input: unknown, stream: boolean): number;
  /** Reads an answer; only what the API names is kept. Throws a `ZodError` when it is malformed. */
  answer(body: unknown, input: unknown): Metered;
  /** Reader of the chunks of one stream, where the route has such. */
  stream?(input: unknown): Reader;
};

/** Reads chunks in their order. The usage at the end of a stream is the gateway's to tell. */
export type Reader = {
  /** A chunk for the buyer, or nothing when it holds nothing for it. Throws a `ZodError` when it is malformed. */
  read(chunk: unknown): Metered | undefined;
  /** Whether a reason for the end has come, so that the stream may end without the mark of the end. */
  finished(): boolean;
};
