import type { Address, Hex, TypedDataDefinition } from 'viem';
import { bytesToBigInt, stringToBytes } from 'viem/utils';
import type * as Eip712 from '../internal/Eip712.ts';
import * as FreeCall from './FreeCall.ts';

/** Does the work for a free call and signs it; the value of the header `FreeCall.header`. One value serves one request. */
export async function signFree(options: signFree.Options): Promise<string> {
  const { wallet, grant, domain, body, now = Date.now() } = options;
  const url = new URL(options.url);
  const call = { payer: wallet.address, listing: grant.listing, day: FreeCall.dayOf(now) };
  const nonce = FreeCall.findNonce(call, grant.difficulty, bytesToBigInt(crypto.getRandomValues(new Uint8Array(32))));
  const request = FreeCall.requestHash({ method: 'POST', path: url.pathname, body: stringToBytes(body) });
  const signature = await wallet.signTypedData({
    domain,
    types: { FreeCall: FreeCall.types },
    primaryType: 'FreeCall',
    message: { ...call, nonce, audience: url.origin, request },
  });
  return FreeCall.serialize({ payer: call.payer, day: call.day, nonce, signature });
}

export declare namespace signFree {
  type Options = {
    wallet: { readonly address: Address; signTypedData(definition: TypedDataDefinition): Promise<Hex> };
    /** What the 402 says under `extensions.agorai.free`. */
    grant: { readonly listing: Hex; readonly difficulty: number };
    /** Domain of receipts: `Receipt.domainOf(chainId, logs)`. */
    domain: Eip712.Domain;
    /** Where the request goes. */
    url: string;
    /** Its body, to the byte. */
    body: string;
    /** Unix milliseconds of the day that the call is of; now unless given. */
    now?: number;
  };
}
