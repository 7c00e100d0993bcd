import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Continuation from './Continuation.ts';

/** The texts of the pieces, until the continuation ends. */
function run(stop: readonly string[], chunks: readonly (string | Uint8Array)[]) {
  const continuation = Continuation.from(stop);
  const texts: string[] = [];
  for (const [at, chunk] of chunks.entries()) {
    const ended = at === chunks.length - 1 ? 'length' : undefined;
    const { text, finish } = Continuation.push(continuation, at, Buffer.from(chunk), ended);
    texts.push(text);
    if (finish) return { texts, finish };
  }
  return { texts };
}

describe('push', () => {
  test('gives the text of each token at once where nothing may end it', () => {
    expect(run([], ['a ', 'b'])).toEqual({ texts: ['a ', 'b'], finish: 'length' });
  });

  test('waits for the rest of a character', () => {
    const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
    expect(run([], ['a', first, second, 'b']).texts).toEqual(['a', '', 'é', 'b']);
    expect(run([], [first]).texts).toEqual(['\uFFFD']);
  });

  test('ends before a stop text, also one that several tokens make', () => {
    expect(run(['; '], ['a', ';', ' b'])).toEqual({ texts: ['a', '', ''], finish: 'stop' });
    expect(run(['cd'], ['abcde', 'f'])).toEqual({ texts: ['ab'], finish: 'stop' });
    expect(run(['x', 'b'], ['abx'])).toEqual({ texts: ['a'], finish: 'stop' });
  });

  test('ends before the stop text that is complete first, also where another began earlier', () => {
    expect(run(['bcb', 'c'], ['abc', 'b'])).toEqual({ texts: ['ab'], finish: 'stop' });
    expect(run(['bcb', 'c'], ['abcb'])).toEqual({ texts: ['ab'], finish: 'stop' });
    expect(run(['c', 'bc'], ['abc'])).toEqual({ texts: ['a'], finish: 'stop' });
  });

  test('gives back what only looked like a stop text', () => {
    expect(run(['; ;'], ['a;', ' ', 'b', 'c']).texts).toEqual(['a', '', '; b', 'c']);
    expect(run(['; ;'], ['a;'])).toEqual({ texts: ['a;'], finish: 'length' });
  });

  test('however a text is cut into tokens, what comes out is the text before the stop text that is complete first', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 12 });
    const stop = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 1, maxLength: 3 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(letters, stop, fc.array(fc.nat({ max: 20 }), { maxLength: 6 }), (text, ends, cuts) => {
        const bytes = Buffer.from(text);
        const edges = [0, ...cuts.filter((cut) => cut < bytes.length).sort((one, other) => one - other), bytes.length];
        const chunks = edges.slice(1).map((end, at) => bytes.subarray(edges[at], end));
        // The shortest beginning that has a stop text at its end, without the longest such.
        const prefixes = Array.from({ length: text.length + 1 }, (_, length) => text.slice(0, length));
        const stopped = prefixes.find((prefix) => ends.some((end) => prefix.endsWith(end))) ?? text;
        const longest = Math.max(0, ...ends.filter((end) => stopped.endsWith(end)).map((end) => end.length));
        expect(run(ends, chunks).texts.join('')).toBe(stopped.slice(0, stopped.length - longest));
      }),
      { numRuns: 1_000 },
    );
  });
});
