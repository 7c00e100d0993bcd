import { randomBytes } from 'node:crypto';
import type { Address, Hex } from 'viem';
import { hashMessage, stringToBytes } from 'viem/utils';
import { z } from 'zod';
import { keccak } from '../../internal/Hash.ts';
import * as Json from '../../internal/Json.ts';
import { recover } from '../../internal/node/secp256k1.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import { tokenPrefix } from '../../pay/Payer.ts';
import * as Challenge from '../Challenge.ts';
import type { Deps, Sold } from './Deps.ts';
import { ProblemError } from './Problem.ts';
import { readBody } from './readBody.ts';

const wanted = z.strictObject({
  holder: z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}$/)
    .transform((text) => text as Address),
  terms: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/)
    .transform((text) => text as Hex),
  seat: z.int().min(1).max(65_535).default(1),
  tokenId: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/)
    .transform(BigInt)
    .optional(),
});
const signed = z.strictObject({
  message: z.string().max(2_048),
  signature: z
    .string()
    .regex(/^0x(?:[0-9a-fA-F]{2}){1,1024}$/)
    .transform((text) => text as Hex),
});

/**
 * `POST /v1/signin`: answers a challenge to whoever names a holder and its terms, and a token to whoever brings the
 * challenge back signed by the holder. The token stands for the licence until it ends, an hour at most.
 */
export async function signIn(deps: Deps, request: Request): Promise<Response> {
  const body = Json.parseBytes(await readBody(request, deps.limits.bodyBytes));
  const asked = wanted.safeParse(body);
  if (asked.success) return challenge(deps, asked.data);
  const answer = signed.safeParse(body);
  if (answer.success) return admitHolder(deps, answer.data.message, answer.data.signature);
  throw new ProblemError(400, 'A sign-in takes {holder, terms, seat?, tokenId?}, then {message, signature}.', {
    code: 'request.invalid',
    docsPath: 'infer.md',
  });
}

async function challenge(deps: Deps, asked: z.output<typeof wanted>): Promise<Response> {
  await findSold(deps, asked.terms);
  const issuedAt = deps.now();
  const unsigned = {
    audience: deps.origin,
    chainId: deps.seller.place.chainId,
    holder: asked.holder,
    termsId: asked.terms,
    seat: asked.seat,
    tokenId: asked.tokenId,
    issuedAt,
    expiresAt: issuedAt + deps.limits.challengeMs,
  };
  const nonce = nonceOf(deps, unsigned, randomBytes(8).toString('hex'));
  return Response.json({ message: Challenge.toText({ ...unsigned, nonce }) });
}

/** A random part, and a code over everything: the gateway knows its challenges again without having kept them. */
function nonceOf(deps: Deps, unsigned: Omit<Challenge.Challenge, 'nonce'>, random: string): string {
  return `${random}${deps.macOf(`${random}${Challenge.toText({ ...unsigned, nonce: random })}`)}`;
}

async function admitHolder(deps: Deps, message: string, signature: Hex): Promise<Response> {
  const asked = Challenge.parse(message);
  if (!asked || asked.audience !== deps.origin || nonceOf(deps, asked, asked.nonce.slice(0, 16)) !== asked.nonce)
    throw refused('it is no challenge of this gateway');
  if (asked.expiresAt <= deps.now()) throw refused('the challenge has expired');
  // Made by a clock that was wrong then: it would be good for longer than was promised.
  if (asked.expiresAt > deps.now() + deps.limits.challengeMs + deps.limits.clockMs)
    throw refused('the challenge is of another time');
  const digest = hashMessage(message);
  const { holder, termsId, seat, tokenId } = asked;
  const own = recover(digest, signature) === holder.toLowerCase();
  if (!own && !(await deps.chain.accepts(holder, digest, signature))) throw refused('the holder did not sign it');
  await findSold(deps, termsId);
  const held = await deps.chain.licence(asked);
  if (!held.valid) throw noLicence(holder);
  if (seat > held.seats) throw noSeat(held.seats);
  const token = `${tokenPrefix}${randomBytes(32).toString('base64url')}`;
  const entry: Ledger.SignIn = {
    token: hashOf(token),
    licence: held.account,
    seat,
    termsId,
    holder,
    tokenId,
    audience: deps.origin,
    expiresAt: Math.min(deps.now() + deps.limits.signInMs, held.end * 1_000),
  };
  if (!(await deps.ledger.signIn(entry, { nonce: asked.nonce, until: asked.expiresAt }, deps.now())))
    throw refused('the challenge was used before');
  const { audience, expiresAt } = entry;
  return Response.json({ token, terms: termsId, holder, seat, audience, expiresAt });
}

/** The hash under which the ledger knows a token. */
export function hashOf(token: string): Hex {
  return keccak(stringToBytes(token));
}

/** Terms of an asset that is served here. */
async function findSold(deps: Deps, termsId: Hex): Promise<Sold> {
  for (const asset of new Set(deps.listings.map((listing) => listing.asset))) {
    const sold = await soldFor(deps, asset, termsId);
    if (sold) return sold;
  }
  throw new ProblemError(404, 'These terms are not those of anything served here.', {
    code: 'licence.unknown',
    hint: 'GET /v1/models lists what is served, under which terms.',
  });
}

/** Terms of an asset: those of its listing, or others that were offered on chain. */
export async function soldFor(deps: Deps, asset: bigint, termsId: Hex): Promise<Sold | undefined> {
  const listing = deps.listings.find((candidate) => candidate.asset === asset && candidate.termsId === termsId);
  return listing ?? deps.chain.sold(asset, termsId);
}

/** The refusal of a holder whose licence is not valid. */
export function noLicence(holder: Address, model?: string): ProblemError {
  return new ProblemError(403, `${holder} holds no valid licence${model ? ` for ${model}` : ''}.`, {
    code: 'licence.required',
    hint: `Buy one first: agorai buy ${model ?? '<asset>'}`,
    docsPath: 'license.md',
  });
}

function noSeat(seats: number): ProblemError {
  return new ProblemError(403, `The licence is for ${seats} at a time.`, {
    code: 'licence.seat',
    hint: `Sign in at a seat from 1 to ${seats}; that ends the former sign-in of the seat.`,
    docsPath: 'license.md',
  });
}

function refused(reason: string): ProblemError {
  return new ProblemError(401, `The sign-in is refused: ${reason}.`, {
    code: 'signin.refused',
    hint: 'Ask for a new challenge, and sign it with the key of the holder.',
    docsPath: 'infer.md',
  });
}
