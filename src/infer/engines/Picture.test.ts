import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { decodePicture, PictureError } from './decodePicture.ts';
import * as Picture from './Picture.ts';

const blank = (width: number, height: number, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background: { r: 10, g: 20, b: 30, alpha: 0 } } });
const png = await blank(3, 2).png().toBuffer();
const jpeg = await blank(16, 8).jpeg().toBuffer();
const issue = (bytes: Uint8Array) =>
  Picture.schema.safeParse(Buffer.from(bytes).toString('base64')).error?.issues[0]?.message;

/** A PNG whose head promises another size. */
function promising(width: number, height: number): Buffer {
  const changed = Buffer.from(png);
  changed.writeUInt32BE(width, 16);
  changed.writeUInt32BE(height, 20);
  return changed;
}

describe('measure', () => {
  test('reads the heads of PNG and JPEG, progressive and turned ones included', async () => {
    expect(Picture.measure(png)).toEqual({ width: 3, height: 2 });
    expect(Picture.measure(jpeg)).toEqual({ width: 16, height: 8 });
    const progressive = await blank(40, 30).jpeg({ progressive: true }).withMetadata({ orientation: 6 }).toBuffer();
    expect(Picture.measure(progressive)).toEqual({ width: 40, height: 30 });
  });

  test('every beginning of a picture is measured or not, without an error', () => {
    for (const bytes of [png, jpeg]) {
      for (let length = 0; length < bytes.length; length++) Picture.measure(bytes.subarray(0, length));
    }
  });
});

describe('schema', () => {
  test.each([
    ['a GIF', Buffer.from('R0lGODlhAQABAAAAACw=', 'base64'), 'is neither PNG nor JPEG'],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'is neither PNG nor JPEG'],
    ['a picture without pixels', promising(0, 5), 'is neither PNG nor JPEG'],
    ['half a head', png.subarray(0, 20), 'is neither PNG nor JPEG'],
  ])('A-017: refuses %s', (_, bytes, message) => expect(issue(bytes)).toBe(message));

  test.each([
    [8_193, 1],
    [1, 8_193],
    [4_001, 4_000],
    [4_294_967_295, 4_294_967_295],
  ])('A-023: refuses a picture that promises %i x %i pixels before it is decoded', (width, height) => {
    expect(issue(promising(width, height))).toMatch(/pixels, at most/);
  });

  test.each(['', 'a b', 'data:image/png;base64,AAAA', `${'A'.repeat(1_000_004)}`])(
    'refuses what is no base64 or too much of it',
    (text) => {
      expect(Picture.schema.safeParse(text).success).toBe(false);
    },
  );
});

describe('decodePicture', () => {
  test('gives three bytes a pixel for grey, transparent and deep pictures', async () => {
    const grey = await sharp(Buffer.from([0, 255]), { raw: { width: 2, height: 1, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    expect(await decodePicture(grey)).toEqual({ width: 2, height: 1, rgb: Buffer.from([0, 0, 0, 255, 255, 255]) });
    const clear = await blank(1, 1, 4).png().toBuffer();
    expect([...(await decodePicture(clear)).rgb]).toEqual([255, 255, 255]);
    const deep = await blank(1, 1).toColourspace('rgb16').png().toBuffer();
    expect([...(await decodePicture(deep)).rgb]).toEqual([10, 20, 30]);
  });

  test('turns a picture as its camera says', async () => {
    const turned = await blank(40, 30).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect(await decodePicture(turned)).toMatchObject({ width: 30, height: 40 });
  });

  test.each([
    ['another size than its head says', promising(2_000, 2_000)],
    ['a cut end', png.subarray(0, png.length - 20)],
    ['another format', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')],
  ])('A-023: refuses %s', async (_, bytes) => {
    await expect(decodePicture(bytes)).rejects.toThrow(PictureError);
  });
});
