/** Every reference model there is. */
import * as Channels from './Channels.ts';
import * as Licenses from './Licenses.ts';
import type { Model } from './Model.ts';
import * as Vaults from './Vaults.ts';

export const models: readonly Model<unknown>[] = [
  Vaults.create() as Model<unknown>,
  Licenses.create() as Model<unknown>,
  Channels.create() as Model<unknown>,
];
