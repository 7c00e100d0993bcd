import { type Hex, keccak256 } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBuyer, receiptCheck } from '../../../test/actors/createBuyer.ts';
import { createSigner, digit, reasonOf } from '../../../test/actors/createSigner.ts';
import { body, price, type Shop, startShop, statusesOf } from '../../../test/actors/startShop.ts';
import { testDollarAbi } from '../../chain/abi/index.ts';
import { send } from '../../chain/send.ts';
import { buyLicence } from '../../license/buyLicence.ts';
import * as Terms from '../../license/Terms.ts';
import * as X402 from '../../pay/X402.ts';
import { callModel } from '../callModel.ts';
import * as Receipt from '../Receipt.ts';
import { signIn } from '../signIn.ts';

let { market, buyer, ledger, gate, chargedOf, depositsOf, open } = {} as Shop;

beforeAll(async () => {
  ({ market, buyer, ledger, gate, chargedOf, depositsOf, open } = await startShop());
});
afterAll(() => market?.stop());

describe('an exact payment', () => {
  it('of one payer does not pay for another who signs the same nonce (C1)', async () => {
    const stranger = createSigner(market, 'stranger');
    const nonce = keccak256('0x01');
    expect((await buyer.call(buyer.exact(price, { nonce }), { body })).status).toBe(200);
    const poor = stranger.exact(price, { nonce });
    expect((await stranger.call(poor, { body })).status).toBe(402);
  });

  const dollars = (holder: Hex) => market.dollarsOf(holder);

  it('is settled before the work and serves once (A-037)', async () => {
    const payload = buyer.exact(price);
    const before = await dollars(buyer.payTo);
    const first = await buyer.call(payload, { body });
    expect(first.status).toBe(200);
    const { transaction } = X402.parseResponse(first.headers.get(X402.headers.response) ?? '');
    expect(transaction).toMatch(/^0x[0-9a-f]{64}$/);
    const statuses = await statusesOf(Array.from({ length: 10 }, () => buyer.call(payload, { body })));
    expect(new Set(statuses)).toEqual(new Set([402]));
    expect((await dollars(buyer.payTo)) - before).toBe(price);
  });

  it('is neither offered nor taken where it could not be given back in full', async () => {
    const response = await buyer.call(buyer.exact(price), { body: digit('derived') });
    expect(await reasonOf(response)).toBe('invalid_payment_requirements');
    const { accepts } = X402.parseRequired(response.headers.get(X402.headers.required) as string);
    expect(accepts.map(({ scheme }) => scheme)).toEqual(['batch-settlement']);
  });

  it('sent 20 times at once serves one call (A-030)', async () => {
    const payload = buyer.exact(price);
    const statuses = await statusesOf(Array.from({ length: 20 }, () => buyer.call(payload, { body })));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  });

  it('that the payer cancelled before it was settled runs no model (A-037)', async () => {
    const payload = buyer.exact(price);
    const nonce = payload.authorization.nonce as Hex;
    const { addresses, people } = market;
    const client = await market.connect('buyer');
    const signature = await people.buyer.signTypedData({
      domain: { name: 'Test Dollar', version: '2', chainId: addresses.chainId, verifyingContract: addresses.token },
      types: {
        CancelAuthorization: [
          { name: 'authorizer', type: 'address' },
          { name: 'nonce', type: 'bytes32' },
        ],
      },
      primaryType: 'CancelAuthorization',
      message: { authorizer: buyer.address, nonce },
    });
    const [r, s, v] = [
      signature.slice(0, 66),
      `0x${signature.slice(66, 130)}`,
      Number.parseInt(signature.slice(130), 16),
    ];
    await send(client, {
      address: addresses.token,
      abi: testDollarAbi,
      functionName: 'cancelAuthorization',
      args: [buyer.address, nonce, v, r as Hex, s as Hex],
    });
    const runs = gate.runs();
    const response = await buyer.call(payload, { body: digit('gated') });
    expect(response.status).toBe(402);
    expect(await response.json()).toMatchObject({ code: 'payment.failed' });
    expect(gate.runs()).toBe(runs);
    const [last] = ledger.receipts(ledger.logSize() - 1, 1);
    expect(Receipt.parse(last?.body ?? '')).toMatchObject({ rail: 2, price: 0n, status: 3 });
  });

  it('for a model that fails is credited without being asked for', async () => {
    const response = await buyer.call(buyer.exact(price), { body: digit('broken') });
    expect(response.status).toBe(502);
    const [last] = ledger.receipts(ledger.logSize() - 1, 1);
    expect(Receipt.parse(last?.body ?? '')).toMatchObject({ rail: 2, price, status: 3 });
    const credit = ledger.outbox(0, 1_000).find(({ key }) => key === `credit:${last?.hash}:${price}`);
    expect(credit?.kind).toBe('credit');
  });

  it('to another, of another amount or time, or by another key is refused (A-034)', async () => {
    const { people } = market;
    const cases = [
      [{ to: people.stranger.address }, 'recipient_mismatch'],
      [{ value: price - 1n }, 'authorization_value'],
      [{ value: price + 1n }, 'authorization_value'],
      [{ validBefore: BigInt(Math.floor(Date.now() / 1_000)) }, 'valid_before'],
      [{ validAfter: BigInt(Math.floor(Date.now() / 1_000) + 60) }, 'valid_before'],
      [{ from: people.stranger.address }, 'payload_signature'],
    ] as const;
    const size = ledger.logSize();
    for (const [changes, reason] of cases) {
      const response = await buyer.call(buyer.exact(price, changes), { body });
      expect(await reasonOf(response)).toContain(reason);
    }
    expect(ledger.logSize()).toBe(size);
  });
});

