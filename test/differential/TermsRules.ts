/** Reference model of which terms contradict themselves. */
import { zeroAddress, zeroHash } from 'viem';
import { stringToHex } from 'viem/utils';
import type { Terms } from '../../src/license/Terms.ts';
import { must } from './Model.ts';

const resell = 1 << 7;
const deriving = [3, 4, 5, 6, 8].reduce((set, bit) => set | (1 << bit), 0);

export function requireCoherent(terms: Terms): void {
  must(terms.rights !== 0, 'Licenses_NoRights');
  must(terms.rights < 1 << 11, 'Licenses_UnknownRights', terms.rights);
  must(terms.duties < 1 << 8, 'Licenses_UnknownDuties', terms.duties);
  must(terms.slaId === zeroHash, 'Licenses_NotEnforced', field('slaId'));
  const sellable = (terms.rights & resell) !== 0;
  const derivable = (terms.rights & deriving) !== 0;
  const { refundPolicy } = terms;
  const conditions: readonly (readonly [string, boolean])[] = [
    ['noticePeriod', terms.noticePeriod === 0 || (terms.period !== 0 && terms.noticePeriod >= terms.period)],
    ['trial', terms.trial === 0 || terms.maxSupply === 0],
    ['overageBps', terms.overageBps === 0 || terms.quota !== 0n],
    ['resaleRoyaltyBps', terms.resaleRoyaltyBps === 0 || (sellable && terms.resaleRoyaltyBps <= 5_000)],
    ['maxResales', terms.maxResales === 0 || sellable],
    ['derivativeShareBps', terms.derivativeShareBps === 0 || (derivable && terms.derivativeShareBps <= 10_000)],
    ['refundPolicy', refundPolicy === 0 || (refundPolicy <= 2 && !sellable)],
    ['refundWindow', refundPolicy === 1 ? isWindow(terms) : terms.refundWindow === 0],
    ['quota', refundPolicy !== 1 || terms.quota === 0n],
    ['period', refundPolicy !== 2 || terms.period !== 0],
    ['refundPenaltyBps', refundPolicy === 2 ? terms.refundPenaltyBps < 10_000 : terms.refundPenaltyBps === 0],
    ['trial', terms.trial === 0 || !derivable],
    ['refundPolicy', refundPolicy === 0 || !derivable],
    ['checker', terms.checker === zeroAddress || !sellable],
    ['policyRoot', terms.policyRoot === zeroHash || terms.checker !== zeroAddress],
  ];
  for (const [name, holds] of conditions) must(holds, 'Licenses_Incoherent', field(name));
}

/** A whole refund is possible for a while, which is not longer than what was paid for. */
function isWindow({ period, refundWindow }: Terms): boolean {
  return refundWindow !== 0 && (period === 0 || refundWindow <= period);
}

function field(name: string) {
  return stringToHex(name, { size: 32 });
}
