/** The other end of `startThread`: answers each call in the thread. */
import { parentPort } from 'node:worker_threads';
import { BaseError } from '../../internal/Errors.ts';

/** What a thread is called with: the input, and a shared number that is not zero once nobody waits for the answer. */
export type Call<Input> = { readonly input: Input; readonly abandoned: Int32Array };

/** What a thread answers a call with. The code is that of an error of this project, which loses it on the way. */
export type Answer<Output> =
  | { readonly value: Output }
  | { readonly error: unknown; readonly code: string | undefined };

/** Answers each call with what `serve` gives, which may stop early once nobody waits for it. */
export function answerCalls<Input, Output>(serve: (input: Input, isAbandoned: () => boolean) => Promise<Output>): void {
  parentPort?.on('message', async ({ input, abandoned }: Call<Input>) => {
    let answer: Answer<Output>;
    try {
      answer = { value: await serve(input, () => Atomics.load(abandoned, 0) !== 0) };
    } catch (error) {
      answer = { error, code: error instanceof BaseError ? error.code : undefined };
    }
    parentPort?.postMessage(answer);
  });
}
