/** Every reference model there is. */
import * as Assets from './Assets.ts';
import * as Authorizers from './Authorizers.ts';
import * as Channels from './Channels.ts';
import * as Licenses from './Licenses.ts';
import * as Lineages from './Lineages.ts';
import * as Logs from './Logs.ts';
import type { Model } from './Model.ts';
import * as Policy from './Policy.ts';
import * as Resales from './Resales.ts';
import * as Vaults from './Vaults.ts';

export const models: readonly Model<unknown>[] = [
  Assets.create() as Model<unknown>,
  Authorizers.create() as Model<unknown>,
  Lineages.create() as Model<unknown>,
  Logs.create() as Model<unknown>,
  Policy.create() as Model<unknown>,
  Resales.create() as Model<unknown>,
  Vaults.create() as Model<unknown>,
  Licenses.create() as Model<unknown>,
  Channels.create() as Model<unknown>,
];
