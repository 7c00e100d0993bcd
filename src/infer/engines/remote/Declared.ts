/** What a seller declares about weights that are elsewhere. Nobody checks it; the manifest only fixes what was said. */
import * as z from 'zod';
import { BaseError } from '../../../internal/Errors.ts';

/** Path of the declaration in the asset. */
export const FILE = 'declared.json';

export const schema = z.strictObject({
  /** The model as the upstream names it, e.g. `llama3.2:3b`. */
  model: z.string().min(1).max(200),
  /** Longest prompt that is taken, in tokens of the meter. */
  inputTokens: z.int().min(1).max(1_000_000),
  /** Most tokens of an answer, and what a request gets that names no limit; of no use for embeddings. */
  outputTokens: z.int().min(1).max(1_000_000).default(1_024),
  /** Length of its vectors, for embeddings. */
  dimensions: z.int().min(1).max(65_536).optional(),
  /** The field by which the upstream takes the limit of an answer. */
  limit: z.enum(['max_tokens', 'max_completion_tokens']).optional(),
  /** What the seller says about the weights, e.g. their name and hash at their publisher. */
  weights: z.string().min(1).max(500),
});

/** What {@link schema} gives. */
export type Declared = z.infer<typeof schema>;

/**
 * Reads `declared.json`.
 *
 * @throws {MalformedError} that names each field that is wrong.
 */
export function parse(bytes: Uint8Array): Declared {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new MalformedError(cause);
  }
}

/** The declaration is not valid. */
export class MalformedError extends BaseError {
  override readonly name = 'Declared.MalformedError';
  constructor(cause: unknown) {
    const metaMessages = cause instanceof z.ZodError ? z.prettifyError(cause).split('\n') : [];
    super('declared.json is malformed.', {
      code: 'infer.declared-malformed',
      docsPath: 'infer.md',
      metaMessages,
      cause,
    });
  }
}
