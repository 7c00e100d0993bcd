import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as NGrams from './NGrams.ts';
import * as Safetensors from './Safetensors.ts';

const code = NGrams.encode;
/** Four tokens; `2` after `1` has 0.5, and `3` after `1 2` has 0.8. */
const model: NGrams.NGrams = {
  levels: [
    {
      tokens: Uint16Array.of(0, 1, 2, 3),
      probabilities: Uint8Array.of(code(0.4), code(0.3), code(0.2), code(0.1)),
      backoffs: Uint8Array.of(0, code(0.625), 0, 0),
      starts: Uint32Array.of(0, 0, 1, 1, 1),
    },
    {
      tokens: Uint16Array.of(2),
      probabilities: Uint8Array.of(code(0.5)),
      backoffs: Uint8Array.of(code(0.21)),
      starts: Uint32Array.of(0, 1),
    },
    {
      tokens: Uint16Array.of(3),
      probabilities: Uint8Array.of(code(0.8)),
      backoffs: new Uint8Array(),
      starts: Uint32Array.of(0),
    },
  ],
};
const after = (...context: number[]) => {
  const out = new Float64Array(4);
  NGrams.distribution(model, context, out);
  return [...out];
};

describe('distribution', () => {
  test('takes the longest context that is known, and adds up to one', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 5 }), (context) => {
        expect(after(...context).reduce((sum, share) => sum + share)).toBeCloseTo(1, 12);
      }),
    );
    expect(after()[0]).toBeCloseTo(0.4, 1);
    expect(after(1)[2]).toBeCloseTo(0.5, 1);
    expect(after(0, 1)).toEqual(after(1));
    expect(after(1, 2)[3]).toBeCloseTo(0.8, 1);
    expect(after(2, 2)).toEqual(after());
  });

  test('what a context does not know shares its backoff in the proportions of the shorter context', () => {
    const [zero, one] = after(1) as [number, number];
    const [lowZero, lowOne] = after() as [number, number];
    expect(zero / one).toBeCloseTo(lowZero / lowOne, 12);
  });
});

describe('encode', () => {
  test('is off by no more than half a step', () => {
    fc.assert(
      fc.property(fc.double({ min: 2e-7, max: 1, noNaN: true }), (value) => {
        expect(Math.abs(Math.log(NGrams.decode(code(value)) / value))).toBeLessThan(1 / 32 + 1e-12);
      }),
    );
  });
});

describe('parse', () => {
  const bytes = NGrams.serialize(model);
  const changed = (name: string, values: Safetensors.Values) => {
    const tensors = Safetensors.parse(bytes).map((tensor) => {
      return tensor.name === name ? { name, shape: [values.length], values } : tensor;
    });
    return Safetensors.serialize(tensors);
  };

  test('gives back what was written', () => {
    expect(NGrams.parse(bytes)).toEqual(model);
  });

  test.each([
    ['no level', Safetensors.serialize([])],
    ['a token outside the vocabulary', changed('1.tokens', Uint16Array.of(4))],
    ['more sequences than begin anywhere', changed('0.lengths', Uint16Array.of(0, 2, 0, 0))],
    ['probabilities of another type', changed('1.probabilities', Float32Array.of(0.5))],
    ['fewer probabilities than tokens', changed('0.probabilities', Uint8Array.of(1))],
    ['a level without lengths', changed('1.lengths', new Uint16Array())],
  ])('refuses %s', (_, file) => {
    expect(() => NGrams.parse(file)).toThrow(NGrams.MalformedError);
  });
});
