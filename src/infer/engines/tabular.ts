/** Local engine of classifiers of rows: named numbers in, a probability for each class out; dense layers on the kernel. */
import * as z from 'zod';
import * as Network from '../../internal/kernel/Network.ts';
import type { Folder } from '../../publish/readFolder.ts';
import { type Engine, NO_UNITS } from '../Engine.ts';
import * as Float32 from './Float32.ts';
import { takeFile } from './takeFile.ts';

const MAX_NAMES = 1_000;
const nameSchema = z.string().regex(/^[a-z0-9_]{1,80}$/);

/** The file `features.json`: what the inputs are, in the order of the weights, and what the outputs are. */
const tableSchema = z.strictObject({
  features: z
    .array(z.strictObject({ name: nameSchema, minimum: z.number(), maximum: z.number() }))
    .min(1)
    .max(MAX_NAMES),
  classes: z.array(nameSchema).min(2).max(MAX_NAMES),
});

/** Columns of the rows that a classifier takes, with the range it answers for, and the classes it tells apart. */
export type Table = z.infer<typeof tableSchema>;

/** A number for each feature, none left out and none more. */
export function inputSchemaOf({ features }: Table) {
  const shape = features.map(({ name, minimum, maximum }) => [name, z.number().min(minimum).max(maximum)] as const);
  return z.strictObject({ model: z.string().min(1).max(200), features: z.strictObject(Object.fromEntries(shape)) });
}

/** The most probable class, and the probability of each. */
export function outputSchemaOf({ classes }: Table) {
  const shape = classes.map((name) => [name, z.number().min(0).max(1)] as const);
  return z.strictObject({
    object: z.literal('prediction'),
    model: z.string(),
    label: z.enum(classes),
    probabilities: z.strictObject(Object.fromEntries(shape)),
  });
}

/**
 * Opens the classifier in a folder whose files were verified.
 *
 * @throws {Safetensors.MalformedError} or {Network.ShapeError} when the weights do not fit the features and classes.
 */
export async function openTabular({ card, manifest, files }: Folder): Promise<Engine> {
  const table = tableSchema.parse(JSON.parse(new TextDecoder().decode(takeFile(files, 'features.json'))));
  const { features, classes } = table;
  const network = Network.parse(takeFile(files, '.safetensors'));
  if (network.layers[0]?.inputs !== features.length || network.layers.at(-1)?.outputs !== classes.length) {
    throw new Network.ShapeError(`${features.length} inputs and ${classes.length} outputs are needed`);
  }
  const work = Network.workspace(network, 1);
  const inputSchema = inputSchemaOf(table);

  return {
    manifestRoot: manifest.root,
    route: '/v1/predict',
    rights: ['infer'],
    inputSchema,
    bound: () => NO_UNITS,
    async run(input, signal) {
      signal.throwIfAborted();
      const row = inputSchema.parse(input).features;
      work.activations[0]?.set(features.map(({ name }) => row[name] as number));
      const decimals = Float32.toDecimals(Network.forward(network, work));
      const probabilities = Object.fromEntries(classes.map((name, at) => [name, decimals[at]]));
      const label = classes[decimals.indexOf(Math.max(...decimals))];
      return { body: { object: 'prediction', model: card.name, label, probabilities }, units: NO_UNITS };
    },
    close: async () => {},
  };
}
