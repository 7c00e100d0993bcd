/** Decodes a picture whose head was measured. */
import sharp from 'sharp';
import { BaseError } from '../../internal/Errors.ts';
import * as Picture from './Picture.ts';

/** Rows from the top, three bytes a pixel: red, green, blue. */
export type Pixels = { readonly width: number; readonly height: number; readonly rgb: Uint8Array };

// Decoders of other formats are never reached; the head was PNG or JPEG, and no more than that is let in.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['VipsForeignLoadPngBuffer', 'VipsForeignLoadJpegBuffer'] });
sharp.cache(false);

/**
 * The pixels of a PNG or JPEG, turned as its camera says, on white where it is transparent. Runs outside the event loop.
 *
 * @throws {PictureError} when it is damaged.
 */
export async function decodePicture(bytes: Uint8Array): Promise<Pixels> {
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: Picture.MAX_PIXELS, failOn: 'error' })
      .autoOrient()
      .flatten({ background: '#fff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, rgb: info.channels === 3 ? data : spread(data) };
  } catch (cause) {
    throw new PictureError(cause);
  }
}

/** Grey pixels as three equal bytes. */
function spread(grey: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: grey.length * 3 }, (_, at) => grey[Math.floor(at / 3)] as number);
}

/** The picture cannot be decoded. */
export class PictureError extends BaseError {
  override readonly name = 'decodePicture.PictureError';
  constructor(cause: unknown) {
    super('The picture is damaged.', { code: 'infer.picture', docsPath: 'infer.md', cause });
  }
}
