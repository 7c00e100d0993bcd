/** Options of {@link BaseError}. */
export type BaseErrorOptions = {
  /** Machine code, stable across versions, e.g. `payment.insufficient`. */
  code: string;
  /** The error that led to this one. */
  cause?: unknown;
  /** What the reader can do about it, in one sentence. */
  hint?: string;
  /** Page of the documentation, relative to `docs/`. */
  docsPath?: string;
  /** Further lines with the values involved. */
  metaMessages?: readonly string[];
};

/** The one ancestor of every error Agorai throws: a short sentence, a code, a hint and a page. */
export class BaseError extends Error {
  override readonly name: string = 'BaseError';
  /** Machine code, stable across versions. */
  readonly code: string;
  /** The sentence without details. */
  readonly shortMessage: string;
  /** What the reader can do about it. */
  readonly hint: string | undefined;
  /** Page of the documentation. */
  readonly docsPath: string | undefined;

  constructor(shortMessage: string, options: BaseErrorOptions) {
    const lines = [shortMessage, ...(options.metaMessages ?? [])];
    if (options.hint) lines.push(options.hint);
    super(lines.join('\n'), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.shortMessage = shortMessage;
    this.hint = options.hint;
    this.docsPath = options.docsPath;
  }
}

/** The message of anything thrown, without a stack. */
export function messageOf(error: unknown): string {
  if (error instanceof BaseError) return error.shortMessage;
  return error instanceof Error ? error.message : String(error);
}
