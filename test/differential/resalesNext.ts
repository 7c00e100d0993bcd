/** Calls of Resales worth trying, and of what its tokens depend on. */
import { type Address, type Hex, zeroAddress } from 'viem';
import * as Random from '../../src/internal/kernel/Random.ts';
import * as Terms from '../../src/license/Terms.ts';
import * as Licenses from './Licenses.ts';
import * as Signed from './LicensesSigned.ts';
import {
  type Given as AnyGiven,
  actor,
  by,
  type Call,
  type Choice,
  chance,
  choose,
  pick,
  type Weighted,
} from './Model.ts';
import type { Stage } from './openStage.ts';
import { digestOf, holderOf, type State, type Token, tokenIdOf } from './Resales.ts';
import * as Setting from './setUp.ts';

type Given = AnyGiven<State>;

export async function next(random: Random.Random, state: State, now: bigint, stage: Stage): Promise<Call> {
  const after = chance(random, 92) ? 1 + Random.below(random, 10) : pick(random, [50, 100, 1_000]);
  return { after, ...(await choose(choices, { random, state, now, stage })) };
}

const choices: readonly Weighted<State>[] = [
  [2, allow],
  [1, mint],
  [3, offer],
  [1, close],
  [10, buy],
  [3, buyWithAuthorization],
  [3, buyInRegistry],
  [3, issue],
  [2, renew],
  [10, resell],
  [4, revive],
  [1, cancel],
  [2, approve],
  [4, transfer],
];

const infer = 1;
const resellable = infer | (1 << 7);

/** Terms that can be sold on, the last two of which cannot become tokens. */
const menu: readonly (Pick<Terms.Terms, 'rights'> & Partial<Terms.Terms>)[] = [
  { rights: resellable, price: 1_000n, period: 100, resaleRoyaltyBps: 777, maxResales: 2 },
  { rights: resellable, price: 90_001n, period: 5_000, resaleRoyaltyBps: 5_000 },
  { rights: resellable, price: 999n, resaleRoyaltyBps: 1, maxResales: 255 },
  { rights: resellable, period: 60 },
  { rights: resellable, price: 3n, period: 400, resaleRoyaltyBps: 3_333, maxSupply: 3, maxResales: 1 },
  { rights: resellable, price: 10n, quota: 5n, period: 200, resaleRoyaltyBps: 100 },
  { rights: resellable, price: 2n ** 96n, resaleRoyaltyBps: 100 },
  { rights: infer, price: 5n, period: 60 },
];

function fresh({ random, state, stage }: Given): Terms.Terms {
  const asset = pick(random, [...state.licenses.owners.keys()]);
  const { prices } = Setting;
  return Terms.from({ asset, version: 1, currency: stage.addresses.token, prices, ...pick(random, menu) });
}

function offered(given: Given): Terms.Terms {
  const all = [...given.state.licenses.offerings.values()];
  return all.length === 0 || chance(given.random, 4) ? fresh(given) : pick(given.random, all).terms;
}

function offer(given: Given): Choice {
  const terms = fresh(given);
  return by(given.state.licenses.owners.get(terms.asset) as Address, 'Licenses.offer', [terms, Setting.prices]);
}

function close(given: Given): Choice {
  const terms = offered(given);
  return by(given.state.licenses.owners.get(terms.asset) as Address, 'Licenses.close', [terms]);
}

function buy(given: Given): Choice {
  return by(actor(given).address, 'Resales.buy', fullArgs(given));
}

/** Terms, recipient and salt; few salts, so that a token is often bought twice. */
function fullArgs(given: Given): [Terms.Terms, Address, Hex] {
  const recipient = chance(given.random, 97) ? actor(given).address : zeroAddress;
  return [offered(given), recipient, Setting.rootOf(Random.below(given.random, 4))];
}

