/** What people sign for Licenses: payments and statements of use, and who accepts them. */
import { type Address, encodeAbiParameters, type Hex, hashTypedData, keccak256, recoverAddress } from 'viem';
import { typedData, type Usage } from '../../src/license/Usage.ts';
import { must, text } from './Model.ts';
import type { Person, Stage } from './openStage.ts';

export type { Usage };

export type Authorization = {
  readonly from: Address;
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  readonly salt: Hex;
  readonly signature: Hex;
};
type Payment = Omit<Authorization, 'signature'> & {
  readonly termsId: Hex;
  readonly holder: Address;
  readonly price: bigint;
};

/** The digest of EIP-3009, with a nonce that binds what is bought. */
export function paymentDigest({ addresses }: Stage, payment: Payment): Hex {
  const { from, price: value, validAfter, validBefore } = payment;
  return hashTypedData({
    domain: { name: 'Test Dollar', version: '2', chainId: 31337, verifyingContract: addresses.token },
    types: {
      ReceiveWithAuthorization: [
        { name: 'from', type: 'address' },
        { name: 'to', type: 'address' },
        { name: 'value', type: 'uint256' },
        { name: 'validAfter', type: 'uint256' },
        { name: 'validBefore', type: 'uint256' },
        { name: 'nonce', type: 'bytes32' },
      ],
    },
    primaryType: 'ReceiveWithAuthorization',
    message: { from, to: addresses.licenses, value, validAfter, validBefore, nonce: nonceOf(payment) },
  });
}

/** Uses up a payment, which counts between its times, once, when its payer signed it. */
export async function requirePaid(
  stage: Stage,
  used: Set<string>,
  payment: Payment & { readonly signature: Hex },
  now: bigint,
) {
  const { from, validAfter, validBefore, signature } = payment;
  must(now > validAfter, 'TestDollar_NotYetValid', validAfter, now);
  must(now < validBefore, 'TestDollar_Expired', validBefore, now);
  const nonce = nonceOf(payment);
  must(!used.has(`${from}/${nonce}`), 'TestDollar_AuthorizationUsedOrCanceled', from, nonce);
  used.add(`${from}/${nonce}`);
  const hash = paymentDigest(stage, payment);
  must(await isSigned(hash, from, signature), 'TestDollar_InvalidSignature', from, hash);
}

export async function requireUsage(stage: Stage, termsId: Hex, usage: Usage, signer: Address, signature: Hex) {
  must(await isSigned(usageDigest(stage, termsId, usage), signer, signature), 'Licenses_InvalidSignature', signer);
}

export async function signUsage(stage: Stage, termsId: Hex, usage: Usage, { sign }: Person): Promise<Hex> {
  return await sign({ hash: usageDigest(stage, termsId, usage) });
}

function usageDigest({ addresses }: Stage, termsId: Hex, usage: Usage): Hex {
  return hashTypedData(typedData({ chainId: 31337, licenses: addresses.licenses }, termsId, usage));
}

function nonceOf({ termsId, holder, salt }: Pick<Payment, 'termsId' | 'holder' | 'salt'>): Hex {
  const types = [{ type: 'bytes32' }, { type: 'address' }, { type: 'bytes32' }];
  return keccak256(encodeAbiParameters(types, [termsId, holder, salt]));
}

async function isSigned(hash: Hex, signer: Address, signature: Hex): Promise<boolean> {
  return text(await recoverAddress({ hash, signature })) === text(signer);
}
