/** Decodes a picture whose head was measured. */
import sharp from 'sharp';
import { BaseError } from '../../internal/Errors.ts';
import * as Picture from './Picture.ts';
import type { Raster } from './Raster.ts';

// Decoders of other formats are never reached; the head was PNG or JPEG, and no more than that is let in.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['VipsForeignLoadPngBuffer', 'VipsForeignLoadJpegBuffer'] });
sharp.cache(false);

/**
 * The pixels of a PNG or JPEG, turned as its camera says, on white where it is transparent. At its largest it takes 48 MB, so
 * it is decoded in the thread that reads it, one at a time.
 *
 * @throws {PictureError} when it is damaged.
 */
export async function decodePicture(bytes: Uint8Array): Promise<Raster> {
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: Picture.MAX_PIXELS, failOn: 'error' })
      .autoOrient()
      .flatten({ background: '#fff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, rgb: data };
  } catch (cause) {
    throw new PictureError(cause);
  }
}

/** The picture cannot be decoded. */
export class PictureError extends BaseError {
  override readonly name = 'decodePicture.PictureError';
  constructor(cause: unknown) {
    super('The picture is damaged.', { code: 'infer.picture', docsPath: 'infer.md', cause });
  }

  /** The error again of one that came out of a thread, which knows its code alone; of another code nothing. */
  static from(cause: unknown, code: string | undefined): PictureError | undefined {
    return code === 'infer.picture' ? new PictureError(cause) : undefined;
  }
}
