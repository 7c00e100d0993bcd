/** How single-precision results are written into JSON. */

/** The shortest decimals of six to nine digits that give each value back when they are read as float32. */
export function toDecimals(values: Float32Array): number[] {
  return Array.from(values, (value) => {
    for (let digits = 6; digits < 9; digits++) {
      const decimal = Number(value.toPrecision(digits));
      if (Math.fround(decimal) === value) return decimal;
    }
    return Number(value.toPrecision(9));
  });
}

/** Base64 of the values in little-endian order, the form that OpenAI's clients ask for. */
export function toBase64(values: Float32Array): string {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
