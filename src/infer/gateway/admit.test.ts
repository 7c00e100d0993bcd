import { encodeAbiParameters } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBuyer } from '../../../test/actors/createBuyer.ts';
import { createSigner, digit, reasonOf } from '../../../test/actors/createSigner.ts';
import { body, price, type Shop, startShop, statusesOf } from '../../../test/actors/startShop.ts';
import { channelsAbi } from '../../chain/abi/index.ts';
import { send } from '../../chain/send.ts';
import { sign } from '../../internal/node/secp256k1.ts';
import * as X402 from '../../pay/X402.ts';
import * as Receipt from '../Receipt.ts';

let { market, buyer, ledger, gate, chargedOf, depositsOf, open } = {} as Shop;

beforeAll(async () => {
  ({ market, buyer, ledger, gate, chargedOf, depositsOf, open } = await startShop());
});
afterAll(() => market?.stop());

describe('one voucher', () => {
  it('sent 50 times at once is served once, round after round (A-030)', async () => {
    const channel = await open(20n * price);
    for (let round = 2n; round <= 13n; round++) {
      const before = ledger.logSize();
      const payload = buyer.voucher(channel, round * price);
      const statuses = await statusesOf(Array.from({ length: 50 }, () => buyer.call(payload, { body })));
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 402)).toHaveLength(49);
      expect(chargedOf(channel.id)).toBe(round * price);
      expect(ledger.logSize()).toBe(before + 1);
    }
  });

  it('sent 50 times at once with one idempotency key has one receipt and one charge (A-156)', async () => {
    const channel = await open();
    const payload = buyer.voucher(channel, 2n * price);
    const again = async () => {
      const response = await buyer.call(payload, { body, key: 'same' });
      return { status: response.status, receipt: response.headers.get('agorai-receipt') };
    };
    const all = await Promise.all(Array.from({ length: 50 }, again));
    all.push(await again());
    const served = all.filter(({ status }) => status === 200);
    expect(new Set(served.map(({ receipt }) => receipt)).size).toBe(1);
    expect(all.every(({ status }) => status === 200 || status === 409)).toBe(true);
    expect(all.at(-1)).toEqual(served[0]);
    expect(chargedOf(channel.id)).toBe(2n * price);
  });

  it('sent with an idempotency key of another request is refused, and of another payer is its own (A-156)', async () => {
    const channel = await open();
    await buyer.call(buyer.voucher(channel, 2n * price), { body, key: 'k' });
    const other = await buyer.call(buyer.voucher(channel, 3n * price), { body: digit('open', 9), key: 'k' });
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ code: 'request.conflict' });
    expect(chargedOf(channel.id)).toBe(2n * price);
    const wrong = await buyer.call(buyer.voucher(channel, 3n * price), { body, key: 'no spaces, please' });
    expect(await wrong.json()).toMatchObject({ status: 400, code: 'request.key' });
  });

  it('of a dead connection is answered again with the same bytes (A-156)', async () => {
    const channel = await open();
    const payload = buyer.voucher(channel, 2n * price);
    const leave = new AbortController();
    const runs = gate.runs();
    const lost = buyer.call(payload, { body: digit('gated'), key: 'lost', signal: leave.signal });
    await expect.poll(gate.runs).toBe(runs + 1);
    const early = await buyer.call(payload, { body: digit('gated'), key: 'lost' });
    expect(await early.json()).toMatchObject({ status: 409, code: 'request.running' });
    gate.open();
    await lost;
    const texts = await Promise.all(
      [1, 2].map(async () => (await buyer.call(payload, { body: digit('gated'), key: 'lost' })).text()),
    );
    expect(texts[0]).toContain('classification');
    expect(texts[1]).toBe(texts[0]);
    expect(gate.runs()).toBe(runs + 1);
    expect(chargedOf(channel.id)).toBe(2n * price);
  });

  it('whose client goes away is charged nothing and serves another call (A-041)', async () => {
    const channel = await open();
    const payload = buyer.voucher(channel, 2n * price);
    const leave = new AbortController();
    const runs = gate.runs();
    const lost = buyer.call(payload, { body: digit('gated'), signal: leave.signal });
    await expect.poll(gate.runs).toBe(runs + 1);
    leave.abort();
    await expect(lost).rejects.toThrow();
    await expect.poll(() => ledger.counts().reserved).toBe(0);
    const [last] = ledger.receipts(ledger.logSize() - 1, 1);
    expect(Receipt.parse(last?.body ?? '')).toMatchObject({ price: 0n, status: 2 });
    expect((await buyer.call(payload, { body })).status).toBe(200);
    expect(chargedOf(channel.id)).toBe(2n * price);
  });

  it('is refused with a signature that only some would take (A-010)', async () => {
    const channel = await open();
    const payload = buyer.voucher(channel, 2n * price);
    const { signature } = payload.voucher;
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const high = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, '0');
    const v = Number.parseInt(signature.slice(130), 16);
    for (const wrong of [
      `${signature.slice(0, 66)}${high}${(55 - v).toString(16)}`,
      `${signature.slice(0, 130)}0${v - 27}`,
      `${signature}00`,
      signature.slice(0, 130),
      '0x',
    ]) {
      const response = await buyer.call({ ...payload, voucher: { ...payload.voucher, signature: wrong } }, { body });
      expect(await reasonOf(response)).toContain('voucher_signature');
    }
    expect(ledger.channel(channel.id)).toMatchObject({ charged: price, max: price });
  });
});

