/** The one seller that a gateway serves for. */
import type { Address } from 'viem';
import type * as Eip712 from '../../internal/Eip712.ts';
import type * as Authorization from '../../pay/Authorization.ts';
import type * as Channel from '../../pay/Channel.ts';

/** The seller that this gateway serves for, as facts of its configuration. */
export type Seller = {
  readonly address: Address;
  readonly receiverAuthorizer: Address;
  readonly withdrawDelay: number;
  readonly place: Channel.Place;
  readonly erc3009Collector: Address;
  readonly token: Authorization.Token;
  /** Domain of receipts and quotes. */
  readonly domain: Eip712.Domain;
  /** Number of this gateway's receipt log. */
  readonly log: number;
};
