/** Pictures of known text, drawn from the outlines of pinned fonts: the same bytes on every machine of a kind. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import sharp from 'sharp';
import { triples } from '../embeddings/triples.ts';

export type Sample = { readonly lines: readonly string[]; readonly style: string; readonly picture: Buffer };

type Style = {
  readonly font: string;
  readonly size: number;
  readonly ink: string;
  readonly paper: string;
  readonly jpeg?: number;
};

/** The part of opentype.js used here; it is published without types. */
type Font = {
  readonly unitsPerEm: number;
  charToGlyph(letter: string): {
    readonly advanceWidth: number;
    getPath(x: number, y: number, size: number): { toPathData(decimals: number): string };
  };
};

const require = createRequire(import.meta.url);
const opentype: { parse(file: ArrayBuffer): Font } = require('opentype.js');

/** Fonts, sizes from 12 to 40 pixels, dark on light and light on dark, without and with losses of JPEG. */
const styles: Readonly<Record<string, Style>> = {
  sans: { font: 'DejaVuSans', size: 24, ink: '#000', paper: '#fff' },
  serif: { font: 'DejaVuSerif', size: 24, ink: '#222', paper: '#fdf6e3' },
  mono: { font: 'DejaVuSansMono', size: 20, ink: '#000', paper: '#fff' },
  small: { font: 'DejaVuSans', size: 12, ink: '#000', paper: '#fff' },
  large: { font: 'DejaVuSerif-Bold', size: 40, ink: '#000', paper: '#fff' },
  dark: { font: 'DejaVuSans', size: 22, ink: '#ddd', paper: '#1e1e2e' },
  photo: { font: 'DejaVuSansCondensed', size: 22, ink: '#333', paper: '#e8e4d8', jpeg: 35 },
};

const fonts = new Map<string, Font>();

function fontOf(name: string): Font {
  const known = fonts.get(name);
  if (known) return known;
  const bytes = Uint8Array.from(readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`)));
  const font = opentype.parse(bytes.buffer);
  fonts.set(name, font);
  return font;
}

/** Letter after letter, without kerning: the library cannot read all tables of these fonts. */
function outline(font: Font, line: string, { x, y, size }: { x: number; y: number; size: number }): string {
  let at = x;
  let path = '';
  for (const letter of line) {
    const glyph = font.charToGlyph(letter);
    path += glyph.getPath(at, y, size).toPathData(3);
    at += (glyph.advanceWidth * size) / font.unitsPerEm;
  }
  return path;
}

/** Draws lines of text below each other. */
export async function draw(lines: readonly string[], name: keyof typeof styles): Promise<Buffer> {
  const { font, size, ink, paper, jpeg } = styles[name] as Style;
  const [width, height] = [
    Math.ceil(Math.max(...lines.map(({ length }) => length)) * size * 0.72) + 60,
    lines.length * size * 2 + 40,
  ];
  const paths = lines.map((line, row) => outline(fontOf(font), line, { x: 30, y: 20 + size * (row * 2 + 1.4), size }));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${paper}"/><path fill="${ink}" d="${paths.join('')}"/></svg>`;
  sharp.unblock({ operation: ['VipsForeignLoadSvgBuffer'] });
  const image = sharp(Buffer.from(svg));
  return jpeg ? image.jpeg({ quality: jpeg }).toBuffer() : image.png().toBuffer();
}

/** Lines as they stand on receipts, labels and screens. */
const printed = [
  ['Invoice 2024-0815', 'Total 1,299.00 EUR', 'VAT 19% included'],
  ['IBAN DE89 3704 0044 0532 0130 00', 'BIC COBADEFFXXX'],
  ['Gate B42', 'Boarding 17:35', 'Seat 12A'],
  ['https://example.org/path?id=7', 'user.name@example.com'],
  ['error: expected ; before }', 'return (a + b) * 2 / c[3]'],
  ['Lot 7F3K-99Q2', 'Best before 31.12.2026'],
];

/** Twenty pictures of three sentences and six of printed lines, each in one of the styles, then every style once more. */
export async function readSamples(): Promise<readonly Sample[]> {
  const texts = [
    ...triples.map(({ sentence, paraphrase, distractor }) => [sentence, paraphrase, distractor]),
    ...printed,
    ...printed,
    ...printed,
  ];
  const names = Object.keys(styles);
  return Promise.all(
    texts.map(async (lines, at) => {
      const style = names[at % names.length] as string;
      return { lines, style, picture: await draw(lines, style) };
    }),
  );
}