describe('a voucher of another', () => {
  it('payee, authorizer, token, delay, network or signer is refused and nothing is kept (A-034)', async () => {
    const { people, addresses } = market;
    const known = ledger.counts();
    const stranger = people.stranger.address;
    for (const changes of [
      { receiver: stranger },
      { receiverAuthorizer: stranger },
      { token: addresses.licenses },
      { withdrawDelay: 901 },
    ]) {
      const channel = buyer.open(changes);
      const response = await buyer.call(buyer.deposit(channel, 2_000n, price), { body });
      expect(response.status).toBe(402);
      expect(await reasonOf(response)).toMatch(/mismatch$/);
    }
    const channel = buyer.open();
    const unfunded = await buyer.call(buyer.voucher(channel, price), { body });
    expect(await reasonOf(unfunded)).toContain('channel_not_found');
    const forged = await buyer.call(buyer.voucher(channel, price, people.stranger.key), { body });
    expect(await reasonOf(forged)).toContain('voucher_signature');
    const foreign = { ...buyer.voucher(channel, price), channelConfig: buyer.open().config };
    expect(await reasonOf(await buyer.call(foreign, { body }))).toContain('channel_id_mismatch');
    for (const accepted of [
      { network: 'eip155:1' },
      { network: 'eip155:031337' },
      { asset: addresses.licenses },
      { payTo: stranger },
      { scheme: 'exact' },
      { amount: '0200' },
    ]) {
      const response = await buyer.call(buyer.voucher(channel, price), { body, accepted });
      expect(await reasonOf(response)).toBe('invalid_payment_requirements');
    }
    expect(ledger.counts()).toEqual(known);
  });

  it('channel of the same payer pays nothing here (A-033)', async () => {
    const [one, two] = [await open(), await open()];
    const crossed = { ...buyer.voucher(one, 2n * price), channelConfig: two.config };
    expect((await buyer.call(crossed, { body })).status).toBe(402);
    expect((await buyer.call(buyer.voucher(one, 2n * price), { body })).status).toBe(200);
    expect([chargedOf(one.id), chargedOf(two.id)]).toEqual([2n * price, price]);
  });
});

