/**
 * Local engine of nsfwjs: how probable it is that a picture is a drawing, an explicit drawing, harmless, explicit, or
 * meant to arouse. Answers in the shape of OpenAI's moderation, where it judges one category and says so.
 */
import * as z from 'zod';
import { keccak } from '../../internal/Hash.ts';
import type { Folder } from '../../publish/readFolder.ts';
import { type Engine, NO_UNITS, type Units } from '../Engine.ts';
import { PictureError } from './decodePicture.ts';
import type { Input } from './moderation/judgeWorker.ts';
import { openGraph } from './openGraph.ts';
import * as Picture from './Picture.ts';

/** The classes of the graph, in the order of its output. */
export const classes = ['drawing', 'hentai', 'neutral', 'porn', 'sexy'] as const;

/** Classes that count as sexual. */
const sexual = ['hentai', 'porn', 'sexy'] as const;

/** OpenAI's categories that the graph says nothing about. */
const unjudged = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/instructions',
  'self-harm/intent',
  'sexual/minors',
  'violence',
  'violence/graphic',
] as const;

/** From this score on a picture is flagged. The card says so, and its evaluation counts by it. */
export const THRESHOLD = 0.5;

const prefix = /^data:image\/(?:png|jpeg);base64,/;

const urlSchema = z
  .string()
  .max(1_000_100)
  .regex(prefix, { error: 'is not a data: URL of a PNG or JPEG; nothing is fetched', abort: true })
  .check(({ value, issues }) => {
    const { error } = Picture.schema.safeParse(value.replace(prefix, ''));
    for (const { message } of error?.issues ?? []) issues.push({ code: 'custom', message, input: '' });
  });

/** The body of OpenAI's `POST /v1/moderations` with one picture. */
export const inputSchema = z.strictObject({
  model: z.string().min(1).max(200),
  input: z
    .array(z.strictObject({ type: z.literal('image_url'), image_url: z.strictObject({ url: urlSchema }) }))
    .length(1),
});

const share = z.number().min(0).max(1);
const categories = ['sexual', ...unjudged] as const;

export const outputSchema = z.strictObject({
  id: z.string(),
  model: z.string(),
  results: z
    .array(
      z.strictObject({
        flagged: z.boolean().describe(`Whether the score of sexual is at least ${THRESHOLD}.`),
        categories: z.record(z.enum(categories), z.boolean()),
        category_scores: z.record(z.enum(categories), share),
        /** What each category was judged by; nothing where it was not judged. */
        category_applied_input_types: z.record(z.enum(categories), z.array(z.literal('image'))),
        /** Of the graph's own classes; they add up to one. */
        probabilities: z.record(z.enum(classes), share),
      }),
    )
    .length(1),
});

/**
 * Opens the classifier in a folder whose files were verified.
 *
 * @throws {openGraph.GraphError} when the graph does not load or does not answer with five numbers.
 */
export async function openModeration({ card, manifest, files }: Folder): Promise<Engine> {
  const graph = await openGraph<Input>({
    files,
    dimensions: classes.length,
    first: Picture.BLANK,
    method: 'execute',
    // Compiled or not, the worker has the same ending as this file.
    worker: new URL(import.meta.url.replace(/moderation(\.[jt]s)$/, 'moderation/judgeWorker$1')),
    fault: PictureError.from,
  });
  return {
    manifestRoot: manifest.root,
    route: '/v1/moderations',
    rights: ['infer'],
    inputSchema,
    bound: (input) => measure(bytesOf(input)),
    async run(input, signal) {
      const bytes = bytesOf(input);
      const output = await graph.run(bytes, signal);
      return { body: respond(card.name, bytes, output), units: measure(bytes) };
    },
    close: graph.close,
  };
}

function bytesOf(input: unknown): Uint8Array {
  const [picture] = inputSchema.parse(input).input;
  return Picture.decode(picture?.image_url.url.replace(prefix, '') ?? '');
}

function measure(bytes: Uint8Array): Units {
  return { ...NO_UNITS, images: 1n, bytes: BigInt(bytes.length) };
}

/** The answer for a picture whose classes have such probabilities. */
export function respond(model: string, bytes: Uint8Array, output: Float32Array): z.infer<typeof outputSchema> {
  const round = (value: number) => Math.min(1, Math.round(value * 1e6) / 1e6);
  const of = (name: (typeof classes)[number]) => output[classes.indexOf(name)] as number;
  const score = round(sexual.reduce((sum, name) => sum + of(name), 0));
  const flagged = score >= THRESHOLD;
  const record = <T>(judged: T, other: T) => from(categories, (name) => (name === 'sexual' ? judged : other));
  return {
    id: `modr-${keccak(bytes).slice(2, 26)}`,
    model,
    results: [
      {
        flagged,
        categories: record(flagged, false),
        category_scores: record(score, 0),
        category_applied_input_types: record<'image'[]>(['image'], []),
        probabilities: from(classes, (name) => round(of(name))),
      },
    ],
  };
}

/** A value for each name. */
function from<Name extends string, T>(names: readonly Name[], value: (name: Name) => T): Record<Name, T> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, T>;
}
