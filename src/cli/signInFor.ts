/** Signs in with a licence where one stands for calls. The token is kept until it ends, an hour at most. */
import { dirname, join } from 'node:path';
import type { Hex } from 'viem';
import { z } from 'zod';
import { CallError } from '../infer/CallError.ts';
import { signIn } from '../infer/signIn.ts';
import * as Json from '../internal/Json.ts';
import { writeFileAtomic } from '../internal/node/files.ts';
import { makePrivateFolder, readPrivate } from '../internal/node/privateFiles.ts';
import * as Terms from '../license/Terms.ts';
import type { Served } from './findGateway.ts';
import * as Home from './Home.ts';
import type { Signing } from './openMarket.ts';
import { type Held, readHeld } from './readHeld.ts';

const kept = z.array(
  z.object({
    audience: z.string(),
    asset: z.string(),
    holder: z.string(),
    token: z.string().max(200),
    expiresAt: z.number(),
  }),
);

type Kept = z.output<typeof kept>[number];

/** Refusals of a gateway after which another licence may do, or none. */
const passedOver: ReadonlySet<string> = new Set(['licence.unknown', 'licence.required', 'licence.seat']);

/**
 * A token for calls of an asset: the one of before, or a new one under the first licence of the person that the gateway
 * takes; undefined when none stands for a call. A licence that only permits paid calls needs no sign-in, unless it can
 * be sold on: then the gateway cannot know who holds it.
 */
export async function signInFor(options: signInFor.Options): Promise<string | undefined> {
  const { home, market, served, anew = false } = options;
  const place = {
    audience: new URL(served.url).origin,
    asset: served.asset.toString(),
    holder: market.client.account.address,
  };
  const file = join(Home.buyerOf(home, market.person).folder, 'signins.json');
  const all = await readKept(file);
  const former = all.find((one) => isAt(one, place));
  if (former && !anew) return former.token;
  const others = all.filter((one) => one !== former);
  for (const held of (await readHeld(market, served.asset)).filter((one) => stands(one, served))) {
    const signed = await signInWith(market, served, held);
    if (!signed) continue;
    await keep(file, [...others, { ...place, token: signed.token, expiresAt: signed.expiresAt }]);
    return signed.token;
  }
  if (former) await keep(file, others);
  return undefined;
}

export declare namespace signInFor {
  type Options = {
    readonly home: Home.Home;
    readonly market: Signing;
    readonly served: Served;
    /** Whether the token of before is refused. */
    readonly anew?: boolean;
  };
}

type Place = Pick<Kept, 'audience' | 'asset' | 'holder'>;

function isAt(one: Kept, { audience, asset, holder }: Place): boolean {
  return one.audience === audience && one.asset === asset && one.holder === holder;
}

/** What has not ended. A file that cannot be understood is as good as none. */
async function readKept(file: string): Promise<readonly Kept[]> {
  const text = await readPrivate(file);
  if (text === undefined) return [];
  return understood(text).filter(({ expiresAt }) => expiresAt > Date.now());
}

function understood(text: string): readonly Kept[] {
  try {
    return kept.parse(Json.parse(text));
  } catch {
    return [];
  }
}

async function keep(file: string, all: readonly Kept[]): Promise<void> {
  await makePrivateFolder(dirname(file));
  await writeFileAtomic(file, `${Json.stringify(all, 2)}\n`, { mode: 0o600 });
}

function stands({ licence, token, offer: { terms, prices } }: Held, { version }: Served): boolean {
  const usable = licence.valid && token?.isInert !== true && terms.version === version;
  return usable && (token !== undefined || Terms.coverage(terms, prices) !== 'none');
}

async function signInWith({ client, addresses }: Signing, { url }: Served, { offer, token }: Held) {
  const wallet = {
    address: client.account.address,
    signMessage: ({ message }: { message: string }): Promise<Hex> => client.account.signMessage({ message }),
  };
  return await signIn({
    ...{ gateway: url, wallet, termsId: offer.termsId, chainId: addresses.chainId },
    ...(token ? { tokenId: token.tokenId } : {}),
  }).catch((error: unknown) => {
    if (error instanceof CallError && passedOver.has(error.code)) return undefined;
    throw error;
  });
}
