/** How single-precision results are written into JSON. */

/** Decimals with the fewest digits, up to nine, that give each value back when they are read as float32. */
export function toDecimals(values: Float32Array): number[] {
  return Array.from(values, (value) => {
    const seven = Number(value.toPrecision(7));
    return Math.fround(seven) === value ? seven : Number(value.toPrecision(9));
  });
}

/** Base64 of the values in little-endian order, the form that OpenAI's clients ask for. */
export function toBase64(values: Float32Array): string {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
