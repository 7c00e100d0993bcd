/** Problem details (RFC 9457): every refusal has a machine code, a sentence and what to do. */
import { BaseError, type BaseErrorOptions } from '../../internal/Errors.ts';
import * as Json from '../../internal/Json.ts';

/** A refusal that the gateway answers with. */
export class ProblemError extends BaseError {
  override readonly name = 'Problem.ProblemError';
  /** HTTP status. */
  readonly status: number;
  /** Seconds after which to try again. */
  readonly retryAfter: number | undefined;

  constructor(status: number, shortMessage: string, options: BaseErrorOptions & { retryAfter?: number }) {
    super(shortMessage, options);
    this.status = status;
    this.retryAfter = options.retryAfter;
  }
}

/** Answer for anything thrown: known refusals as they are, everything else as a 500 that says nothing of the inside. */
export function toResponse(error: unknown, requestId: string): Response {
  const known = error instanceof BaseError;
  const status = error instanceof ProblemError ? error.status : known ? 400 : 500;
  const body = {
    type: known ? `agorai:problem/${error.code}` : 'agorai:problem/internal',
    title: known ? error.shortMessage : 'The gateway failed to answer.',
    status,
    code: known ? error.code : 'internal',
    ...(known && error.hint ? { hint: error.hint } : {}),
    request: requestId,
  };
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (error instanceof ProblemError && error.retryAfter !== undefined) headers['retry-after'] = `${error.retryAfter}`;
  return new Response(Json.stringify(body), { status, headers });
}