describe('a deposit', () => {
  it('of ten calls serves ten of 20 that are sent at once, again and again (A-032, A-035)', async () => {
    const channel = await open();
    let served = 1;
    const all = Array.from({ length: 20 }, (_, i) => BigInt(i + 1) * price).sort(() => Math.random() - 0.5);
    for (let round = 0; round < 20 && served < 10; round++) {
      const statuses = await statusesOf(all.map((max) => buyer.call(buyer.voucher(channel, max), { body })));
      served += statuses.filter((status) => status === 200).length;
    }
    expect(served).toBe(10);
    const beyond = await buyer.call(buyer.voucher(channel, 11n * price), { body });
    expect(await reasonOf(beyond)).toContain('cumulative_exceeds_balance');
    expect(ledger.channel(channel.id)).toMatchObject({ charged: 10n * price, max: 10n * price, balance: 10n * price });
  });

  it('sent 20 times at once costs the seller one transaction and serves one call (A-030)', async () => {
    const channel = buyer.open();
    const payload = buyer.deposit(channel, 10n * price, price);
    const statuses = await statusesOf(Array.from({ length: 20 }, () => buyer.call(payload, { body })));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(depositsOf(channel.id)).toHaveLength(1);
    expect(ledger.channel(channel.id)).toMatchObject({ balance: 10n * price, charged: price });
  });

  it('below ten calls, out of time or by another key is refused before it costs anything', async () => {
    const channel = buyer.open();
    const small = await buyer.call(buyer.deposit(channel, 10n * price - 1n, price), { body });
    expect(await reasonOf(small)).toContain('deposit_below_min_deposit');
    const foreign = createSigner(market, 'stranger').deposit(channel, 2_000n, price);
    const forged = { ...foreign, voucher: buyer.voucher(channel, price).voucher };
    expect(await reasonOf(await buyer.call(forged, { body }))).toContain('receive_authorization_signature');
    const late = buyer.deposit(channel, 2_000n, price);
    late.deposit.authorization.erc3009Authorization.validBefore = `${Math.floor(Date.now() / 1_000) + 10}`;
    expect(await reasonOf(await buyer.call(late, { body }))).toContain('valid_before');
    expect(depositsOf(channel.id)).toEqual([]);
  });

  it('that somebody else submitted first is in the channel and pays (A-012)', async () => {
    const { addresses } = market;
    const stranger = await market.connect('stranger');
    let thefts = 0;
    const payer = createBuyer(market, {
      policy: { maxPerCall: 10_000n, maxDeposit: 3_000n },
      async fetch(url, init) {
        const header = new Headers(init?.headers).get(X402.headers.signature);
        const payload = header === null ? undefined : X402.parsePayment(header).payload;
        if (payload?.type === 'deposit') {
          await race(payload);
          thefts++;
        }
        return fetch(url, init);
      },
    });
    async function race({ channelConfig, deposit }: X402.DepositPayload): Promise<void> {
      const { validAfter, validBefore, salt, signature } = deposit.authorization.erc3009Authorization;
      const data = encodeAbiParameters(
        [{ type: 'uint256' }, { type: 'uint256' }, { type: 'uint256' }, { type: 'bytes' }],
        [validAfter, validBefore, BigInt(salt), signature],
      );
      await send(stranger, {
        address: addresses.settlement,
        abi: channelsAbi,
        functionName: 'deposit',
        args: [channelConfig, deposit.amount, addresses.erc3009Collector, data],
      });
      // What others have sent counts once it is final.
      await market.client.request({ method: 'anvil_mine', params: ['0x50'] } as never);
    }
    const paid = await payer.fetch(`${market.gateway.url}/v1/classify`, { method: 'POST', body });
    expect(paid.response.status).toBe(200);
    expect(thefts).toBe(1);
    const [account] = await payer.setup.store.all();
    expect(account).toMatchObject({ balance: 3_000n, charged: price });
  });
});

