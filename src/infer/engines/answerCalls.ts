/** The other end of `startThread`: answers each call in the thread. */
import { parentPort } from 'node:worker_threads';

/** What a thread answers a call with. */
export type Answer<Output> = { readonly value: Output } | { readonly error: unknown };

/** Answers each call with what `serve` gives. */
export function answerCalls<Input, Output>(serve: (input: Input) => Promise<Output>): void {
  parentPort?.on('message', async (input: Input) => {
    let answer: Answer<Output>;
    try {
      answer = { value: await serve(input) };
    } catch (error) {
      answer = { error };
    }
    parentPort?.postMessage(answer);
  });
}
