import * as Json from '../internal/Json.ts';
import * as ServerSentEvent from '../internal/ServerSentEvent.ts';
import * as X402 from './X402.ts';

/** Name of the event by which a stream says what was charged. */
export const receiptEvent = 'agorai-receipt';

/** An answer whose charge stands at its end. */
export type Followed = {
  /** The same answer; reading it is what finds the charge. */
  readonly response: Response;
  /** What the server says about the payment, once the answer was read or given up; undefined when it said nothing. */
  readonly payment: Promise<X402.ParsedResponse | undefined>;
};

/** Whether an answer is written while it is sent, so that no header can say what it costs. */
export function isStream(response: Response): boolean {
  const type = response.headers.get('content-type') ?? '';
  return type.startsWith('text/event-stream') && !response.headers.has(X402.headers.response);
}

/**
 * Reads along with whoever reads an answer. However that ends (at its end, given up, aborted while nobody reads, or by
 * an event that says nothing sensible), the connection is let go first and then the payment is settled.
 */
export function followStream(response: Response): Followed {
  const source = (response.body ?? new ReadableStream()).getReader();
  const events = ServerSentEvent.createReader();
  let found: X402.ParsedResponse | undefined;
  const { promise: payment, resolve } = Promise.withResolvers<X402.ParsedResponse | undefined>();
  const release = async (reason: unknown) => {
    // A connection that broke cannot be cancelled any more.
    await source.cancel(reason).catch(() => undefined);
    resolve(found);
  };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      // An abort or a broken connection is noticed also while the reader has not asked for more.
      source.closed.catch(async (error: unknown) => {
        await release(error);
        controller.error(error);
      });
    },
    async pull(controller) {
      try {
        const { done, value } = await source.read();
        if (value) for (const event of events(value)) found ??= paymentIn(event);
        if (value) controller.enqueue(value);
        if (!done) return;
        resolve(found);
        controller.close();
      } catch (error) {
        await release(error);
        controller.error(error);
      }
    },
    cancel: release,
  });
  const { status, statusText, headers } = response;
  return { response: new Response(body, { status, statusText, headers }), payment };
}

function paymentIn({ name, data }: ServerSentEvent.ServerSentEvent): X402.ParsedResponse | undefined {
  if (name !== receiptEvent) return undefined;
  const { agorai } = Json.parse(data) as { agorai?: { payment?: object } };
  return agorai?.payment && X402.parseResponse(X402.encode(agorai.payment));
}
