/**
 * Reference model of Resales, on top of the one of Licenses: a token has one owner, and its licence belongs to an account
 * that follows from its number.
 */
import {
  type Address,
  encodeAbiParameters,
  getAddress,
  type Hex,
  hashTypedData,
  keccak256,
  recoverAddress,
  zeroAddress,
} from 'viem';
import { type Sale, typedData } from '../../src/license/Sale.ts';
import type { Terms } from '../../src/license/Terms.ts';
import * as Dollars from './Dollars.ts';
import * as Licenses from './Licenses.ts';
import type { Authorization } from './LicensesSigned.ts';
import { type AtCall, actionOf, asking, type Call, type Model, must, text, type View } from './Model.ts';
import type { Stage } from './openStage.ts';
import { next } from './resalesNext.ts';

export type Token = {
  readonly owner: Address;
  readonly approved: Address;
  readonly terms: Terms;
  readonly nonce: number;
  readonly resales: number;
  readonly isInert: boolean;
};

export type State = {
  readonly licenses: Licenses.State;
  readonly tokens: Map<bigint, Token>;
  /** The terms that tokens were made of. */
  readonly registered: Set<Hex>;
};

const resell = 1 << 7;

/** Rules that a test turns over to see that the difference is found. */
export const rules = {
  /** The royalty is on the price of the sale or of one period, whichever is higher. */
  royaltyOn: (sale: bigint, period: bigint) => (sale > period ? sale : period),
};

const licenses = Licenses.create();

export function create(changed: Partial<typeof rules> = {}): Model<State> {
  const the = { ...rules, ...changed };
  return { name: 'Resales', begin, next, views, call: (...given) => call(the, ...given) };
}

async function begin(stage: Stage): Promise<State> {
  const state = await licenses.begin(stage);
  return { licenses: state, tokens: new Map(), registered: new Set() };
}

type At = AtCall<typeof rules, State>;

async function call(the: typeof rules, state: State, given: Call, now: bigint, stage: Stage) {
  if (!given.functionName.startsWith('Resales.')) return await licenses.call(state.licenses, given, now, stage);
  const at: At = { the, state, now, stage, events: [] };
  await actionOf(actions, given)(at, given.from, given.args as never);
  return at.events;
}

