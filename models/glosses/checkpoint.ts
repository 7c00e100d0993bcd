/** Keeps a training on disk, so that it goes on where it was interrupted. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as LanguageModel from '../../src/internal/kernel/LanguageModel.ts';
import * as Safetensors from '../../src/internal/kernel/Safetensors.ts';
import type { Training } from './trainModel.ts';

/** Everything that the next step depends on: step, parameters, what the optimiser remembers, and the states. */
export function serialize(training: Training): Uint8Array {
  const step = { name: 'step', shape: [1], values: Float32Array.of(training.step) };
  return Safetensors.serialize([step, ...tensorsOf(training)]);
}

/** Writes the file anew; a cut leaves the old one. */
export function save(file: URL, training: Training): void {
  const draft = new URL(`${file.href}.draft`);
  writeFileSync(draft, serialize(training));
  renameSync(draft, file);
}

/** Puts a training where the file left it. Without a file it stays where it is. */
export function restore(file: URL, training: Training): void {
  if (!existsSync(file)) return;
  const saved = new Map(Safetensors.parse(readFileSync(file)).map(({ name, values }) => [name, values]));
  for (const { name, values } of tensorsOf(training)) values.set(saved.get(name) as Float32Array);
  training.step = saved.get('step')?.[0] as number;
}

function tensorsOf({ model, work }: Training): Safetensors.Tensor[] {
  const parameters = LanguageModel.parameters(model).flatMap(({ name, shape, values, mean, square }) => [
    { name, shape, values },
    { name: `${name}.mean`, shape, values: mean },
    { name: `${name}.square`, shape, values: square },
  ]);
  const { after } = work.trace;
  return [...parameters, { name: 'states', shape: [after.length], values: after }];
}
