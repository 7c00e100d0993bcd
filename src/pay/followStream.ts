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

/** Reads along with whoever reads an answer. */
export function followStream(response: Response): Followed {
  const source = (response.body ?? new ReadableStream()).getReader();
  const events = ServerSentEvent.createReader();
  let found: X402.ParsedResponse | undefined;
  const { promise: payment, resolve } = Promise.withResolvers<X402.ParsedResponse | undefined>();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await source.read();
        if (value) for (const event of events(value)) found ??= paymentIn(event);
        if (value) controller.enqueue(value);
        if (!done) return;
        resolve(found);
        controller.close();
      } catch (error) {
        resolve(found);
        controller.error(error);
      }
    },
    async cancel(reason) {
      resolve(found);
      await source.cancel(reason);
    },
  });
  const { status, statusText, headers } = response;
  return { response: new Response(body, { status, statusText, headers }), payment };
}

function paymentIn({ name, data }: ServerSentEvent.ServerSentEvent): X402.ParsedResponse | undefined {
  if (name !== receiptEvent) return undefined;
  const { agorai } = Json.parse(data) as { agorai?: { payment?: object } };
  return agorai?.payment && X402.parseResponse(X402.encode(agorai.payment));
}
