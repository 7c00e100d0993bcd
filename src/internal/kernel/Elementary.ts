/**
 * Elementary functions whose bits are the same on every machine.
 *
 * `Math.exp`, `Math.log` and `Math.sqrt` are implementation-approximated in ECMAScript, so two engines may differ in
 * the last bit and two trainings in every byte. These use only `+ - * /`, comparisons and `Math.floor` on IEEE 754
 * doubles, which the language defines exactly. Measured error: below 2e-15 relative (see the test).
 */

/** The high part of ln 2 has 32 trailing zero bits, so `k * LN2_HIGH` is exact for every exponent k. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const MIN_EXPONENT = -1074;
const MAX_EXPONENT = 1023;

/** 2^k for every k a double can hold, built by exact doubling. */
const POWERS = powersOfTwo();

/** e^x. Taylor polynomial of degree 14 on |r| <= ln(2)/2 after x = k ln 2 + r. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.7) return Number.POSITIVE_INFINITY;
  if (x < -745) return 0;

  const k = Math.floor(x * Math.LOG2E + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let n = 14; n >= 1; n--) sum = 1 + (sum * r) / n;

  return k < -1000 ? sum * power(k + 100) * power(-100) : sum * power(k);
}

/** Natural logarithm. Series of atanh on the mantissa in [sqrt(1/2), sqrt(2)), after x = m 2^e. */
export function log(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return x;

  let e = exponent(x);
  let m = e < -1000 ? (x * power(100)) / power(e + 100) : x / power(e);
  if (m >= Math.SQRT2) {
    m /= 2;
    e += 1;
  }
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let sum = 0;
  for (let n = 23; n >= 1; n -= 2) sum = sum * square + 1 / n;

  return e * LN2_HIGH + (2 * s * sum + e * LN2_LOW);
}

/** Square root by Newton's method from a power of two within a factor of two; six steps pass double precision. */
export function sqrt(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0 || x === Number.POSITIVE_INFINITY) return x;

  let root = power(Math.floor(exponent(x) / 2));
  for (let step = 0; step < 6; step++) root = (root + x / root) / 2;
  return root;
}

/** Largest e with 2^e <= x, by binary search. */
function exponent(x: number): number {
  let low = MIN_EXPONENT;
  let high = MAX_EXPONENT;
  while (low < high) {
    const middle = Math.floor((low + high + 1) / 2);
    if (power(middle) <= x) low = middle;
    else high = middle - 1;
  }
  return low;
}

function power(k: number): number {
  return POWERS[k - MIN_EXPONENT] as number;
}

function powersOfTwo(): Float64Array {
  const powers = new Float64Array(MAX_EXPONENT - MIN_EXPONENT + 1);
  let value = Number.MIN_VALUE;
  for (let index = 0; index < powers.length; index++) {
    powers[index] = value;
    value *= 2;
  }
  return powers;
}
