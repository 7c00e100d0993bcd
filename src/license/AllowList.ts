/**
 * Lists of accounts that may hold a licence. Terms commit to the Merkle root of the list (`policyRoot`) and name the
 * contract `AllowList` as their checker; a buyer shows the path of the holder. The order of a list does not matter.
 */
import { type Address, type Hex, hexToBytes, isAddress } from 'viem';
import { encodeAbiParameters } from 'viem/utils';
import { BaseError } from '../internal/Errors.ts';
import * as Merkle from '../internal/Merkle.ts';

/**
 * The root of a list, for terms.
 *
 * @throws {Merkle.EmptyError} for a list of nobody.
 */
export function root(accounts: readonly Address[]): Hex {
  return Merkle.root(sorted(accounts).map(leaf));
}

/**
 * What the checker is shown for one account of the list: abi.encode(bytes32[] path).
 *
 * @throws {NotListedError} when the account is not on the list.
 */
export function show(accounts: readonly Address[], account: Address): Hex {
  const all = sorted(accounts);
  const index = all.indexOf(account.toLowerCase() as Address);
  if (index < 0) throw new NotListedError(account);
  return encodeAbiParameters([{ type: 'bytes32[]' }], [Merkle.proof(all.map(leaf), index)]);
}

/** Reads a list of one account a line. Empty lines and what follows a # are passed over. */
export function parse(text: string): readonly Address[] {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim());
  return lines.flatMap((line, at) => {
    if (line === '') return [];
    if (!isAddress(line)) throw new InvalidError(at + 1);
    return [line];
  });
}

function sorted(accounts: readonly Address[]): readonly Address[] {
  return [...new Set(accounts.map((account) => account.toLowerCase() as Address))].sort();
}

/** `AllowList.leafOf`. */
function leaf(account: Address): Hex {
  return Merkle.leaf(hexToBytes(encodeAbiParameters([{ type: 'address' }], [account])));
}

/** The account is not on the list. */
export class NotListedError extends BaseError {
  override readonly name = 'AllowList.NotListedError';
  constructor(account: Address) {
    super(`${account} is not on the list of those who may hold the licence.`, {
      code: 'license.not-listed',
      docsPath: 'docs/license.md',
      hint: 'Ask the seller for terms whose list you are on.',
    });
  }
}

/** A line that is no account. */
export class InvalidError extends BaseError {
  override readonly name = 'AllowList.InvalidError';
  constructor(line: number) {
    super(`Line ${line} of the list is no account.`, {
      code: 'license.list',
      docsPath: 'docs/license.md',
      hint: 'Write one address a line, in the capitals of its checksum or in none.',
    });
  }
}
