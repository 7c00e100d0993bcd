/** Who shares in what, and the hashes that Vaults knows it by. */
import { type Address, encodeAbiParameters, type Hex, keccak256 } from 'viem';

export type Payee = { readonly account: Address; readonly bps: number };
export type Upstream = { readonly account: bigint; readonly bps: number };
/** Who shares in what an account earns. */
export type Shares = { readonly payees: readonly Payee[]; readonly treasury: Address; readonly feeBps: number };
export type Split = Shares & {
  readonly upstream: readonly Upstream[];
  readonly owner: Address;
  readonly window: number;
};
export function sharesHashOf({ payees, treasury, feeBps }: Shares, upstream: readonly Upstream[]): Hex {
  const own = keccak256(
    encodeAbiParameters(
      [
        {
          type: 'tuple[]',
          components: [
            { name: 'account', type: 'address' },
            { name: 'bps', type: 'uint16' },
          ],
        },
        { type: 'address' },
        { type: 'uint16' },
      ],
      [payees, treasury, feeBps],
    ),
  ).slice(0, 56) as Hex;
  if (upstream.length === 0) return own;
  const first = keccak256(
    encodeAbiParameters(
      [
        {
          type: 'tuple[]',
          components: [
            { name: 'account', type: 'uint256' },
            { name: 'bps', type: 'uint16' },
          ],
        },
      ],
      [upstream],
    ),
  );
  return keccak256(encodeAbiParameters([{ type: 'bytes27' }, { type: 'bytes32' }], [own, first])).slice(0, 56) as Hex;
}

export function splitIdOf(sharesHash: Hex, owner: Address, window: number): Hex {
  return keccak256(
    encodeAbiParameters([{ type: 'bytes27' }, { type: 'address' }, { type: 'uint40' }], [sharesHash, owner, window]),
  );
}

export function idOf(split: Split): Hex {
  return splitIdOf(sharesHashOf(split, split.upstream), split.owner, split.window);
}