async function buyWithAuthorization(given: Given): Promise<Choice> {
  const { random, now, stage } = given;
  const [terms, recipient, salt] = fullArgs(given);
  const payer = actor(given);
  const payment = {
    from: payer.address,
    validAfter: 0n,
    validBefore: chance(random, 95) ? now + 1_000_000n : now,
    salt: Setting.rootOf(Random.below(random, 20)),
  };
  const holder = holderOf(stage, tokenIdOf(stage, terms, recipient, salt));
  const bound = { ...payment, termsId: Licenses.idOf(stage, terms), holder, price: terms.price };
  const signer = chance(random, 93) ? payer : actor(given);
  const authorization = { ...payment, signature: await signer.sign({ hash: Signed.paymentDigest(stage, bound) }) };
  // Whoever saw it may bring it to the registry instead.
  if (chance(random, 30)) {
    return by(actor(given).address, 'Licenses.buyWithAuthorization', [terms, holder, authorization, '0x']);
  }
  return by(actor(given).address, 'Resales.buyWithAuthorization', [terms, recipient, salt, authorization]);
}

/** The licence first, the token by `issue` afterwards. */
function buyInRegistry(given: Given): Choice {
  const [terms, recipient, salt] = fullArgs(given);
  const holder = holderOf(given.stage, tokenIdOf(given.stage, terms, recipient, salt));
  return by(actor(given).address, 'Licenses.buy', [terms, holder, '0x']);
}

function issue(given: Given): Choice {
  return by(actor(given).address, 'Resales.issue', fullArgs(given));
}

function renew(given: Given): Choice {
  const { id, token } = one(given);
  return by(actor(given).address, 'Licenses.buy', [token?.terms ?? fresh(given), holderOf(given.stage, id), '0x']);
}

async function resell(given: Given): Promise<Choice> {
  const { random, now, stage } = given;
  const { id, token } = one(given);
  const price = token?.terms.price ?? 1n;
  const sale = {
    tokenId: id,
    price: pick(random, [0n, price / 2n, price, price * 2n, BigInt(Random.below(random, 200_000))]),
    nonce: (token?.nonce ?? 0) + (chance(random, 92) ? 0 : 1),
    validUntil: Number(now) + (chance(random, 92) ? 10_000 : 0),
  };
  const owner = stage.actors.find(({ address }) => address === token?.owner) ?? actor(given);
  const signer = chance(random, 93) ? owner : actor(given);
  const signature = await signer.sign({ hash: digestOf(stage, sale) });
  const recipient = chance(random, 96) ? actor(given).address : zeroAddress;
  return by(actor(given).address, 'Resales.resell', [sale, signature, recipient]);
}

function revive(given: Given): Choice {
  const { id } = one(given, ({ isInert }) => isInert);
  return by(actor(given).address, 'Resales.revive', [id]);
}

function cancel(given: Given): Choice {
  const { id, token } = one(given);
  return by(usual(given, token), 'Resales.cancel', [id]);
}

function approve(given: Given): Choice {
  const { id, token } = one(given);
  return by(usual(given, token), 'Resales.approve', [actor(given).address, id]);
}

function transfer(given: Given): Choice {
  const { id, token } = one(given);
  const { random } = given;
  const from = token && chance(random, 92) ? token.owner : actor(given).address;
  const caller = token && chance(random, 30) ? token.approved : usual(given, token);
  const to = chance(random, 95) ? actor(given).address : zeroAddress;
  return by(caller === zeroAddress ? from : caller, 'Resales.transferFrom', [from, to, id]);
}

function mint(given: Given): Choice {
  return by(actor(given).address, 'TestDollar.mint', [actor(given).address, 1_000_000n]);
}

function allow(given: Given): Choice {
  const amount = pick(given.random, [0n, 500n, 2_000_000n, 5_000_000n]);
  const { resales, licenses } = given.stage.addresses;
  const spender = chance(given.random, 80) ? resales : licenses;
  return by(actor(given).address, 'TestDollar.approve', [spender, amount]);
}

/** A token, more often one that is wanted. */
function one(given: Given, isWanted: (token: Token) => boolean = () => true) {
  const { random, state } = given;
  const all = [...state.tokens].map(([id, token]) => ({ id, token }));
  const wanted = all.filter(({ token }) => isWanted(token));
  if (wanted.length !== 0 && chance(random, 80)) return pick(random, wanted);
  if (all.length !== 0 && chance(random, 95)) return pick(random, all);
  return { id: tokenIdOf(given.stage, ...fullArgs(given)), token: undefined };
}

function usual(given: Given, token: Token | undefined): Address {
  return token && chance(given.random, 85) ? token.owner : actor(given).address;
}
