import * as Right from '../../license/Right.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import { tokenIn } from '../../pay/Payer.ts';
import type { Listing } from '../Listing.ts';
import type { Deps } from './Deps.ts';
import { ProblemError } from './Problem.ts';
import type { Held } from './readLicence.ts';
import { hashOf, noLicence, soldFor } from './signIn.ts';

/** A licence that a request calls a listing with. */
export type Claim = {
  readonly signIn: Ledger.SignIn;
  /** The listing under the terms of the licence. */
  readonly listing: Listing;
  readonly held: Held;
};

/**
 * The licence that a request's token stands for, checked against the chain as of the newest block; undefined when it
 * carries no token of ours. Keys of other services are passed over, since clients send one whether it is asked for or
 * not.
 */
export async function claimOf(deps: Deps, request: Request, listing: Listing): Promise<Claim | undefined> {
  const token = tokenIn(request.headers);
  if (token === undefined) return undefined;
  const now = deps.now();
  const signIn = deps.ledger.signedIn(hashOf(token), now);
  // One that ends later than a sign-in of now would was given by a clock that was wrong.
  const latest = now + deps.limits.signInMs + deps.limits.clockMs;
  if (signIn?.audience !== deps.origin || signIn.expiresAt > latest) {
    throw new ProblemError(401, 'The token is unknown here, has expired, or its seat was taken by a later sign-in.', {
      code: 'signin.invalid',
      hint: 'Sign in again at POST /v1/signin.',
      docsPath: 'infer.md',
    });
  }
  const sold = await soldFor(deps, listing.asset, signIn.termsId);
  if (sold?.terms.version !== listing.version) {
    throw new ProblemError(403, `The licence is not for version ${listing.version} of ${listing.model}.`, {
      code: 'licence.asset',
      hint: `Use a licence for ${listing.model}, or call what yours is for.`,
      docsPath: 'license.md',
    });
  }
  const held = await deps.chain.licence(signIn);
  if (!held.valid) throw noLicence(signIn.holder, listing.model);
  if (!Right.hasAny(sold.terms.rights, listing.engine.rights)) throw noRight(listing);
  return { signIn, listing: { ...listing, ...pick(sold), termsId: signIn.termsId }, held };
}

function pick({ terms, prices }: Pick<Listing, 'terms' | 'prices'>) {
  return { terms, prices };
}

function noRight({ model, engine }: Listing): ProblemError {
  return new ProblemError(403, `The licence does not grant the right to call ${model} on ${engine.route}.`, {
    code: 'licence.right',
    hint: `It takes a licence with one of these rights: ${engine.rights.join(', ')}.`,
    docsPath: 'license.md',
  });
}
