import { BaseError } from 'viem';

/** Logs of one answer at which nodes cut it off without a word. */
const cutAt = 10_000;

/**
 * Logs of a range of blocks, in halves as often as a node finds the answer too large, or may have cut it off.
 * `read` asks for one range, both ends included.
 */
export async function inParts<log>(
  from: bigint,
  to: bigint,
  read: (from: bigint, to: bigint) => Promise<readonly log[]>,
): Promise<readonly log[]> {
  try {
    const logs = await read(from, to);
    if (logs.length !== cutAt || from === to) return logs;
  } catch (error) {
    if (from === to || !isTooMuch(error)) throw error;
  }
  const middle = (from + to) / 2n;
  return [...(await inParts(from, middle, read)), ...(await inParts(middle + 1n, to, read))];
}

/** Nodes have no common code for it. */
function isTooMuch(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  const cause = error.walk((one) => (one as { code?: unknown }).code === -32005);
  return (
    cause !== null ||
    /too (many|large|big)|exceed|limit|more than [\d,]+|response size|block range/i.test(error.message)
  );
}
