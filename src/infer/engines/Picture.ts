/** Pictures in requests: PNG and JPEG in base64, measured from their heads before anything decodes them. */
import * as z from 'zod';

/** Most bytes of a picture; in base64 it then fits into the body that a gateway takes. */
export const MAX_BYTES = 750_000;

/** Most pixels of a picture, however few bytes it has. */
export const MAX_PIXELS = 16_000_000;

/** Longest side, in pixels. */
export const MAX_SIDE = 8_192;

/** What the head of a picture says. */
export type Size = { readonly width: number; readonly height: number };

/** A picture in base64 whose head says that it can be decoded within the limits. */
export const schema = z
  .string()
  .min(1)
  .max(Math.ceil(MAX_BYTES / 3) * 4)
  .regex(/^[A-Za-z0-9+/]+={0,2}$/, { error: 'is not base64', abort: true })
  .check(({ value, issues }) => {
    const size = measure(decode(value));
    const message = !size
      ? 'is neither PNG nor JPEG'
      : size.width > MAX_SIDE || size.height > MAX_SIDE || size.width * size.height > MAX_PIXELS
        ? `has ${size.width} x ${size.height} pixels, at most ${MAX_PIXELS} and ${MAX_SIDE} a side are read`
        : undefined;
    if (message) issues.push({ code: 'custom', message, input: '' });
  });

/** The bytes of base64. */
export function decode(text: string): Uint8Array {
  return Buffer.from(text, 'base64');
}

/** One white pixel. */
export const BLANK = decode(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC',
);

/** Width and height of a PNG or JPEG, or nothing when it is neither or has no pixels. */
export function measure(bytes: Uint8Array): Size | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = measurePng(view) ?? measureJpeg(view);
  return size && size.width > 0 && size.height > 0 ? size : undefined;
}

function measurePng(view: DataView): Size | undefined {
  if (view.byteLength < 33 || view.getBigUint64(0) !== 0x89504e470d0a1a0an) return undefined;
  // The first chunk is IHDR, of 13 bytes.
  if (view.getUint32(8) !== 13 || view.getUint32(12) !== 0x49484452) return undefined;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** Goes from marker to marker to the first start of a frame. */
function measureJpeg(view: DataView): Size | undefined {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 <= view.byteLength && view.getUint8(at) === 0xff; ) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}