describe('a price', () => {
  const required = async (model: string) => {
    const response = await fetch(`${market.gateway.url}/v1/classify`, { method: 'POST', body: digit(model) });
    return (await response.json()) as {
      accepts: { amount: string }[];
      extensions: { agorai: { quoteHash: string; quote: Record<string, string> } };
    };
  };

  it('of one model does not buy another, whatever quote is named (A-038)', async () => {
    const channel = await open();
    const cheap = (await required('open')).extensions.agorai.quoteHash;
    const dear = digit('dearer');
    const cheaper = await buyer.call(buyer.voucher(channel, 2n * price), { body: dear });
    expect(await reasonOf(cheaper)).toBe('invalid_payment_requirements');
    const honest = { accepted: { amount: '300' }, body: dear };
    const low = await buyer.call(buyer.voucher(channel, 2n * price), honest);
    expect(await reasonOf(low)).toContain('cumulative_amount_mismatch');
    const borrowed = await buyer.call(buyer.voucher(channel, 2n * price), { body: dear, quote: cheap });
    expect(await borrowed.json()).toMatchObject({ status: 400, code: 'quote.unknown' });
    const tampered = await buyer.call(buyer.voucher(channel, 2n * price), { body, quote: `0x${'ab'.repeat(32)}` });
    expect(await tampered.json()).toMatchObject({ status: 400, code: 'quote.unknown' });
    expect(chargedOf(channel.id)).toBe(price);
    expect((await buyer.call(buyer.voucher(channel, price + 300n), honest)).status).toBe(200);
  });

  it('is the one of the quote that the request names, which its receipt carries (A-038)', async () => {
    const channel = await open();
    const { quoteHash } = (await required('open')).extensions.agorai;
    const response = await buyer.call(buyer.voucher(channel, 2n * price), { body, quote: quoteHash });
    const envelope = JSON.parse(atob(response.headers.get('agorai-receipt') ?? '')) as { receipt: object };
    expect(envelope.receipt).toMatchObject({ quoteHash, price: '200', version: 1 });
  });

  it('is rounded up to an atom once a request, as the quote says, and adds up (A-157)', async () => {
    const channel = await open();
    const { accepts, extensions } = await required('crumbs');
    expect(accepts[0]?.amount).toBe('1');
    expect(extensions.agorai.quote.perCall).toBe('1');
    for (let i = 1n; i <= 5n; i++) {
      const extras = { body: digit('crumbs'), accepted: { amount: '1' } };
      expect((await buyer.call(buyer.voucher(channel, price + i), extras)).status).toBe(200);
    }
    expect(chargedOf(channel.id)).toBe(price + 5n);
  });

  it('is for what was reserved at most when an engine lies about its units (A-042)', async () => {
    const channel = await open();
    const bound = 10n + 10n + 100n;
    const extras = { body: digit('liar'), accepted: { amount: `${bound}` } };
    const response = await buyer.call(buyer.voucher(channel, price + bound), extras);
    expect(response.status).toBe(200);
    // A billion input tokens count as the ten reserved, minus five output tokens as none, absurd images as the one.
    expect(chargedOf(channel.id)).toBe(price + 10n + 0n + 100n);
    const [last] = ledger.receipts(ledger.logSize() - 1, 1);
    expect(Receipt.parse(last?.body ?? '')).toMatchObject({ price: 110n, inputUnits: 11n, outputUnits: 0n });
  });

  it('is nothing when the model fails, and the voucher serves another call', async () => {
    const channel = await open();
    const payload = buyer.voucher(channel, 2n * price);
    const failed = await buyer.call(payload, { body: digit('broken') });
    expect(failed.status).toBe(502);
    expect(chargedOf(channel.id)).toBe(price);
    expect((await buyer.call(payload, { body })).status).toBe(200);
  });
});

