/** What every error of this library carries besides its short sentence. */
export type BaseErrorOptions = {
  cause?: unknown;
  /** Stable machine-readable code, `stage/reason`. */
  code: string;
  /** What the reader can do about it. */
  hint?: string;
  /** Page of the documentation that explains the error. */
  docsPath?: string;
  metaMessages?: readonly string[];
};

/** Parent of every error that this library throws. */
export class BaseError extends Error {
  override readonly name: string = 'BaseError';
  readonly code: string;
  readonly hint: string | undefined;
  readonly docsPath: string | undefined;
  readonly shortMessage: string;
  readonly metaMessages: readonly string[];

  constructor(shortMessage: string, options: BaseErrorOptions) {
    const lines = [shortMessage, ...(options.metaMessages ?? [])];
    if (options.hint) lines.push(`Hint: ${options.hint}`);
    if (options.docsPath) lines.push(`Docs: ${options.docsPath}`);
    super(lines.join('\n'), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint;
    this.docsPath = options.docsPath;
    this.shortMessage = shortMessage;
    this.metaMessages = options.metaMessages ?? [];
  }
}
