import type { Address, Hex } from 'viem';
import { z } from 'zod';
import * as Eip712 from '../internal/Eip712.ts';
import { BaseError } from '../internal/Errors.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';
import { CallError, readProblem } from './CallError.ts';
import * as Challenge from './Challenge.ts';

/** A sign-in: what stands for a licence at one gateway. */
export type SignedIn = {
  /** Sent as `Authorization: Bearer`; the `apiKey` of OpenAI's clients. */
  readonly token: string;
  readonly terms: Hex;
  readonly holder: Address;
  readonly seat: number;
  /** Origin of the gateway, where alone the token is good. */
  readonly audience: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
};

const asked = z.object({ message: z.string().max(2_048) });
const answered = z.object({
  token: z.string().max(200),
  terms: z.string().transform((text) => text as Hex),
  holder: z.string().transform((text) => text as Address),
  seat: z.int(),
  audience: z.string(),
  expiresAt: z.number(),
});

/**
 * Signs in at a gateway with a licence. Nothing is signed but a challenge that names this gateway, this chain, this
 * licence and an end within the hour: a gateway cannot have another text signed.
 */
export async function signIn(options: signIn.Options): Promise<SignedIn> {
  const { wallet, termsId, seat = 1, tokenId } = options;
  const url = new URL(Challenge.path, options.gateway);
  const holder = options.holder ?? wallet.address;
  const { message } = asked.parse(
    await post(url, {
      ...{ holder, terms: termsId, seat },
      ...(tokenId === undefined ? {} : { tokenId: Eip712.word(tokenId) }),
    }),
  );
  assertOurs(Challenge.parse(message), { ...options, holder, seat, audience: url.origin });
  return answered.parse(await post(url, { message, signature: await wallet.signMessage({ message }) }));
}

export declare namespace signIn {
  type Options = {
    /** Base URL of the gateway. */
    gateway: string;
    /** Who signs. Any viem local account fits. */
    wallet: { readonly address: Address; signMessage(options: { message: string }): Promise<Hex> };
    /** Who holds the licence: the wallet unless given, or a contract that accepts its signature (ERC-1271). */
    holder?: Address;
    termsId: Hex;
    chainId: number;
    /** Number of the seat, 1 unless given. A later sign-in of the same seat takes its place. */
    seat?: number;
    /** The token that stands for the licence, when it is one that can be sold on; the holder owns it. */
    tokenId?: bigint;
  };
  type ErrorType = CallError | ForeignError;
}

async function post(url: URL, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), headers });
  if (response.ok) return response.json();
  throw new CallError(response.status, readProblem(new Uint8Array(await response.arrayBuffer())));
}

function assertOurs(
  challenge: Challenge.Challenge | undefined,
  ours: Pick<Challenge.Challenge, 'audience' | 'chainId' | 'holder' | 'termsId' | 'seat' | 'tokenId'>,
): void {
  const fits =
    challenge !== undefined &&
    challenge.audience === ours.audience &&
    challenge.chainId === ours.chainId &&
    isSameAddress(challenge.holder, ours.holder) &&
    challenge.termsId === ours.termsId &&
    challenge.seat === ours.seat &&
    challenge.tokenId === ours.tokenId &&
    challenge.expiresAt <= Date.now() + 3_600_000;
  if (!fits) throw new ForeignError(ours.audience);
}

/** A gateway asks for a signature of something else. */
export class ForeignError extends BaseError {
  override readonly name = 'signIn.ForeignError';
  constructor(audience: string) {
    super(`The gateway asks to sign something else than a sign-in at ${audience}.`, {
      code: 'signin.foreign',
      docsPath: 'infer.md',
      hint: 'Nothing was signed. Check the address of the gateway.',
    });
  }
}
