/** What a {@link BaseError} is made of besides its sentence. */
export type BaseErrorOptions = {
  /** Machine-readable code, stable across versions, for example `devchain.port_taken`. */
  code: string;
  /** The error that led to this one. */
  cause?: unknown;
  /** What the reader can do about it. */
  hint?: string;
  /** Page of the documentation, relative to `docs/`. */
  docsPath?: string;
  /** Facts to debug, one a line. */
  metaMessages?: readonly string[];
};

/** The root of every error this library throws. */
export class BaseError extends Error {
  override readonly name: string = 'BaseError';
  readonly code: string;
  readonly hint: string | undefined;
  readonly docsPath: string | undefined;
  readonly shortMessage: string;

  constructor(shortMessage: string, options: BaseErrorOptions) {
    const lines = [shortMessage, ...(options.metaMessages ?? []), ...(options.hint ? [options.hint] : [])];
    super(lines.join('\n'), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint;
    this.docsPath = options.docsPath;
    this.shortMessage = shortMessage;
  }
}
