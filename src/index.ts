/**
 * Agorai: an open marketplace for AI. This entry runs in browsers and in Node; what needs a file system or a server is
 * under the subpaths `agorai/node`, `agorai/gateway`, `agorai/settler` and `agorai/audit`.
 */
export * as Addresses from './chain/Addresses.ts';
export * as Chain from './chain/Chain.ts';
export { createClient } from './chain/client.ts';
export { explain } from './chain/explain.ts';
export { send } from './chain/send.ts';
export * as Challenge from './infer/Challenge.ts';
export * as CreditNote from './infer/CreditNote.ts';
export { type Call, callModel } from './infer/callModel.ts';
export type { Evidence, ReceiptCheck } from './infer/Evidence.ts';
export * as FreeCall from './infer/FreeCall.ts';
export * as Quote from './infer/Quote.ts';
export * as Receipt from './infer/Receipt.ts';
export * as ReceiptLog from './infer/ReceiptLog.ts';
export { signFree } from './infer/signFree.ts';
export { type SignedIn, signIn } from './infer/signIn.ts';
export { type Streamed, streamModel } from './infer/streamModel.ts';
export * as Amount from './internal/Amount.ts';
export { BaseError } from './internal/Errors.ts';
export * as Merkle from './internal/Merkle.ts';
export { buyLicence } from './license/buyLicence.ts';
export { offerTerms } from './license/offerTerms.ts';
export * as Prices from './license/Prices.ts';
export * as Right from './license/Right.ts';
export { readLicence } from './license/readLicence.ts';
export { readOffers } from './license/readOffers.ts';
export * as Terms from './license/Terms.ts';
export * as Authorization from './pay/Authorization.ts';
export * as Channel from './pay/Channel.ts';
export * as ChannelStore from './pay/ChannelStore.ts';
export { createPayer, type Payer } from './pay/createPayer.ts';
export type { Paid, Policy, Setup, Wallet } from './pay/Payer.ts';
export * as Voucher from './pay/Voucher.ts';
export * as X402 from './pay/X402.ts';
export * as Asset from './publish/Asset.ts';
export * as Card from './publish/Card.ts';
export * as Manifest from './publish/Manifest.ts';
export { publishAsset } from './publish/publishAsset.ts';
export { readAssets } from './publish/readAssets.ts';
export { updateAsset } from './publish/updateAsset.ts';
export { credits } from './settle/credits.ts';
export { harvest } from './settle/harvest.ts';
export { mature } from './settle/mature.ts';
export * as Split from './settle/Split.ts';
export { withdraw } from './settle/withdraw.ts';
