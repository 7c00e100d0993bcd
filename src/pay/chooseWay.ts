import type { Address } from 'viem';
import * as Amount from '../internal/Amount.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';
import { NoWayError, type Setup, type Way } from './Payer.ts';
import * as X402 from './X402.ts';

/** The way to pay that a payer takes: a channel where one is offered, else one transfer; only its own chain and token. */
export function chooseWay(setup: Setup, required: X402.ParsedRequired, scheme?: Way['scheme']): Way {
  const reasons: string[] = [];
  const ways: Way[] = [];
  for (const requirements of required.accepts) {
    const reason = unfit(setup, requirements);
    if (reason === undefined) ways.push(toWay(requirements));
    else reasons.push(`${requirements.scheme} on ${requirements.network}: ${reason}`);
  }
  const wanted = ways.filter((way) => scheme === undefined || way.scheme === scheme);
  const way = wanted.find((candidate) => candidate.scheme === 'batch-settlement') ?? wanted[0];
  if (!way) throw new NoWayError(reasons);
  return way;
}

/** Whether two ways put money in the same place, whatever the amount: the same transfer, or the same channel. */
export function isSamePlace(a: Way, b: Way): boolean {
  const placeOf = ({ scheme, payTo, extra }: Way) =>
    [scheme, payTo, extra.receiverAuthorizer, extra.withdrawDelay].join(' ').toLowerCase();
  return placeOf(a) === placeOf(b);
}

type Requirements = X402.ParsedRequired['accepts'][number];

function toWay(requirements: Requirements): Way {
  return {
    scheme: requirements.scheme as Way['scheme'],
    requirements,
    amount: Amount.parse(requirements.amount),
    payTo: requirements.payTo as Address,
    extra: requirements.extra ?? {},
  };
}

/** Why a way to pay is not taken: another chain or token, or a token that calls itself differently than ours. */
function unfit(setup: Setup, requirements: Requirements): string | undefined {
  if (requirements.scheme !== 'batch-settlement' && requirements.scheme !== 'exact') return 'unknown scheme';
  if (X402.chainIdOf(requirements.network) !== setup.place.chainId) return 'another chain';
  if (!isSameAddress(requirements.asset, setup.token.address)) return 'another token';
  const { name, version } = requirements.extra ?? {};
  if (name !== undefined && name !== setup.token.name) return 'another token name';
  if (version !== undefined && version !== setup.token.version) return 'another token version';
  return /^0x(?!0{40})[0-9a-fA-F]{40}$/.test(requirements.payTo) ? undefined : 'no payout address';
}
