/** How often an engine flags a harmless picture. What it misses is not measured. */
import type * as z from 'zod';
import type { Engine } from '../../src/infer/Engine.ts';
import type { classes, outputSchema } from '../../src/infer/engines/moderation.ts';
import * as Statistics from '../Statistics.ts';
import type { Sample } from './samples.ts';

export type Evaluation = {
  readonly samples: number;
  readonly flagged: number;
  /** Share of harmless pictures that are flagged, and its 95 % interval (Wilson). */
  readonly falseAlarms: number;
  readonly interval: Statistics.Interval;
  readonly perKind: readonly {
    readonly kind: Sample['kind'];
    readonly samples: number;
    readonly flagged: number;
    /** Most probable class, and how many pictures have it. */
    readonly classes: Readonly<Partial<Record<(typeof classes)[number], number>>>;
  }[];
};

type Result = z.infer<typeof outputSchema>['results'][number];

/** What an engine says of a picture. */
export async function judge(engine: Engine, picture: Buffer): Promise<Result> {
  const png = picture[0] === 0x89;
  const url = `data:image/${png ? 'png' : 'jpeg'};base64,${picture.toString('base64')}`;
  const input = { model: 'moderation', input: [{ type: 'image_url', image_url: { url } }] };
  const { body } = await engine.run(engine.inputSchema.parse(input), AbortSignal.timeout(60_000));
  return (body as z.infer<typeof outputSchema>).results[0] as Result;
}

export async function evaluate(engine: Engine, samples: readonly Sample[]): Promise<Evaluation> {
  const judged: (Result & Pick<Sample, 'kind'>)[] = [];
  for (const { kind, picture } of samples) judged.push({ kind, ...(await judge(engine, picture)) });
  const flaggedOf = (results: readonly Result[]) => results.filter(({ flagged }) => flagged).length;
  const flagged = flaggedOf(judged);
  return {
    samples: judged.length,
    flagged,
    falseAlarms: Statistics.round(flagged / judged.length),
    interval: Statistics.wilson(flagged, judged.length),
    perKind: [...new Set(judged.map(({ kind }) => kind))].map((kind) => {
      const own = judged.filter((one) => one.kind === kind);
      return { kind, samples: own.length, flagged: flaggedOf(own), classes: count(own) };
    }),
  };
}

function count(results: readonly Result[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { probabilities } of results) {
    const [[first = ''] = []] = Object.entries(probabilities).sort(([, one], [, other]) => other - one);
    counts[first] = (counts[first] ?? 0) + 1;
  }
  return counts;
}
