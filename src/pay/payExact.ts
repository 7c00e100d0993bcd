import type { Hex } from 'viem';
import * as Authorization from './Authorization.ts';
import type { Setup, Way } from './Payer.ts';
import { longest } from './payChannel.ts';

/** Signs one EIP-3009 transfer of exactly the asked amount to the payout address. Source: x402 exact (EVM). */
export async function signExact(setup: Setup, way: Way, nonce: Hex): Promise<Record<string, unknown>> {
  const seconds = Math.floor((setup.now?.() ?? Date.now()) / 1_000);
  const authorization: Authorization.Authorization = {
    from: setup.wallet.address,
    to: way.payTo,
    value: way.amount,
    validAfter: 0n,
    validBefore: BigInt(seconds + Math.min(Math.floor(way.requirements.maxTimeoutSeconds), longest)),
    nonce,
  };
  const signature = await setup.wallet.signTypedData({
    domain: Authorization.domainOf(setup.token),
    types: { TransferWithAuthorization: Authorization.types },
    primaryType: 'TransferWithAuthorization',
    message: { ...authorization },
  });
  const { value, validAfter, validBefore } = authorization;
  return {
    signature,
    authorization: {
      ...authorization,
      value: value.toString(),
      validAfter: validAfter.toString(),
      validBefore: validBefore.toString(),
    },
  };
}
