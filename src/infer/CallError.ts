import { BaseError } from '../internal/Errors.ts';
import * as Json from '../internal/Json.ts';

/** A refusal in words. */
type Problem = { title: string; code: string; hint: string | undefined };

/** What a refusal says, if it is one of problem details. */
export function readProblem(bytes: Uint8Array): Problem | undefined {
  try {
    const body = Json.parse(new TextDecoder().decode(bytes)) as Partial<Record<keyof Problem, unknown>>;
    const hint = typeof body.hint === 'string' ? body.hint.slice(0, 300) : undefined;
    return { title: String(body.title).slice(0, 300), code: String(body.code).slice(0, 64), hint };
  } catch {
    return undefined;
  }
}

/**
 * The gateway did not serve the call, or did not finish its stream. A call that is not served costs nothing; a stream
 * that was cut off costs what was delivered, as its receipt and the message say.
 */
export class CallError extends BaseError {
  override readonly name = 'CallError';
  /** HTTP status of the answer. */
  readonly status: number;
  constructor(status: number, problem: Problem | undefined) {
    super(problem?.title ?? `The gateway answered with status ${status}.`, {
      code: problem?.code ?? 'call.failed',
      ...(problem?.hint ? { hint: problem.hint } : {}),
      docsPath: 'infer.md',
    });
    this.status = status;
  }
}
