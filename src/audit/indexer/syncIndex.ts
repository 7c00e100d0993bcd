import type { Client } from 'viem';
import { getBlock } from 'viem/actions';
import type { Addresses } from '../../chain/Addresses.ts';
import { BaseError } from '../../internal/Errors.ts';
import type { Block, Index } from './openIndex.ts';
import { InconsistentError, readRange } from './readRange.ts';
import * as Tables from './Tables.ts';

/** Blocks that are read at once. */
const span = 2_000n;
/** Blocks behind the newest that are taken for unchangeable, unless told otherwise. */
export const finality = 128n;

/**
 * Brings an index one step further: the next blocks, or those that took the place of blocks which the chain has given
 * up. What replaces them is in hand before anything is undone. Says whether there is more to read at once.
 *
 * @throws {BeyondFinalityError} when the chain gave up blocks that were taken for final. The index stays as it is.
 */
export async function syncIndex(client: Client, index: Index, options: syncIndex.Options): Promise<boolean> {
  const { addresses, final = finality } = options;
  const head = await getBlock(client, { blockTag: 'latest' });
  const tip = await index.tip();
  const base = tip && (await findBase(client, index, tip, head.number, final));
  // A node that is behind has nothing to say.
  if (base === 'behind') return false;
  const from = base ? base.number + 1n : addresses.deployedAtBlock;
  if (from > head.number && base?.number === tip?.number) return false;
  const to = from + span - 1n < head.number ? from + span - 1n : head.number;
  const contracts = Tables.contractsOf(addresses);
  const safe = head.number > final ? head.number - final : -1n;
  const batch = await readRange(client, { contracts, from, to, safe });
  const [first] = batch.blocks;
  if (base && first?.number === from && first.parent !== base.hash) throw new InconsistentError(from);
  await index.replace(from - 1n, batch);
  return to < head.number;
}

export declare namespace syncIndex {
  type Options = {
    readonly addresses: Addresses;
    /** Blocks behind the newest that cannot change any more, 128 unless given. */
    readonly final?: bigint;
  };
  type ErrorType = BeyondFinalityError | readRange.ErrorType;
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
