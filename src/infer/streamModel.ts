import { concat } from 'viem/utils';
import * as Json from '../internal/Json.ts';
import * as ServerSentEvent from '../internal/ServerSentEvent.ts';
import { receiptEvent } from '../pay/followStream.ts';
import { CallError, readProblem } from './CallError.ts';
import { type Call, type callModel, requestOf } from './callModel.ts';
import * as Evidence from './Evidence.ts';

/** What a stream comes to: the call without its answer, which was handed over piece by piece. */
export type Streamed = Omit<Call, 'body'>;

/**
 * Calls a model that answers in pieces: yields each as it comes and returns, at the end, what the call cost and the
 * receipt that proves it, checked like that of {@link callModel}. Who stops reading stops the model and is charged for
 * what was delivered.
 */
export async function* streamModel(options: callModel.Options): AsyncGenerator<unknown, Streamed> {
  const { payer } = options;
  const body = Json.stringify({ ...options.input, stream: true });
  const url = new URL(options.route, options.gateway);
  const paid = await payer.fetch(url.href, requestOf(options, body), options.limits ?? {});
  const { status, headers } = paid.response;
  if (!headers.get('content-type')?.startsWith('text/event-stream')) {
    throw new CallError(status, readProblem(new Uint8Array(await paid.response.arrayBuffer())));
  }
  const sent: Uint8Array[] = [];
  let evidence: Evidence.Evidence | undefined;
  let fault: unknown;
  const source = (paid.response.body ?? new ReadableStream()) as unknown as AsyncIterable<Uint8Array>;
  for await (const event of ServerSentEvent.read(source)) {
    if (event.data === '[DONE]') continue;
    const data = Json.parse(event.data) as { agorai?: unknown; error?: unknown };
    if (event.name === receiptEvent) evidence = Evidence.parse(data.agorai);
    else if (data.error !== undefined) fault = data.error;
    else {
      sent.push(event.bytes);
      yield data;
    }
  }
  if (!evidence) throw new Evidence.ReceiptError('the stream ended without it');
  const { scheme, bound } = paid;
  const cost = (await paid.finalCost) ?? paid.cost;
  const price = scheme === 'exact' ? bound : cost;
  const { address } = payer.setup.wallet;
  const expected = { path: url.pathname, body, answer: concat(sent), payer: address, price };
  await Evidence.verify(options.check, evidence, expected);
  if (fault !== undefined) throw new CallError(status, faultOf(fault));
  return { ...evidence, status, cost, bound, weights: evidence.receipt.manifestRoot };
}

function faultOf(fault: unknown) {
  const { message, code } = fault as { message?: unknown; code?: unknown };
  return { title: String(message).slice(0, 300), code: String(code).slice(0, 64), hint: undefined };
}
