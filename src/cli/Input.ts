/** What a model is asked and what it answered, by the task of its card: from words to a request, from a body to words. */
import { z } from 'zod';
import { BaseError } from '../internal/Errors.ts';
import * as Json from '../internal/Json.ts';
import * as Text from '../internal/Text.ts';

/** An image of 28 x 28 grey pixels, 0 black to 255 white, rows from the top. */
export type Image = readonly number[];

/** The side of an image. */
const side = 28;

/** What can be made of words: an image is looked up by its digit and its position among those of the digit. */
export type Sources = { digit(digit: number, index: number): Promise<Image> };

/** The request body for some words. */
export async function from(options: from.Options): Promise<Record<string, unknown>> {
  const { task, model, words, sources } = options;
  if (words.length === 0) throw new InvalidError('nothing was given');
  if (task === 'text-embedding') return { model, input: words.length === 1 ? words[0] : words };
  if (task === 'text-generation') return { model, prompt: words.join(' ') };
  if (task === 'digit-classification') {
    const match = /^([0-9])(?::([0-9]{1,4}))?$/.exec(words.join(' '));
    if (!match) throw new InvalidError('a digit is wanted, such as 7, or 7:12 for the twelfth image of a seven');
    return { model, pixels: [...(await sources.digit(Number(match[1]), Number(match[2] ?? '0')))] };
  }
  if (task === 'dataset-rows') {
    const [first = ''] = words;
    if (words.length > 1 || !/^[0-9]{1,6}$/.test(first))
      throw new InvalidError('the number of a row is wanted, from 0');
    return { model, from: Number(first), limit: 1 };
  }
  if (task === 'tabular-classification') return { model, features: Object.fromEntries(words.map(toFeature)) };
  throw new InvalidError(`words cannot be turned into a request for the task ${Text.plain(task, 60)}`);
}

export declare namespace from {
  type Options = {
    readonly task: string;
    /** Name of the model at the gateway. */
    readonly model: string;
    readonly words: readonly string[];
    readonly sources: Sources;
  };
}

/** A measurement, such as `mean_radius=17.99`. */
function toFeature(word: string): readonly [string, number] {
  const match = /^([A-Za-z0-9_]{1,100})=(-?[0-9]{1,15}(?:\.[0-9]{1,15})?(?:e-?[0-9]{1,2})?)$/.exec(word);
  if (!match) throw new InvalidError('measurements are wanted, such as mean_radius=17.99');
  return [match[1] as string, Number(match[2])];
}

/** A request body given as JSON, with the model's name put in. */
export function parse(text: string, model: string): Record<string, unknown> {
  const value = readJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidError('it is no JSON object');
  return { ...value, model };
}

function readJson(text: string): unknown {
  try {
    return Json.parse(text);
  } catch (error) {
    throw new InvalidError(error instanceof Json.InvalidError ? error.shortMessage : 'it is no JSON');
  }
}

const embeddings = z.object({ data: z.array(z.object({ embedding: z.array(z.number()) })).min(1) });
const completion = z.object({ choices: z.array(z.object({ text: z.string() })).length(1) });
const row = z.record(z.string(), z.union([z.string(), z.number()]));
const rows = z.object({ object: z.literal('rows'), rows: z.array(row).min(1) });
const prediction = z.object({ label: z.string(), probabilities: z.record(z.string(), z.number()) });
const classification = z.object({ label: z.int().min(0).max(9), probabilities: z.array(z.number()).length(10) });

/** An answer in words; bodies of other shapes are shown as JSON. */
export function describe(input: Record<string, unknown>, body: unknown): string {
  const texts = Array.isArray(input.input) ? (input.input as readonly unknown[]) : [input.input];
  const embedded = embeddings.safeParse(body);
  if (embedded.success)
    return describeEmbeddings(
      texts,
      embedded.data.data.map(({ embedding }) => embedding),
    );
  const completed = completion.safeParse(body);
  if (completed.success) return Text.plainLines(`${input.prompt}${completed.data.choices[0]?.text}`);
  const found = rows.safeParse(body);
  if (found.success) return found.data.rows.map(describeRow).join('\n');
  const predicted = prediction.safeParse(body);
  if (predicted.success) {
    const { label, probabilities } = predicted.data;
    return Text.plain(`${label}  ${(probabilities[label] ?? 0).toFixed(3)}`);
  }
  const classified = classification.safeParse(body);
  if (!classified.success) return Text.plainLines(Json.stringify(body, 2));
  const { label, probabilities } = classified.data;
  const answer = `${label}  ${(probabilities[label] ?? 0).toFixed(3)}`;
  return Array.isArray(input.pixels) ? `${draw(input.pixels as Image)}\n${answer}` : answer;
}

/** How close two meanings are: the dot product of vectors of length one. */
export function similarity(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}

/** An image in characters, two rows of pixels a line, without empty lines around it. */
export function draw(image: Image): string {
  const shades = ' .:-=+*#%@';
  const lines: string[] = [];
  for (let row = 0; row < side; row += 2) {
    let line = '';
    for (let column = 0; column < side; column++) {
      const upper = image[row * side + column] ?? 0;
      const lower = image[(row + 1) * side + column] ?? 0;
      line += shades[Math.min(9, Math.floor(((upper + lower) / 2 / 256) * 10))];
    }
    lines.push(line.trimEnd());
  }
  return lines.join('\n').replace(/^\n+|\n+$/g, '');
}

/** In the words that a model of such rows takes. */
function describeRow(cells: z.infer<typeof row>): string {
  return Text.plainLines(
    Object.entries(cells)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  );
}

function describeEmbeddings(texts: readonly unknown[], vectors: readonly (readonly number[])[]): string {
  const [first, second] = vectors;
  if (first && second && vectors.length === 2) return `similarity  ${similarity(first, second).toFixed(3)}`;
  return vectors
    .map((vector, at) => {
      const start = vector.slice(0, 4).map((value) => value.toFixed(3));
      return `${Text.plain(String(texts[at]), 40)}  ${vector.length} numbers: ${start.join(' ')} ...`;
    })
    .join('\n');
}

/** Words that are no request. */
export class InvalidError extends BaseError {
  override readonly name = 'Input.InvalidError';
  constructor(reason: string) {
    super(`The input cannot be used: ${reason.replace(/\.$/, '')}.`, {
      code: 'usage.input',
      hint: 'See what the model takes: agorai show, or give the whole request with --input.',
    });
  }
}
