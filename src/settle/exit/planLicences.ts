import { explain } from '../../chain/explain.ts';
import { isSameAddress } from '../../internal/isSameAddress.ts';
import { leaveLicence, NotRefundableError, planLeave } from '../../license/leaveLicence.ts';
import * as Terms from '../../license/Terms.ts';
import * as Plan from './Plan.ts';

/**
 * What a buyer gets back of licences, without any seller: each that can be left is left; one with a quota ends now and
 * pays three days later. A licence that gives nothing back is kept.
 */
export async function planLicences(world: Plan.World): Promise<Plan.Plan> {
  const { addresses, holdings, client } = world;
  const own = [...holdings.licences.values()].filter(
    ({ holder, terms }) => isSameAddress(holder, client.account.address) && terms.refundPolicy !== 0,
  );
  // A renewal is a line of its own, about the same licence.
  const terms = new Map(own.map((entry) => [Terms.idOf(addresses, entry.terms), entry.terms]));
  return Plan.join(await Promise.all([...terms.values()].map((one) => planOne(world, one))));
}

async function planOne({ client, addresses }: Plan.World, terms: Terms.Terms): Promise<Plan.Plan> {
  const step = await planLeave(client, { addresses, terms }).catch((error: unknown) => {
    if (error instanceof NotRefundableError) return undefined;
    throw error;
  });
  if (!step) return { steps: [], waiting: [], refused: [] };
  const { kind, refund: amount, leaveAt = 0 } = step;
  if (kind === 'wait') {
    return { steps: [], waiting: [{ kind: 'delay', amount, until: BigInt(leaveAt) }], refused: [] };
  }
  const words =
    kind === 'leave'
      ? explain('Licenses.leave', [terms, client.account.address])
      : explain('Licenses.announceLeave', [terms]);
  const run = async () => {
    const { hash } = await leaveLicence(client, { addresses, terms });
    return hash === undefined ? [] : [hash];
  };
  return {
    steps: [{ kind: kind === 'leave' ? 'finish' : 'start', sentences: [words], amount, run }],
    waiting: [],
    refused: [],
  };
}
