/** Every reference model there is. */
import type { Model } from './Model.ts';
import * as Vaults from './Vaults.ts';

export const models: readonly Model<unknown>[] = [Vaults.create() as Model<unknown>];
