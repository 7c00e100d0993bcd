import type { Client } from 'viem';
import { getBlock } from 'viem/actions';
import type { Addresses } from '../../chain/Addresses.ts';
import { BaseError } from '../../internal/Errors.ts';
import * as Contracts from '../Contracts.ts';
import type { Batch, Block, Index } from './openIndex.ts';
import { readRange } from './readRange.ts';

/** How far an index is: its newest block, that of the node, and whether there is more to read at once. */
export type Progress = { readonly tip: bigint | undefined; readonly head: bigint; readonly more: boolean };

/** How many blocks are read at once, by how many events the last ones had. */
export type Pace = { span: bigint };

/** Fewest and most blocks that are read at once. */
const [fewest, most] = [64n, 16_384n];
/** Events of one step above which the next has fewer blocks; it has more below a quarter. */
const plenty = 16_000;

/** A pace to begin with. */
export function startingPace(): Pace {
  return { span: fewest };
}

/** Blocks behind the newest that are taken for unchangeable, unless told otherwise. */
export const finality = 128n;

/**
 * Brings an index one step further: the next blocks, or those that took the place of blocks which the chain has given
 * up. What replaces them is in hand before anything is undone.
 *
 * @throws {BeyondFinalityError} when the chain gave up blocks that were taken for final. The index stays as it is.
 */
export async function syncIndex(client: Client, index: Index, options: syncIndex.Options): Promise<Progress> {
  const { addresses, final = finality, pace = startingPace() } = options;
  const head = await getBlock(client, { blockTag: 'latest' });
  const tip = await index.tip();
  const base = tip && (await findBase(client, index, tip, head.number, final));
  // A node that is behind has nothing to say.
  if (base === 'behind') return { tip: tip?.number, head: head.number, more: false };
  const from = base ? base.number + 1n : addresses.deployedAtBlock;
  if (from > head.number && base?.number === tip?.number) return { tip: tip?.number, head: head.number, more: false };
  const to = from + pace.span - 1n < head.number ? from + pace.span - 1n : head.number;
  const contracts = Contracts.byAddress(addresses);
  const safe = head.number > final ? head.number - final : -1n;
  const batch = await readRange(client, { contracts, from, to, safe, parent: base?.hash });
  await index.replace(from - 1n, batch);
  adjust(pace, batch);
  return { tip: to, head: head.number, more: to < head.number };
}

export declare namespace syncIndex {
  type Options = {
    readonly addresses: Addresses;
    /** Blocks behind the newest that cannot change any more, 128 unless given. */
    readonly final?: bigint;
    /** Kept from step to step, so that steps are neither too large nor too small. */
    readonly pace?: Pace;
  };
  type ErrorType = BeyondFinalityError | readRange.ErrorType;
}

function adjust(pace: Pace, { rows }: Batch): void {
  const count = [...rows.values()].reduce((sum, list) => sum + list.length, 0);
  if (count > plenty && pace.span > fewest) pace.span /= 2n;
  else if (count < plenty / 4 && pace.span < most) pace.span *= 2n;
}

/** The newest block of the index that the chain still has. */
async function findBase(
  client: Client,
  index: Index,
  tip: Block,
  head: bigint,
  final: bigint,
): Promise<Block | 'behind'> {
  const known = await index.blocks(tip.number < head ? tip.number : head, Number(final) + 1);
  for (const block of known) {
    if (tip.number - block.number > final) break;
    const { hash } = await getBlock(client, { blockNumber: block.number });
    if (hash !== block.hash) continue;
    // The node has the same chain, and less of it.
    return block.number < tip.number && block.number === head ? 'behind' : block;
  }
  throw new BeyondFinalityError(tip.number, final);
}

/** The chain that was indexed is gone further back than it may ever be. */
export class BeyondFinalityError extends BaseError {
  override readonly name = 'syncIndex.BeyondFinalityError';
  constructor(tip: bigint, final: bigint) {
    super(`The node has another history than the ${final} blocks up to ${tip} that were read before.`, {
      code: 'index.beyond_finality',
      docsPath: 'audit.md',
      hint: 'Nothing was changed. Ask other nodes which history holds; then remove the index, and it is read again.',
    });
  }
}
