import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hex } from 'viem';
import { z } from 'zod';
import * as Amount from '../internal/Amount.ts';
import * as Json from '../internal/Json.ts';
import { readJson, writeFileAtomic } from '../internal/node/files.ts';
import * as Channel from './Channel.ts';
import type { Account, ChannelStore } from './ChannelStore.ts';

const hex = z.string().transform((text) => text as Hex);
const amount = Amount.schema();
const schema = z.strictObject({
  channelId: hex,
  config: Channel.schema,
  chainId: z.number(),
  balance: amount,
  charged: amount,
  signed: amount,
  deposit: z.strictObject({ amount, validBefore: amount, salt: hex, signature: hex }).optional(),
  closed: z.boolean(),
});

/** A channel store in a folder: one JSON file per channel, replaced atomically and synced before `put` resolves. */
export async function openChannelStore(folder: string): Promise<ChannelStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const accounts = new Map<Hex, Account>();
  for (const name of await readdir(folder)) {
    if (!/^0x[0-9a-f]{64}\.json$/.test(name)) continue;
    const account = await readJson(join(folder, name), schema);
    if (account) accounts.set(account.channelId, account);
  }
  return {
    all: async () => [...accounts.values()],
    get: async (channelId) => accounts.get(channelId),
    async put(account) {
      await writeFileAtomic(join(folder, `${account.channelId}.json`), `${Json.stringify(account, 2)}\n`);
      accounts.set(account.channelId, account);
    },
  };
}
