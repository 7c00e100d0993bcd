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

/** The refusal of whatever needs the chain while it does not answer. */
export function chainUnavailable(cause?: unknown): ProblemError {
  return new ProblemError(503, 'The chain does not answer, so nothing new can be trusted.', {
    code: 'chain.unavailable',
    cause,
    hint: 'Channels that this gateway knows are served on for a while. Try again soon.',
    retryAfter: 2,
  });
}

/** What a caller did wrong, by the code of the error that says so. Their sentences quote nothing but the request. */
const callersFault: ReadonlySet<string> = new Set([
  'json.invalid',
  'payment.invalid',
  'free.invalid',
  'quote.expired',
  'quote.unknown',
]);

/** Answer for anything thrown: known refusals as they are, everything else without a word about the inside. */
export function toResponse(error: unknown, requestId: string): Response {
  const problem = toProblem(error);
  const { status, retryAfter } = problem;
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (retryAfter !== undefined) headers['retry-after'] = `${retryAfter}`;
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="agorai"';
  return new Response(Json.stringify({ ...problemBody(problem), request: requestId }), { status, headers });
}

/** Problem details, with the same in OpenAI's shape under `error`, where its clients look. */
export function problemBody({ status, code, shortMessage: title, hint }: ProblemError): Record<string, unknown> {
  const type = `agorai:problem/${code}`;
  const error = { message: hint ? `${title} ${hint}` : title, type, code, param: null };
  return { type, title, status, code, ...(hint ? { hint } : {}), error };
}

function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const code = error instanceof BaseError ? error.code : 'internal';
  if (error instanceof BaseError && callersFault.has(code)) {
    return new ProblemError(400, error.shortMessage, { code, ...(error.hint ? { hint: error.hint } : {}) });
  }
  if (code.startsWith('store.')) {
    const title = 'The gateway cannot keep its books at the moment, so it serves nothing.';
    return new ProblemError(503, title, { code: 'gateway.unavailable', retryAfter: 5 });
  }
  return new ProblemError(500, 'The gateway failed to answer.', { code: 'internal' });
}
