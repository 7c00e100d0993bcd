/** The text of a continuation as it grows: whole characters only, and nothing of a text that ends it. */

/** One token of a continuation, and the text that is certain now that it is known. */
export type Piece = {
  readonly token: number;
  /** May be empty, while a character or a text that ends the continuation may still be completed. */
  readonly text: string;
  /** Set on the last piece: the model or a stop text ended the continuation, or the limit of tokens did. */
  readonly finish?: 'stop' | 'length';
};

/** A continuation: texts that end it, bytes that wait for the rest of a character, and text that may begin an end. */
export type Continuation = { readonly stop: readonly string[]; readonly decoder: TextDecoder; held: string };

/** An empty continuation. */
export function from(stop: readonly string[]): Continuation {
  return { stop: stop.filter((text) => text !== ''), decoder: new TextDecoder(), held: '' };
}

/** Adds a token with its bytes; `ended` says that it is the last one. */
export function push(continuation: Continuation, token: number, bytes: Uint8Array, ended?: Piece['finish']): Piece {
  const { stop, decoder } = continuation;
  const text = continuation.held + decoder.decode(bytes, { stream: ended === undefined });
  const end = firstEnd(text, stop);
  if (end !== undefined) return { token, text: text.slice(0, end), finish: 'stop' };
  if (ended) return { token, text, finish: ended };

  const certain = text.length - openEnd(text, stop);
  continuation.held = text.slice(certain);
  return { token, text: text.slice(0, certain) };
}

/** Where the stop text begins that is complete first, of several the longest: what comes later must not matter. */
function firstEnd(text: string, stop: readonly string[]): number | undefined {
  const found = stop.map((end) => ({ at: text.indexOf(end), length: end.length })).filter(({ at }) => at >= 0);
  found.sort((one, other) => one.at + one.length - (other.at + other.length) || one.at - other.at);
  return found[0]?.at;
}

/** Length of the longest end of `text` with which a stop text begins. */
function openEnd(text: string, stop: readonly string[]): number {
  const longest = Math.max(0, ...stop.map((end) => end.length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(-length);
    if (stop.some((one) => one.startsWith(end))) return length;
  }
  return 0;
}