describe('a refund', () => {
  it('gives back what was not charged and ends the channel for good (A-007, C8)', async () => {
    const channel = await open();
    const before = await market.dollarsOf(buyer.address);
    expect((await buyer.refund(channel, price)).status).toBe(200);
    expect((await market.dollarsOf(buyer.address)) - before).toBe(9n * price);
    const again = await buyer.call(buyer.voucher(channel, 2n * price), { body });
    expect(await reasonOf(again)).toContain('channel_not_found');
    const refilled = await buyer.call(buyer.deposit(channel, 10n * price, 2n * price), { body });
    expect(await reasonOf(refilled)).toContain('channel_not_found');
    expect(depositsOf(channel.id)).toHaveLength(1);
    expect(ledger.channel(channel.id)).toMatchObject({ state: 'dead', charged: price });
  });

  it('is only for the total that was charged, by the payer, and while nothing is served', async () => {
    const channel = await open();
    const wrong = await buyer.refund(channel, 2n * price);
    expect(await reasonOf(wrong)).toContain('cumulative_amount_mismatch');
    const forged = { ...buyer.voucher(channel, price), type: 'refund' };
    forged.voucher.signature = sign(`0x${'11'.repeat(32)}`, market.people.stranger.key);
    const stolen = await fetch(`${market.gateway.url}/v1/refund`, {
      method: 'POST',
      headers: { [X402.headers.signature]: buyer.header(forged) },
    });
    expect(stolen.status).toBe(409);
    const runs = gate.runs();
    const running = buyer.call(buyer.voucher(channel, 2n * price), { body: digit('gated') });
    await expect.poll(gate.runs).toBe(runs + 1);
    const early = await buyer.refund(channel, price);
    expect(await early.json()).toMatchObject({ status: 409, code: 'payment.refund_busy' });
    gate.open();
    expect((await running).status).toBe(200);
    expect(ledger.channel(channel.id)).toMatchObject({ state: 'open', charged: 2n * price });
  });
});

describe('C8', () => {
  it('a payer that leaves by itself is served no more from the moment that the chain says so, and no deposit of it is taken (C8)', async () => {
    const channel = await open();
    const settlement = { address: market.addresses.settlement, abi: channelsAbi } as const;
    await send(await market.connect('buyer'), {
      ...settlement,
      functionName: 'initiateWithdraw',
      args: [channel.config, 9n * price],
    });
    await expect.poll(() => ledger.channel(channel.id)?.state, { timeout: 10_000 }).toBe('leaving');
    const refused = await buyer.call(buyer.voucher(channel, 2n * price), { body });
    expect(await reasonOf(refused)).toContain('channel_not_found');
    const refilled = await buyer.call(buyer.deposit(channel, 10n * price, 2n * price), { body });
    expect(await reasonOf(refilled)).toContain('channel_not_found');
    expect(depositsOf(channel.id)).toHaveLength(1);
    // What was served before is claimed at once, without the policy's patience.
    const claimed = async () =>
      (await market.client.readContract({ ...settlement, functionName: 'channels', args: [channel.id] }))[1];
    await expect.poll(claimed, { timeout: 10_000 }).toBe(price);
  });
});

it('a deposit that a reorganisation takes back is credit no more, and serves again when it is back (A-036)', async () => {
  const request = (method: string, ...params: unknown[]) =>
    market.client.request({ method, params } as never) as Promise<unknown>;
  const snapshot = await request('evm_snapshot');
  const channel = await open();
  expect((await buyer.call(buyer.voucher(channel, 2n * price), { body })).status).toBe(200);
  await request('evm_setAutomine', false);
  await request('evm_revert', snapshot);
  await expect.poll(() => ledger.channel(channel.id)?.balance, { timeout: 10_000 }).toBe(0n);
  const refused = await buyer.call(buyer.voucher(channel, 3n * price), { body });
  expect(await reasonOf(refused)).toContain('cumulative_exceeds_balance');
  // The settler puts the same signed transaction on chain again, and nothing that was signed is lost.
  await request('evm_setAutomine', true);
  await request('anvil_mine', '0x1');
  await expect.poll(() => ledger.channel(channel.id)?.balance, { timeout: 20_000 }).toBe(10n * price);
  expect(ledger.channel(channel.id)).toMatchObject({ charged: 2n * price, max: 2n * price, state: 'open' });
  expect((await buyer.call(buyer.voucher(channel, 3n * price), { body })).status).toBe(200);
});
