/** A worker thread that serves calls one at a time, in the order they come. */
import type { TransferListItem } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';
import type { BaseError } from '../../internal/Errors.ts';
import type { Answer, Call as Asked } from './answerCalls.ts';

/** A running thread. */
export type Thread<Input, Output> = {
  /**
   * Serves one call. Rejects with the reason of `signal` soon after it aborts; a call that waits then leaves the line,
   * and the one the thread is at is told that nobody waits for it.
   */
  run(input: Input, signal: AbortSignal): Promise<Output>;
  /** Ends the thread; calls that wait are rejected. */
  close(): Promise<void>;
};

/** Starts the thread of a file that uses `answerCalls`. */
export function startThread<Input, Output>({
  file,
  data,
  transfer,
  fault,
}: startThread.Options): Thread<Input, Output> {
  const worker = new Worker(file, { workerData: data, transferList: [...transfer] });
  const line: Line<Input, Output> = { waiting: [], current: undefined, failure: undefined };
  listen(worker, line, fault);
  return {
    run: (input, signal) => call(worker, line, input, signal),
    async close() {
      await worker.terminate();
    },
  };
}

export declare namespace startThread {
  type Options = {
    readonly file: URL;
    /** What the thread finds in `workerData`. */
    readonly data: unknown;
    /** Buffers in `data` that move to the thread: they are empty here afterwards. */
    readonly transfer: readonly TransferListItem[];
    /** The error of a call that failed, with the code of its cause if it has one, or of a thread that is gone. */
    fault(detail: string, cause?: unknown, code?: string): BaseError;
  };
}

type Call<Input, Output> = Asked<Input> & {
  readonly resolve: (output: Output) => void;
  readonly reject: (reason: unknown) => void;
};

/** Calls that wait, the one the thread is at, and why there will be no more. */
type Line<Input, Output> = {
  waiting: Call<Input, Output>[];
  current: Call<Input, Output> | undefined;
  failure: BaseError | undefined;
};

function listen<Input, Output>(worker: Worker, line: Line<Input, Output>, fault: startThread.Options['fault']): void {
  const fail = (reason: string, cause?: unknown) => {
    line.failure ??= fault(reason, cause);
    for (const { reject } of [line.current, ...line.waiting].filter((call) => call !== undefined)) reject(line.failure);
    line.current = undefined;
    line.waiting = [];
  };
  worker.on('message', (answer: Answer<Output>) => {
    if ('value' in answer) line.current?.resolve(answer.value);
    else line.current?.reject(fault('it cannot be run', answer.error, answer.code));
    line.current = undefined;
    advance(worker, line);
  });
  worker.on('error', (cause) => fail('its thread failed', cause));
  worker.on('exit', () => fail('it was closed'));
}

async function call<Input, Output>(
  worker: Worker,
  line: Line<Input, Output>,
  input: Input,
  signal: AbortSignal,
): Promise<Output> {
  signal.throwIfAborted();
  if (line.failure) throw line.failure;
  const { promise, resolve, reject } = Promise.withResolvers<Output>();
  const abandoned = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const entry: Call<Input, Output> = { input, abandoned, resolve, reject };
  const abort = () => {
    Atomics.store(abandoned, 0, 1);
    line.waiting = line.waiting.filter((other) => other !== entry);
    reject(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  line.waiting.push(entry);
  advance(worker, line);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function advance<Input, Output>(worker: Worker, line: Line<Input, Output>): void {
  if (line.current) return;
  line.current = line.waiting.shift();
  if (!line.current) return;
  const { input, abandoned } = line.current;
  worker.postMessage({ input, abandoned } satisfies Asked<Input>);
}
