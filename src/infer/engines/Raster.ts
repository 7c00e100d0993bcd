/** Decoded pictures, and the sizes in which graphs compute on them. */

/** Rows from the top, three bytes a pixel: red, green, blue. */
export type Raster = { readonly width: number; readonly height: number; readonly rgb: Uint8Array };

/** A rectangle in pixels; the right and the lower edge are not part of it. */
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** How a channel becomes a number: (value / 255 - mean) / deviation. */
export type Scale = { readonly mean: readonly number[]; readonly deviation: readonly number[] };

/**
 * Part of a picture in another size, as planes of blue, green and red numbers, which is the order that the models were
 * trained on. Bilinear between pixel centres, as OpenCV does it, which the models were trained with.
 *
 * @param from - the part, within the picture.
 * @param to - its size in the result, whose rows may be longer than it is wide; what is right of it stays zero.
 */
export function planes(
  raster: Raster,
  from: Box,
  to: { readonly width: number; readonly height: number; readonly row: number },
  { mean, deviation }: Scale,
): Float32Array {
  const size = to.row * to.height;
  const result = new Float32Array(3 * size);
  const columns = steps(from.x, from.width, to.width, raster.width);
  for (const [y, down] of steps(from.y, from.height, to.height, raster.height).entries()) {
    for (const [x, across] of columns.entries()) {
      for (let channel = 0; channel < 3; channel++) {
        const at = (row: number, column: number) => raster.rgb[(row * raster.width + column) * 3 + channel] as number;
        const upper = at(down.first, across.first) * (1 - across.share) + at(down.first, across.second) * across.share;
        const lower =
          at(down.second, across.first) * (1 - across.share) + at(down.second, across.second) * across.share;
        const value = upper * (1 - down.share) + lower * down.share;
        // Blue comes first.
        const plane = 2 - channel;
        result[plane * size + y * to.row + x] = (value / 255 - (mean[plane] as number)) / (deviation[plane] as number);
      }
    }
  }
  return result;
}

/**
 * A picture in a square of another size, as numbers from 0 to 1. Bilinear between corners: the corners of both fall
 * together, and what was trained on such squares reads no others.
 */
export function shrink({ width, height, rgb }: Raster, side: number): Float32Array {
  const result = new Float32Array(side * side * 3);
  const place = (index: number, length: number) => (index * (length - 1)) / (side - 1);
  for (let y = 0; y < side; y++) {
    const down = place(y, height);
    const [top, bottom] = [Math.floor(down), Math.ceil(down)];
    for (let x = 0; x < side; x++) {
      const across = place(x, width);
      const [left, right] = [Math.floor(across), Math.ceil(across)];
      for (let channel = 0; channel < 3; channel++) {
        const at = (row: number, column: number) => rgb[(row * width + column) * 3 + channel] as number;
        const upper = at(top, left) + (at(top, right) - at(top, left)) * (across - left);
        const lower = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * (across - left);
        result[(y * side + x) * 3 + channel] = (upper + (lower - upper) * (down - top)) / 255;
      }
    }
  }
  return result;
}

type Step = { readonly first: number; readonly second: number; readonly share: number };

/** For each pixel of the result the two of the picture that it lies between, and the share of the second. */
function steps(start: number, length: number, count: number, limit: number): readonly Step[] {
  return Array.from({ length: count }, (_, index) => {
    const place = start + ((index + 0.5) * length) / count - 0.5;
    const first = Math.floor(place);
    const clamp = (value: number) => Math.min(Math.max(value, 0), limit - 1);
    return { first: clamp(first), second: clamp(first + 1), share: place - first };
  });
}
