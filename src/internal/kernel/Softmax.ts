/** Softmax and its cross-entropy with one right class per sample. */
import * as Elementary from './Elementary.ts';

/** Writes the probabilities of each row of `logits` (batch x classes) to `probabilities`; the two may be one array. */
export function forward(logits: Float32Array, probabilities: Float32Array, batch: number, classes: number): void {
  for (let b = 0; b < batch; b++) {
    const start = b * classes;
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++)
      if ((logits[start + c] as number) > largest) largest = logits[start + c] as number;

    let total = 0;
    for (let c = 0; c < classes; c++) total += Elementary.exp((logits[start + c] as number) - largest);
    for (let c = 0; c < classes; c++) {
      probabilities[start + c] = Elementary.exp((logits[start + c] as number) - largest) / total;
    }
  }
}

/**
 * Mean cross-entropy (nats) of `probabilities` under `labels`; replaces the probabilities in place by the gradient of
 * that mean with respect to the logits, (p - onehot) / batch.
 */
export function backward(probabilities: Float32Array, labels: Uint8Array, batch: number, classes: number): number {
  let loss = 0;
  for (let b = 0; b < batch; b++) {
    const start = b * classes;
    const right = start + (labels[b] as number);
    // A probability that underflowed to zero would make the loss infinite; the gradient does not need it.
    loss -= Elementary.log(Math.max(probabilities[right] as number, 1e-30));
    for (let c = start; c < start + classes; c++) {
      probabilities[c] = ((probabilities[c] as number) - (c === right ? 1 : 0)) / batch;
    }
  }
  return loss / batch;
}