const actions: Readonly<Record<string, (at: At, from: Address, args: never) => void | Promise<void>>> = {
  'Resales.buy': (at, payer, [terms, recipient, salt]: [Terms, Address, Hex]) => {
    const { state, now, stage, events } = at;
    const tokenId = mint(at, terms, recipient, salt, payer);
    Licenses.grant(
      { the: Licenses.rules, state: state.licenses, now, stage, events },
      terms,
      holderOf(stage, tokenId),
      stage.addresses.resales,
    );
    spend(at, payer, stage.payoutOf(terms.asset), terms.price);
  },
  'Resales.buyWithAuthorization': async (
    at,
    from,
    [terms, recipient, salt, authorization]: [Terms, Address, Hex, Authorization],
  ) => {
    const { state, now, stage } = at;
    const tokenId = tokenIdOf(stage, terms, recipient, salt);
    const wasBought = isBought(at, terms, tokenId);
    mint(at, terms, recipient, salt, wasBought ? zeroAddress : authorization.from);
    if (wasBought) return;
    const args = [terms, holderOf(stage, tokenId), authorization, '0x'];
    const purchase: Call = { after: 0, from, functionName: 'Licenses.buyWithAuthorization', args };
    at.events.push(...(await licenses.call(state.licenses, purchase, now, stage)));
  },
  'Resales.issue': (at, _from, [terms, recipient, salt]: [Terms, Address, Hex]) => {
    const tokenId = mint(at, terms, recipient, salt, zeroAddress);
    must(isBought(at, terms, tokenId), 'Resales_NotBought', tokenId);
  },
  'Resales.resell': async (at, buyer, [sale, signature, recipient]: [Sale, Hex, Address]) => {
    const { the, now, stage } = at;
    const { tokenId, price } = sale;
    const token = tokenOf(at, tokenId);
    must(!token.isInert, 'Resales_Inert', tokenId);
    must(token.nonce === sale.nonce, 'Resales_WrongNonce', tokenId, token.nonce, sale.nonce);
    must(now <= BigInt(sale.validUntil), 'Resales_Expired', tokenId, sale.validUntil);
    const royalty = royaltyOf(token.terms, the.royaltyOn(price, token.terms.price));
    must(royalty <= price, 'Resales_BelowRoyalty', tokenId, price, royalty);
    const signer = await recoverAddress({ hash: digestOf(stage, sale), signature });
    must(text(signer) === text(token.owner), 'Resales_InvalidSignature', tokenId, token.owner);
    const seller = token.owner;
    transfer(at, tokenId, recipient);
    count(at, tokenId);
    emit(at, 'Resell', { tokenId, seller, recipient, buyer, price, royalty });
    spend(at, buyer, stage.payoutOf(token.terms.asset), royalty);
    spend(at, buyer, seller, price - royalty);
  },
  'Resales.revive': (at, payer, [tokenId]: [bigint]) => {
    const { terms, isInert } = tokenOf(at, tokenId);
    must(isInert, 'Resales_NotInert', tokenId);
    const royalty = royaltyOf(terms, terms.price);
    count(at, tokenId);
    emit(at, 'Revive', { tokenId, payer, royalty });
    spend(at, payer, at.stage.payoutOf(terms.asset), royalty);
  },
  'Resales.cancel': (at, from, [tokenId]: [bigint]) => {
    const token = at.state.tokens.get(tokenId);
    must(token?.owner === from, 'Resales_NotOwner', tokenId, from);
    const nonce = (token as Token).nonce + 1;
    at.state.tokens.set(tokenId, { ...(token as Token), nonce });
    emit(at, 'Cancel', { tokenId, nonce });
  },
  'Resales.approve': (at, from, [account, id]: [Address, bigint]) => {
    const token = at.state.tokens.get(id);
    must(token !== undefined, 'TokenDoesNotExist');
    must(token.owner === from, 'NotOwnerNorApproved');
    at.state.tokens.set(id, { ...token, approved: account });
    emit(at, 'Approval', { owner: from, account, id });
  },
  'Resales.transferFrom': (at, caller, [from, to, id]: [Address, Address, bigint]) => {
    const token = at.state.tokens.get(id);
    must(token !== undefined, 'TokenDoesNotExist');
    must(token.owner === from, 'TransferFromIncorrectOwner');
    must(caller === from || caller === token.approved, 'NotOwnerNorApproved');
    transfer(at, id, to);
  },
};

/** Makes a token; of terms that allow it, and once. */
function mint(at: At, terms: Terms, recipient: Address, salt: Hex, payer: Address): bigint {
  const { state, stage } = at;
  must(recipient !== zeroAddress, 'Resales_NoRecipient');
  const termsId = Licenses.idOf(stage, terms);
  const tokenId = tokenIdOf(stage, terms, recipient, salt);
  if (!state.registered.has(termsId)) {
    must((terms.rights & resell) !== 0, 'Resales_NotResellable', termsId);
    must(terms.price < 2n ** 96n, 'Resales_PriceTooHigh', terms.price);
    state.registered.add(termsId);
    const { asset, currency, price } = terms;
    emit(at, 'Register', { termsId, asset, payout: stage.payoutOf(asset), currency, price });
  }
  must(!state.tokens.has(tokenId), 'TokenAlreadyExists');
  const fresh = { approved: zeroAddress, terms, nonce: 0, resales: 0, isInert: false };
  state.tokens.set(tokenId, { ...fresh, owner: recipient });
  emit(at, 'Transfer', { from: zeroAddress, to: recipient, id: tokenId });
  emit(at, 'Buy', { tokenId, termsId, recipient, payer });
  return tokenId;
}