describe('a licence', () => {
  it('is asked for before anything is kept or deposited, and admits its holder alone (A-056)', async () => {
    const licensed = digit('digits');
    const channel = buyer.open();
    const refused = await buyer.call(buyer.deposit(channel, 2_000n, price), { body: licensed });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ code: 'licence.required' });
    expect(await (await buyer.call(buyer.exact(price), { body: licensed })).json()).toMatchObject({
      code: 'licence.required',
    });
    expect(depositsOf(channel.id)).toEqual([]);
    const { addresses, terms } = market;
    await buyLicence(await market.connect('buyer'), { addresses, terms: terms[0] as never, maxPrice: 50_000n });
    expect((await buyer.call(buyer.deposit(channel, 2_000n, price), { body: licensed })).status).toBe(200);
    await send(await market.connect('operator'), {
      address: addresses.token,
      abi: testDollarAbi,
      functionName: 'mint',
      args: [market.people.stranger.address, 10_000n],
    });
    const stranger = createSigner(market, 'stranger');
    expect((await stranger.call(stranger.exact(price), { body: licensed })).status).toBe(403);
  });

  it('does not count for who signs vouchers in the name of its holder, unless the holder signs in (A-056)', async () => {
    const { addresses, people, terms, gateway } = market;
    const licensed = digit('digits');
    const { key, address } = people.stranger;
    const channel = buyer.open({ payerAuthorizer: address });
    const deposited = buyer.deposit(channel, 2_000n, price);
    const signed = (max: bigint) => buyer.voucher(channel, max, key);
    const opened = await buyer.call({ ...deposited, voucher: signed(price).voucher }, { body });
    expect(opened.status).toBe(200);
    const lent = await buyer.call(signed(2n * price), { body: licensed });
    expect(await lent.json()).toMatchObject({ status: 401, code: 'signin.required' });
    expect(chargedOf(channel.id)).toBe(price);
    // The holder, who may be a contract, lets another key pay.
    const termsId = Terms.idOf(addresses, terms[0] as Terms.Terms);
    const { token } = await signIn({ gateway: gateway.url, wallet: people.buyer, termsId, chainId: addresses.chainId });
    const headers = { authorization: `Bearer ${token}`, [X402.headers.signature]: buyer.header(signed(2n * price)) };
    const route = `${gateway.url}/v1/classify`;
    expect((await fetch(route, { method: 'POST', body: licensed, headers })).status).toBe(200);
    expect(chargedOf(channel.id)).toBe(2n * price);
  });
});

it('a buyer of ours checks each receipt against the chain', async () => {
  const payer = createBuyer(market);
  const answer = await callModel({
    payer,
    gateway: market.gateway.url,
    route: '/v1/classify',
    input: { model: 'open', pixels: Array(784).fill(3) },
    check: receiptCheck(market),
  });
  expect(answer).toMatchObject({ status: 200, cost: price, receipt: { seq: 1n } });
});
