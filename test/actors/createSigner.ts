/** A buyer who signs whatever a test wants and sends it by hand: honest payloads, and each of their parts changed. */
import { randomBytes } from 'node:crypto';
import { bytesToHex, type Hex } from 'viem';
import { sign } from '../../src/internal/node/secp256k1.ts';
import * as Authorization from '../../src/pay/Authorization.ts';
import * as Channel from '../../src/pay/Channel.ts';
import * as Voucher from '../../src/pay/Voucher.ts';
import * as X402 from '../../src/pay/X402.ts';
import type { Market } from './startMarket.ts';

/** A channel with its id. */
export type Opened = { readonly id: Hex; readonly config: Channel.Config };

/** A digit that the classifier reads, as a request body. */
export const digit = (model = 'digits', ink = 0) => JSON.stringify({ model, pixels: Array(784).fill(ink) });

/** What a raw call may have besides its payment. */
export type Extras = {
  readonly body?: string;
  /** Idempotency key. */
  readonly key?: string;
  readonly quote?: string;
  /** Fields of the way to pay that the payload says it accepted. */
  readonly accepted?: Record<string, unknown>;
  readonly signal?: AbortSignal;
  readonly url?: string;
};

const random = () => bytesToHex(randomBytes(32));

/** A signer with the key of one of the people of a market. */
export function createSigner(market: Market, role: 'buyer' | 'stranger' = 'buyer') {
  const { people, addresses } = market;
  const { key, address } = people[role];
  const payTo = market.listings[0]?.payTo as Hex;
  const place: Channel.Place = { chainId: addresses.chainId, settlement: addresses.settlement };
  const token = { address: addresses.token, name: 'Test Dollar', version: '2', chainId: addresses.chainId };
  const soon = () => BigInt(Math.floor(Date.now() / 1_000) + 300);

  function open(changes: Partial<Channel.Config> = {}): Opened {
    const config: Channel.Config = {
      payer: address,
      payerAuthorizer: address,
      receiver: payTo,
      receiverAuthorizer: market.receiverAuthorizer,
      token: addresses.token,
      withdrawDelay: 900,
      salt: random(),
      ...changes,
    };
    return { id: Channel.idOf(config, place), config };
  }

  function voucher({ id, config }: Opened, max: bigint, signer: Hex = key) {
    const digest = Voucher.digest({ channelId: id, maxClaimableAmount: max }, place);
    const signed = { channelId: id, maxClaimableAmount: max.toString(), signature: sign(digest, signer) };
    return { type: 'voucher', channelConfig: config, voucher: signed };
  }

  function deposit(channel: Opened, amount: bigint, max: bigint, salt: Hex = random(), validBefore = soon()) {
    const nonce = Authorization.depositNonce(channel.id, salt);
    const to = addresses.erc3009Collector;
    const authorization = { from: address, to, value: amount, validAfter: 0n, validBefore, nonce };
    const signature = sign(Authorization.receiveDigest(authorization, token), key);
    const erc3009Authorization = { validAfter: '0', validBefore: validBefore.toString(), salt, signature };
    return {
      ...voucher(channel, max),
      type: 'deposit',
      deposit: { amount: amount.toString(), authorization: { erc3009Authorization } },
    };
  }

  function exact(value: bigint, changes: Partial<Authorization.Authorization> = {}) {
    const plain = { from: address, to: payTo, value, validAfter: 0n, validBefore: soon(), nonce: random(), ...changes };
    const signature = sign(Authorization.transferDigest(plain, token), key);
    const texts = Object.entries(plain).map(([name, item]) => [name, item.toString()]);
    return { signature, authorization: Object.fromEntries(texts) as Record<keyof typeof plain, string> };
  }

  function header(payload: object, accepted: Record<string, unknown> = {}): string {
    const way = {
      scheme: 'signature' in payload ? 'exact' : 'batch-settlement',
      network: `eip155:${addresses.chainId}`,
      amount: '200',
      asset: addresses.token,
      payTo,
      maxTimeoutSeconds: 300,
      extra: {},
      ...accepted,
    };
    return X402.encode({ x402Version: 2, accepted: way, payload });
  }

  function call(payload: object, extras: Extras = {}): Promise<Response> {
    const { body = digit(), key: idempotency, quote, accepted, signal, url = market.gateway.url } = extras;
    return fetch(`${url}/v1/classify`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        [X402.headers.signature]: header(payload, accepted),
        ...(idempotency === undefined ? {} : { 'idempotency-key': idempotency }),
        ...(quote === undefined ? {} : { 'agorai-quote': quote }),
      },
      ...(signal ? { signal } : {}),
    });
  }

  return {
    address,
    payTo,
    open,
    voucher,
    deposit,
    exact,
    header,
    call,
    /** Opens a channel by a first paid call; its charge so far is the price of one call. */
    async funded(amount: bigint, price = 200n): Promise<Opened> {
      const channel = open();
      const response = await call(deposit(channel, amount, price));
      if (response.status !== 200) throw new TypeError(`not opened: ${response.status} ${await response.text()}`);
      return channel;
    },
    refund: (channel: Opened, max: bigint) =>
      fetch(`${market.gateway.url}/v1/refund`, {
        method: 'POST',
        headers: { [X402.headers.signature]: header({ ...voucher(channel, max), type: 'refund' }) },
      }),
  };
}

/** Why a 402 refuses, in the words of the scheme. */
export async function reasonOf(response: Response): Promise<string> {
  const required = X402.parseRequired(response.headers.get(X402.headers.required) as string);
  return required.error ?? '';
}
