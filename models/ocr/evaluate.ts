/** How many letters an engine reads wrongly. */
import type * as z from 'zod';
import type { Engine } from '../../src/infer/Engine.ts';
import type { outputSchema } from '../../src/infer/engines/ocr.ts';
import * as Statistics from '../Statistics.ts';
import type { Sample } from './samples.ts';

export type Evaluation = {
  readonly samples: number;
  readonly letters: number;
  /** Letters put in, left out or exchanged, over all letters. */
  readonly errorRate: number;
  /** 95 % interval of the rate: 10,000 draws of whole pictures with replacement. */
  readonly interval: Statistics.Interval;
  /** Share of lines that are right in every letter. */
  readonly linesRight: number;
  /** What was read, picture by picture, and how many letters of it are wrong. */
  readonly pictures: readonly { readonly style: string; readonly read: readonly string[]; readonly errors: number }[];
  readonly perStyle: readonly { readonly style: string; readonly samples: number; readonly errorRate: number }[];
};

type Score = Evaluation['pictures'][number] & {
  readonly letters: number;
  readonly right: number;
  readonly lines: number;
};

/** What an engine reads in a picture of known text. */
export async function score(engine: Engine, { lines, style, picture }: Sample): Promise<Score> {
  const input = { model: 'ocr', image: picture.toString('base64') };
  const { body } = await engine.run(input, AbortSignal.timeout(60_000));
  const read = (body as z.infer<typeof outputSchema>).lines.map(({ text }) => text);
  const expected = lines.join('\n');
  const right = lines.filter((line, at) => read[at] === line).length;
  return {
    style,
    read,
    errors: distance(expected, read.join('\n')),
    letters: expected.length,
    right,
    lines: lines.length,
  };
}

export async function evaluate(engine: Engine, samples: readonly Sample[]): Promise<Evaluation> {
  const scores: Score[] = [];
  for (const sample of samples) scores.push(await score(engine, sample));
  const styles = [...new Set(scores.map(({ style }) => style))];
  const sum = (name: 'letters' | 'right' | 'lines') => scores.reduce((total, one) => total + one[name], 0);
  return {
    samples: scores.length,
    letters: sum('letters'),
    errorRate: rate(scores),
    interval: Statistics.bootstrap(scores, rate, { resamples: 10_000, seed: 1 }),
    linesRight: Statistics.round(sum('right') / sum('lines')),
    perStyle: styles.map((style) => {
      const own = scores.filter((one) => one.style === style);
      return { style, samples: own.length, errorRate: rate(own) };
    }),
    pictures: scores.map(({ style, read, errors }) => ({ style, read, errors })),
  };
}

function rate(scores: readonly Score[]): number {
  const wrong = scores.reduce((sum, { errors }) => sum + errors, 0);
  return Statistics.round(wrong / scores.reduce((sum, { letters }) => sum + letters, 0));
}

/** Fewest letters to put in, leave out or exchange (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [down, letter] of [...one].entries()) {
    const next = [down + 1];
    for (const [across, candidate] of [...other].entries()) {
      const exchange = (row[across] as number) + (letter === candidate ? 0 : 1);
      next.push(Math.min(exchange, (row[across + 1] as number) + 1, (next[across] as number) + 1));
    }
    row = next;
  }
  return row.at(-1) as number;
}