/** Every transfer voids what the owner signed, and the licence is of no use until the royalty is paid. */
function transfer(at: At, id: bigint, to: Address): void {
  const token = at.state.tokens.get(id) as Token;
  must(to !== zeroAddress, 'TransferToZeroAddress');
  at.state.tokens.set(id, { ...token, owner: to, approved: zeroAddress, nonce: token.nonce + 1, isInert: true });
  emit(at, 'Transfer', { from: token.owner, to, id });
}

/** A change of hands whose royalty is paid. */
function count(at: At, tokenId: bigint): void {
  const token = at.state.tokens.get(tokenId) as Token;
  const { maxResales } = token.terms;
  must(maxResales === 0 || token.resales < maxResales, 'Resales_TooManyResales', tokenId, maxResales);
  at.state.tokens.set(tokenId, { ...token, resales: Math.min(token.resales + 1, 255), isInert: false });
}

function spend({ state, stage }: At, from: Address, to: Address, amount: bigint): void {
  if (amount !== 0n) Dollars.spend(state.licenses.dollars, stage.addresses.resales, from, to, amount);
}

function emit({ events }: At, name: string, args: object): void {
  events.push({ eventName: `Resales.${name}`, args });
}

function tokenOf({ state }: At, tokenId: bigint): Token {
  const token = state.tokens.get(tokenId);
  must(token !== undefined, 'Resales_NoToken', tokenId);
  return token;
}

function isBought({ state, stage }: At, terms: Terms, tokenId: bigint): boolean {
  return Licenses.licenseOf(state.licenses, Licenses.idOf(stage, terms), holderOf(stage, tokenId)).end !== 0n;
}

function royaltyOf({ resaleRoyaltyBps }: Terms, price: bigint): bigint {
  return (price * BigInt(resaleRoyaltyBps)) / 10_000n;
}

export function tokenIdOf(stage: Stage, terms: Terms, recipient: Address, salt: Hex): bigint {
  const own = BigInt(keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'bytes32' }], [recipient, salt])));
  return ((BigInt(Licenses.idOf(stage, terms)) >> 96n) << 96n) | (own & (2n ** 96n - 1n));
}

/** The account that holds the licence of a token. */
export function holderOf({ addresses }: Stage, tokenId: bigint): Address {
  const types = [{ type: 'address' }, { type: 'uint256' }];
  return getAddress(`0x${keccak256(encodeAbiParameters(types, [addresses.resales, tokenId])).slice(26)}`);
}

export function digestOf({ addresses }: Stage, sale: Sale): Hex {
  return hashTypedData(typedData({ chainId: 31337, resales: addresses.resales }, sale));
}

function views(state: State, now: bigint, stage: Stage): readonly View[] {
  const ask = asking('Resales');
  const ofTokens = [...state.tokens].flatMap(([id, { owner, approved, terms, nonce, resales, isInert }]) => {
    const termsId = Licenses.idOf(stage, terms);
    const payout = stage.payoutOf(terms.asset);
    const { start, end } = Licenses.licenseOf(state.licenses, termsId, holderOf(stage, id));
    const runs = start <= now && now < end;
    return [
      ask('ownerOf', [id], owner),
      ask('getApproved', [id], approved),
      ask('stateOf', [id], { nonce, resales, isInert }),
      ask('expiresAt', [id], end),
      ask('royaltyInfo', [id, 12_345n], [payout, royaltyOf(terms, 12_345n)]),
      ask('rulesOf', [id], {
        termsId,
        payout,
        price: terms.price,
        currency: terms.currency,
        royaltyBps: terms.resaleRoyaltyBps,
        maxResales: terms.maxResales,
      }),
      ...stage.actors.map(({ address }) =>
        ask('isValid', [id, address], text(address) === text(owner) && !isInert && runs),
      ),
    ];
  });
  return [...ofTokens, ...licenses.views(state.licenses, now, stage)];
}
