/** From the letters of the recognizer, step by step, to a text: greedy connectionist temporal classification. */

/** The letters that the classes of the recognizer mean; class 0 is no letter. */
export type Letters = readonly string[];

/** What was read, and the mean probability of its letters. */
export type Reading = { readonly text: string; readonly confidence: number };

/** Reads the file of letters, one a line; the recognizer knows a space besides. */
export function parse(content: Uint8Array): Letters {
  return ['', ...new TextDecoder().decode(content).split(/\r?\n/), ' '];
}

/**
 * The most probable class of each step, a repeated one once, without those that are no letter.
 *
 * @param probabilities - of each class, step after step.
 */
export function read(letters: Letters, probabilities: Float32Array): Reading {
  let text = '';
  let sum = 0;
  let count = 0;
  let before = 0;
  for (let start = 0; start < probabilities.length; start += letters.length) {
    let best = 0;
    for (let index = 1; index < letters.length; index++) {
      if ((probabilities[start + index] as number) > (probabilities[start + best] as number)) best = index;
    }
    if (best !== 0 && best !== before) {
      text += letters[best];
      sum += probabilities[start + best] as number;
      count++;
    }
    before = best;
  }
  return { text, confidence: count === 0 ? 0 : sum / count };
}
