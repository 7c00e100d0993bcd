/** What several models need on the chain before their sequence begins. */
import { type AbiParameter, type Address, encodeAbiParameters, type Hex, keccak256, zeroHash } from 'viem';
import { licensesAbi } from '../../src/chain/abi/index.ts';
import type { FunctionName } from '../../src/chain/explain.ts';
import * as Prices from '../../src/license/Prices.ts';
import * as Terms from '../../src/license/Terms.ts';
import { Refusal } from './Model.ts';
import { type Person, type Stage, startTime } from './openStage.ts';

/** Prices of use of every offer: none. */
export const prices = Prices.from({});

const offerInputs = licensesAbi.filter((item) => item.type === 'function').find(({ name }) => name === 'offer')?.inputs;
/** The struct of terms in the interface of Licenses. */
export const termsType = offerInputs?.[0] as AbiParameter;
/** The data of an attachment to Licenses. */
export const offersType = [
  { ...termsType, type: 'tuple[]' },
  { ...offerInputs?.[1], type: 'tuple[]' },
] as readonly AbiParameter[];

/** Every right there is. */
export const allRights = (1 << 11) - 1;
/** Every right but the one to resell. */
const everyRight = allRights - (1 << 7);

/** A call that must succeed, within the first thousand seconds. */
export function director(stage: Stage) {
  let now = startTime;
  return async (from: Address, functionName: FunctionName, args: readonly unknown[]) => {
    now += 1n;
    const outcome = await stage.execute({ after: 1, from, functionName, args }, now);
    if (outcome instanceof Refusal) throw outcome;
  };
}

export type Director = ReturnType<typeof director>;

/** The identity of an asset without salt. */
export function assetOf(stage: Stage, publisher: Address, kind: number, root: Hex, salt: Hex = zeroHash): bigint {
  const types = ['uint256', 'address', 'address', 'uint8', 'bytes32', 'bytes32'].map((type) => ({ type }));
  return BigInt(keccak256(encodeAbiParameters(types, [31337n, stage.addresses.assets, publisher, kind, root, salt])));
}

export function rootOf(number: number): Hex {
  return `0x${number.toString(16).padStart(64, '0')}`;
}

export async function publish(
  stage: Stage,
  act: Director,
  { address }: Person,
  number: number,
  attachments: unknown[] = [],
) {
  const root = rootOf(number);
  await act(address, 'Assets.publish', [{ kind: 0, manifestRoot: root, salt: zeroHash, uri: 'ipfs://x' }, attachments]);
  return assetOf(stage, address, 0, root);
}

/** An asset of `child` that passes on shares of its revenue to assets of `parent`, in ascending order of their ids. */
export async function derive(stage: Stage, act: Director, parent: Person, child: Person, shares: readonly number[]) {
  const edges: { relation: number; shareBps: number; terms: Terms.Terms }[] = [];
  for (const [index, shareBps] of shares.entries()) {
    const asset = await publish(stage, act, parent, index + 1);
    const terms = Terms.from({ asset, version: 1, rights: everyRight, currency: stage.addresses.token, prices });
    await act(parent.address, 'Licenses.offer', [terms, prices]);
    await act(child.address, 'Licenses.buy', [terms, child.address, '0x']);
    edges.push({ relation: 3, shareBps, terms });
  }
  edges.sort((a, b) => (a.terms.asset < b.terms.asset ? -1 : 1));
  const data = encodeAbiParameters(edgesType, [edges]);
  const asset = await publish(stage, act, child, 100, [{ module: stage.addresses.lineages, data }]);
  return { asset, upstream: edges.map(({ terms, shareBps }) => ({ account: terms.asset, bps: shareBps })) };
}

/** The data of an attachment to Lineages. */
export const edgesType = [
  {
    type: 'tuple[]',
    components: [
      { name: 'relation', type: 'uint8' },
      { name: 'shareBps', type: 'uint16' },
      { ...termsType, name: 'terms' },
    ],
  },
] as const;
