/** How often an engine puts a paraphrase closer to a sentence than a distractor. */

import type * as z from 'zod';
import type { Engine } from '../../src/infer/Engine.ts';
import type { outputSchema } from '../../src/infer/engines/embeddings.ts';
import * as Statistics from '../Statistics.ts';
import type { Triple } from './triples.ts';

export type Evaluation = {
  readonly samples: number;
  readonly accuracy: number;
  /** Dot products with the sentence, rounded to four decimals. */
  readonly triples: readonly (Triple & { readonly paraphraseScore: number; readonly distractorScore: number })[];
};

export async function evaluate(engine: Engine, triples: readonly Triple[]): Promise<Evaluation> {
  const scored: Evaluation['triples'][number][] = [];
  for (const triple of triples) {
    const input = [triple.sentence, triple.paraphrase, triple.distractor];
    const { body } = await engine.run({ model: 'embeddings', input }, AbortSignal.timeout(60_000));
    const [sentence, paraphrase, distractor] = (body as z.infer<typeof outputSchema>).data.map(({ embedding }) => {
      return embedding as number[];
    }) as [number[], number[], number[]];
    scored.push({
      ...triple,
      paraphraseScore: dot(sentence, paraphrase),
      distractorScore: dot(sentence, distractor),
    });
  }
  const right = scored.filter(({ paraphraseScore, distractorScore }) => paraphraseScore > distractorScore);
  return { samples: triples.length, accuracy: right.length / triples.length, triples: scored };
}

function dot(one: readonly number[], other: readonly number[]): number {
  return Statistics.round(one.reduce((sum, value, at) => sum + value * (other[at] as number), 0));
}
