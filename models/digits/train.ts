/** Trains the digit classifier and writes its weights: `node models/digits/train.ts`. */
import { writeFileSync } from 'node:fs';
import * as Network from '../../src/internal/kernel/Network.ts';
import { readSplit } from './data.ts';
import { evaluate } from './evaluate.ts';
import { trainNetwork } from './trainNetwork.ts';

const { train, validation } = readSplit();
const network = trainNetwork(train, (epoch, loss, current) => {
  const { accuracy } = evaluate(current, validation);
  process.stdout.write(`epoch ${epoch} loss ${loss.toFixed(4)} validation accuracy ${accuracy}\n`);
});
writeFileSync(new URL('./weights.safetensors', import.meta.url), Network.serialize(network));
