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

  test('gives back what only looked like a stop text', () => {
    expect(run(['; ;'], ['a;', ' ', 'b', 'c']).texts).toEqual(['a', '', '; b', 'c']);
    expect(run(['; ;'], ['a;'])).toEqual({ texts: ['a;'], finish: 'length' });
  });

  test('however a text is cut into tokens, what comes out is the text before the first stop text', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 12 });
    const stop = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 1, maxLength: 3 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(letters, stop, fc.array(fc.nat({ max: 20 }), { maxLength: 6 }), (text, ends, cuts) => {
        const bytes = Buffer.from(text);
        const edges = [0, ...cuts.filter((cut) => cut < bytes.length).sort((one, other) => one - other), bytes.length];
        const chunks = edges.slice(1).map((end, at) => bytes.subarray(edges[at], end));
        const first = Math.min(
          ...ends.map((end) => text.indexOf(end)).map((at) => (at < 0 ? text.length : at)),
          text.length,
        );
        expect(run(ends, chunks).texts.join('')).toBe(text.slice(0, first));
      }),
      { numRuns: 1_000 },
    );
  });
});
