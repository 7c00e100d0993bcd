import type { Abi, ContractErrorArgs, ContractErrorName } from 'viem';
import type * as contracts from './abi/index.ts';
import { account, count, dollars, duration, id, label, payee, percent, plain, time } from './Words.ts';

type Parameters<args> = args extends readonly unknown[] ? [...args] : [];

/** One sentence for every error of a contract. An error without one does not compile. */
type Rows<abi extends Abi> = {
  readonly [name in ContractErrorName<abi>]: (...args: Parameters<ContractErrorArgs<abi, name>>) => string;
};

const assets: Rows<typeof contracts.assetsAbi> = {
  Assets_AlreadyPublished: (asset) => `You have published this already, as asset ${id(asset)}.`,
  Assets_Attaching: (asset) =>
    `Attachments of asset ${id(asset)} are being carried out. Do this in a transaction of its own.`,
  Assets_EmptyRoot: () => 'The content has no manifest root.',
  Assets_NotAuthorized: (asset, caller) => `${account(caller)} may not do this for asset ${id(asset)}.`,
  Assets_NotOwner: (asset, caller) => `${account(caller)} does not own asset ${id(asset)}.`,
  Assets_OwnerChanged: (asset, owner) => `Asset ${id(asset)} changed its owner to ${account(owner)} in between.`,
  Assets_TooManyAttachments: (given, max) => `${count(given, 'attachment')} were given; at most ${max} are allowed.`,
  Assets_UnknownPowers: (powers) => `The powers ${powers} include one that does not exist.`,
  Assets_UriLength: (length, max) =>
    `The address of the description has ${count(length, 'byte')}; 1 to ${max} are allowed.`,
  ERC721IncorrectOwner: (_sender, asset, owner) => `Asset ${id(asset)} belongs to ${account(owner)}.`,
  ERC721InsufficientApproval: (operator, asset) => `${account(operator)} may not transfer asset ${id(asset)}.`,
  ERC721InvalidApprover: (approver) => `${account(approver)} may not approve a transfer of this asset.`,
  ERC721InvalidOperator: (operator) => `${account(operator)} cannot be an operator.`,
  ERC721InvalidOwner: (owner) => `${account(owner)} cannot own assets.`,
  ERC721InvalidReceiver: (receiver) => `${account(receiver)} cannot receive assets.`,
  ERC721InvalidSender: (sender) => `${account(sender)} cannot send this asset.`,
  ERC721NonexistentToken: (asset) => `There is no asset ${id(asset)}.`,
  StringsInsufficientHexLength: () => 'A number is too long to be written.',
};

const payments: Rows<typeof contracts.channelsAbi> &
  Rows<typeof contracts.erc3009CollectorAbi> &
  Rows<typeof contracts.allowanceCollectorAbi> = {
  AddressEmptyCode: (target) => `There is no contract at ${account(target)}.`,
  AllowanceCollector_Expired: (deadline) => `The deposit authorisation ended at ${time(deadline)}.`,
  AllowanceCollector_InvalidSignature: (payer) => `The deposit authorisation is not signed by ${account(payer)}.`,
  AllowanceCollector_NonceUsed: (payer, nonce) =>
    `${account(payer)} has used or revoked deposit authorisation ${nonce}.`,
  ClaimExceedsBalance: () => 'The claim is higher than what was deposited.',
  ClaimExceedsCeiling: () => 'The claim is higher than the voucher allows.',
  DepositCollectionFailed: () => 'The deposit did not arrive in full.',
  DepositOverflow: () => 'The channel would hold more than it can count.',
  ECDSAInvalidSignature: () => 'The signature is not valid.',
  ECDSAInvalidSignatureLength: (length) => `A signature of ${count(length, 'byte')} is not valid; it has 65.`,
  ECDSAInvalidSignatureS: () => 'The signature is not in its one allowed form.',
  EmptyBatch: () => 'There is nothing to claim in an empty list.',
  FailedCall: () => 'A call inside the transaction failed.',
  InvalidChannel: () => 'The terms of the channel are incomplete, or you are not its payer.',
  InvalidCollector: () => 'The deposit names no collector.',
  InvalidRefundNonce: () => 'The refund was signed for another position in the sequence of refunds.',
  InvalidShortString: () => 'A name of the contract is too long.',
  InvalidSignature: () => 'The signature is not of the account that must sign.',
  InvalidX402BatchSettlementAddress: () => 'The collector names no settlement contract.',
  NotAuthorizedToClaim: () => 'Only the receiver of the channel and its authorizer may claim.',
  NotAuthorizedToFinalizeWithdraw: () => 'Only the payer of the channel and its authorizer may finish a withdrawal.',
  NotAuthorizedToRefund: () => 'Only the receiver of the channel and its authorizer may refund.',
  NotReceiverAuthorizer: () => 'The vouchers of one signed claim must have the same authorizer.',
  NothingToWithdraw: () => 'There is nothing to withdraw.',
  OnlyX402BatchSettlement: () => 'Only the settlement contract may collect deposits.',
  ReentrancyGuardReentrantCall: () => 'The contract was called again before it had finished.',
  SafeERC20FailedOperation: (token) => `Token ${account(token)} refused the transfer.`,
  StringTooLong: () => 'A name of the contract is too long.',
  WithdrawAmountExceedsAvailable: () => 'The withdrawal is higher than what is unclaimed.',
  WithdrawDelayNotElapsed: () => 'The withdrawal was announced too recently.',
  WithdrawDelayOutOfRange: () => 'The withdrawal delay must be between 15 minutes and 30 days.',
  WithdrawalAlreadyPending: () => 'A withdrawal of this channel is announced already.',
  WithdrawalNotPending: () => 'No withdrawal of this channel is announced.',
  ZeroDeposit: () => 'The deposit is zero.',
  ZeroRefund: () => 'The refund is zero.',
};

const authorizers: Rows<typeof contracts.authorizersAbi> = {
  Authorizers_ImplementationWithoutCode: (implementation) => `There is no contract at ${account(implementation)}.`,
  Authorizers_ZeroSeller: () => 'No seller is named.',
  CloneArgumentsTooLong: () => 'The arguments of the new contract are too long.',
  Create2EmptyBytecode: () => 'The new contract has no code.',
  FailedDeployment: () => 'The contract could not be deployed.',
  InsufficientBalance: (balance, needed) => `The contract has ${balance} wei and needs ${needed}.`,
};

const escrows: Rows<typeof contracts.escrowsAbi> = {
  Escrows_Overdrawn: (_account, held, amount) => `The escrow account holds ${dollars(held)}, not ${dollars(amount)}.`,
  Escrows_WrongAmount: (_token, expected, arrived) => `${dollars(expected)} were due and ${dollars(arrived)} arrived.`,
  ReentrancyGuardReentrantCall: payments.ReentrancyGuardReentrantCall,
  SafeERC20FailedOperation: payments.SafeERC20FailedOperation,
};

const licenses: Rows<typeof contracts.licensesAbi> = {
  Licenses_AlreadyForever: (_terms, holder) => `${account(holder)} holds this licence without end already.`,
  Licenses_CurrencyNotAllowed: (currency) => `Offers in token ${account(currency)} are not allowed.`,
  Licenses_ForeignAsset: (asset, offered) => `The terms are for asset ${id(offered)}, not for asset ${id(asset)}.`,
  Licenses_Incoherent: (field) => `The term ${label(field)} is out of bounds or contradicts another term.`,
  Licenses_InvalidSignature: (signer) => `The statement is not signed by ${account(signer)}.`,
  Licenses_LeaveTooEarly: (_terms, holder, leaveAt) =>
    leaveAt === 0n
      ? `${account(holder)} must announce first that it leaves.`
      : `${account(holder)} can leave at ${time(leaveAt)}.`,
  Licenses_Leaving: (_terms, holder) => `${account(holder)} is about to leave this licence.`,
  Licenses_LengthMismatch: (terms, prices) => `${count(terms, 'offer')} came with ${count(prices, 'price list')}.`,
  Licenses_NoRecipient: () => 'The licence names no holder.',
  Licenses_NoRights: () => 'The terms grant no right.',
  Licenses_NoTrial: (_terms, holder) => `${account(holder)} cannot try these terms, or not again.`,
  Licenses_NotAdmitted: (_terms, recipient) => `The terms do not admit ${account(recipient)}.`,
  Licenses_NotAssets: (caller) => `${account(caller)} is not the registry of assets.`,
  Licenses_NotAttaching: (asset, module) =>
    `${account(module)} is not carrying out instructions for asset ${id(asset)}.`,
  Licenses_NotAuthorized: (asset, caller) => `${account(caller)} may not make offers for asset ${id(asset)}.`,
  Licenses_NotEnforced: (field) => `The term ${label(field)} cannot be sold, because nothing enforces it yet.`,
  Licenses_NotEscrows: (caller) => `${account(caller)} is not the escrow.`,
  Licenses_NotLast: () => 'The seller has not said that no further call follows.',
  Licenses_NotOffered: () => 'These terms are not on offer, or no longer.',
  Licenses_NotRefundable: () => 'These terms have no refund, or no longer.',
  Licenses_NotRunning: (_terms, holder) => `${account(holder)} has no licence that runs.`,
  Licenses_NothingToRelease: () => 'No money has become final since the last time.',
  Licenses_OfferedBefore: (asset) => `Asset ${id(asset)} was offered before its limits were known.`,
  Licenses_OtherRun: (_terms, _holder, start, stated) =>
    `The statement is about the time since ${time(stated)}; the licence began at ${time(start)}.`,
  Licenses_PeriodTooLong: (_terms, _start, period) => `A period of ${duration(period)} is too long.`,
  Licenses_PricesMismatch: () => 'The prices are not those that the terms name.',
  Licenses_QuotaTooLarge: () => 'The licence would grant more calls than can be counted.',
  Licenses_Refundable: () => 'Terms with a refund cannot be paid by a contract in its own way.',
  Licenses_SoldOut: (_terms, maxSupply) => `All ${count(maxSupply, 'licence')} are sold.`,
  Licenses_UnknownDuties: (duties) => `The duties ${duties} include one that does not exist.`,
  Licenses_UnknownRights: (rights) => `The rights ${rights} include one that does not exist.`,
  Licenses_UnknownVersion: (asset, version) => `Asset ${id(asset)} has no version ${version}.`,
  Licenses_UsageAboveQuota: (_terms, _holder, granted, used) =>
    `${count(used, 'call')} were stated and ${granted} were bought.`,
  Licenses_UsageDecreased: (_terms, _holder, settled, used) =>
    `${count(used, 'call')} were stated, after ${settled} before.`,
  Licenses_Widens: (asset) => `The sources of asset ${id(asset)} do not permit such an offer.`,
  Licenses_WrongAmount: (_currency, expected, arrived) =>
    `${dollars(expected)} were due and ${dollars(arrived)} arrived.`,
  ReentrancyGuardReentrantCall: payments.ReentrancyGuardReentrantCall,
  SafeERC20FailedOperation: payments.SafeERC20FailedOperation,
};

const lineages: Rows<typeof contracts.lineagesAbi> = {
  Lineages_Attached: (asset) => `Asset ${id(asset)} has named what it was made from already.`,
  Lineages_NotAssets: (caller) => `${account(caller)} is not the registry of assets.`,
  Lineages_NotLicensed: (parent, _terms, publisher) =>
    `${account(publisher)} holds no valid licence of asset ${id(parent)} under these terms.`,
  Lineages_NotPublication: (asset) => `Asset ${id(asset)} was published before; what it was made from is named then.`,
  Lineages_RightMissing: (parent) => `The licence of asset ${id(parent)} does not grant what this relation takes.`,
  Lineages_ShareTooSmall: (parent, share, least) =>
    `Asset ${id(parent)} would get ${percent(share)}; its licence demands ${percent(least)}.`,
  Lineages_SharesTooLarge: (sum, max) =>
    `The parents would get ${percent(sum)} together; at most ${percent(max)} is allowed.`,
  Lineages_UnsortedParent: (index) => `Parent ${index} is out of order: ids must ascend, each once.`,
  Lineages_WrongCount: (given, max) => `${count(given, 'parent')} were named; 1 to ${max} are allowed.`,
};

const logs: Rows<typeof contracts.logsAbi> = {
  ECDSAInvalidSignature: payments.ECDSAInvalidSignature,
  ECDSAInvalidSignatureLength: payments.ECDSAInvalidSignatureLength,
  ECDSAInvalidSignatureS: payments.ECDSAInvalidSignatureS,
  InvalidShortString: payments.InvalidShortString,
  Logs_ChangedRoot: () => 'A log that did not grow must keep its root.',
  Logs_EndedKey: (_seller, key, end) => `Receipt key ${account(key)} ended at ${time(end)} already.`,
  Logs_InvalidPeriod: (start, end) => `A key cannot be valid from ${time(start)} to ${time(end)}.`,
  Logs_InvalidSigner: (seller, signer) => `${account(signer)} is not a valid receipt key of ${account(seller)} now.`,
  Logs_KnownKey: (_seller, key) => `Receipt key ${account(key)} is registered already.`,
  Logs_ShrunkLog: (size, previous) => `A log of ${count(previous, 'receipt')} cannot shrink to ${size}.`,
  Logs_UnknownKey: (_seller, key) => `Receipt key ${account(key)} is not registered.`,
  Logs_WrongEpoch: (epoch, expected) => `Epoch ${epoch} was given; epoch ${expected} is next.`,
  Logs_ZeroKey: () => 'No key is named.',
  StringTooLong: payments.StringTooLong,
};

const policy: Rows<typeof contracts.policyAbi> = {
  OwnableInvalidOwner: (owner) => `${account(owner)} cannot be the owner.`,
  OwnableUnauthorizedAccount: (caller) => `${account(caller)} is not the owner.`,
  Policy_DuplicateParameter: (name) => `Parameter ${label(name)} is given twice.`,
  Policy_EmptyName: () => 'A parameter has no name.',
  Policy_FeeBoundTooHigh: (max, cap) => `The fee could reach ${percent(max)}; at most ${percent(cap)} is allowed.`,
  Policy_InvalidBounds: (name) => `The bounds of ${label(name)} exclude every value.`,
  Policy_NoTreasury: () => 'No treasury is named.',
  Policy_OutOfBounds: (name, value, min, max) =>
    `Parameter ${label(name)} cannot be ${value}: it must be between ${min} and ${max}.`,
  Policy_TokenWithoutCode: (token) => `There is no token at ${account(token)}.`,
  Policy_UnknownParameter: (name) => `There is no parameter ${label(name)}.`,
};

const resales: Rows<typeof contracts.resalesAbi> = {
  AccountBalanceOverflow: () => 'The account would own more licences than can be counted.',
  BalanceQueryForZeroAddress: () => 'Nobody owns no licences.',
  InvalidShortString: payments.InvalidShortString,
  NotOwnerNorApproved: () => 'Only the owner of the licence, and whom it allows, may transfer it.',
  ReentrancyGuardReentrantCall: payments.ReentrancyGuardReentrantCall,
  Resales_BelowRoyalty: (_token, price, royalty) =>
    `The price of ${dollars(price)} does not cover the royalty of ${dollars(royalty)}.`,
  Resales_Collision: () => 'Other terms have the number that licences under these terms would have.',
  Resales_Expired: (_token, validUntil) => `The sale was possible until ${time(validUntil)}.`,
  Resales_Inert: (token) => `Licence ${id(token)} was transferred, and the royalty is not paid yet.`,
  Resales_InvalidSignature: (_token, owner) => `The sale is not signed by ${account(owner)}.`,
  Resales_NoRecipient: licenses.Licenses_NoRecipient,
  Resales_NoToken: (token) => `There is no licence ${id(token)}.`,
  Resales_NotBought: (token) => `Licence ${id(token)} was not bought.`,
  Resales_NotInert: (token) => `Licence ${id(token)} owes no royalty.`,
  Resales_NotLicenses: (caller) => `${account(caller)} is not the registry of licences.`,
  Resales_NotOwner: (token, caller) => `${account(caller)} does not own licence ${id(token)}.`,
  Resales_NotResellable: () => 'Licences under these terms cannot be sold on.',
  Resales_PriceTooHigh: (price) => `A price of ${dollars(price)} is too high for licences that can be sold on.`,
  Resales_TooManyResales: (token, maxResales) =>
    `Licence ${id(token)} has changed hands ${count(maxResales, 'time')}, as often as it may.`,
  Resales_WrongNonce: () => 'The owner has voided this sale, or the licence has moved since.',
  SafeERC20FailedOperation: payments.SafeERC20FailedOperation,
  StringTooLong: payments.StringTooLong,
  StringsInsufficientHexLength: assets.StringsInsufficientHexLength,
  TokenAlreadyExists: () => 'This licence is sold already.',
  TokenDoesNotExist: () => 'There is no such licence.',
  TransferFromIncorrectOwner: () => 'The licence belongs to somebody else.',
  TransferToNonERC721ReceiverImplementer: () => 'The receiver cannot hold licences.',
  TransferToZeroAddress: () => 'The licence would belong to nobody.',
};

const testDollar: Rows<typeof contracts.testDollarAbi> = {
  ERC20InsufficientAllowance: (spender, allowance, needed) =>
    `${account(spender)} may spend ${dollars(allowance)} and needs ${dollars(needed)}.`,
  ERC20InsufficientBalance: (sender, balance, needed) =>
    `${account(sender)} has ${dollars(balance)} and needs ${dollars(needed)}.`,
  ERC20InvalidApprover: (approver) => `${account(approver)} cannot allow payments.`,
  ERC20InvalidReceiver: (receiver) => `${account(receiver)} cannot be paid.`,
  ERC20InvalidSender: (sender) => `${account(sender)} cannot pay.`,
  ERC20InvalidSpender: (spender) => `${account(spender)} cannot be allowed to spend.`,
  InvalidAccountNonce: (_owner, current) => `The permission was signed for another position; ${current} is next.`,
  InvalidShortString: payments.InvalidShortString,
  OwnableInvalidOwner: policy.OwnableInvalidOwner,
  OwnableUnauthorizedAccount: policy.OwnableUnauthorizedAccount,
  StringTooLong: payments.StringTooLong,
  TestDollar_AuthorizationUsedOrCanceled: (signer) =>
    `This payment authorisation of ${account(signer)} was used or cancelled.`,
  TestDollar_Blacklisted: (holder) => `The money of ${account(holder)} is frozen.`,
  TestDollar_CallerNotPayee: (caller, to) => `Only ${account(to)} may take this payment, not ${account(caller)}.`,
  TestDollar_Expired: (end) => `The authorisation ended at ${time(end)}.`,
  TestDollar_InvalidSignature: (signer) => `The authorisation is not signed by ${account(signer)}.`,
  TestDollar_NotLocalChain: () => 'Practice money exists on local chains only.',
  TestDollar_NotYetValid: (start) => `The authorisation is not valid before ${time(start)}.`,
  TestDollar_Paused: () => 'Payments are stopped for now.',
};

const vaults: Rows<typeof contracts.vaultsAbi> & Rows<typeof contracts.vaultAbi> = {
  AddressEmptyCode: payments.AddressEmptyCode,
  ECDSAInvalidSignature: payments.ECDSAInvalidSignature,
  ECDSAInvalidSignatureLength: payments.ECDSAInvalidSignatureLength,
  ECDSAInvalidSignatureS: payments.ECDSAInvalidSignatureS,
  FailedCall: payments.FailedCall,
  FailedDeployment: authorizers.FailedDeployment,
  InsufficientBalance: authorizers.InsufficientBalance,
  Receipts_LongPath: (length, limit) =>
    `The proof of the receipt has ${count(length, 'step')}; at most ${limit} are allowed.`,
  ReentrancyGuardReentrantCall: payments.ReentrancyGuardReentrantCall,
  SafeCastOverflowedUintDowncast: () => 'A number is too large.',
  SafeERC20FailedOperation: payments.SafeERC20FailedOperation,
  Vault_NotRegistry: (caller) => `${account(caller)} may not move what was earned here.`,
  Vaults_Bound: (asset) => `What asset ${id(asset)} passes on is fixed: it was published, or has earned, before.`,
  Vaults_CapReached: (_seller, key, _token, cap) =>
    `Key ${account(key)} may refund ${dollars(cap)} a day, and that is used up.`,
  Vaults_CircularPayee: (_index, to) =>
    `${account(to)} cannot have a share: the money would come back to where it is shared.`,
  Vaults_Configured: (of) => `The shares of ${payee(of)} are set already.`,
  Vaults_Insufficient: (of) => `Nothing that ${payee(of)} holds can be refunded now.`,
  Vaults_InvalidFloor: (floor, ceiling) =>
    `A least window of ${duration(floor)} is not between one second and ${duration(ceiling)}.`,
  Vaults_InvalidUpstream: (index, asset) => `Asset ${id(asset)}, number ${index}, cannot be passed a share.`,
  Vaults_InvalidSigner: (seller, signer) =>
    `${account(signer)} is not a receipt key of ${account(seller)} at that time.`,
  Vaults_ManyPayees: (given, limit) => `${count(given, 'share')} were given; at most ${limit} are allowed.`,
  Vaults_ManyTokens: (given, limit) => `${count(given, 'token')} were given; at most ${limit} are allowed.`,
  Vaults_NoCredit: (_split, index) => `Share ${index} has nothing to withdraw.`,
  Vaults_NoRow: (index) => `There is no share ${index} of this kind.`,
  Vaults_NotAnnounced: (of) =>
    `Somebody would get less of what ${payee(of)} earns. Announce it first, and do it after the dispute window.`,
  Vaults_NotAssets: (caller) => `${account(caller)} is not the registry of assets.`,
  Vaults_NotAttached: (asset, caller) => `${account(caller)} was not named by the owner of asset ${id(asset)}.`,
  Vaults_NotAuthorized: (of, caller) => `${account(caller)} may not do this for ${payee(of)}.`,
  Vaults_NotPayee: (caller, to) => `Only ${account(to)} may redirect its earnings, not ${account(caller)}.`,
  Vaults_OtherPayout: (payTo, payout) => `The receipt was paid to ${account(payTo)}, not to ${account(payout)}.`,
  Vaults_OtherSplit: (of) => `These are not the shares of ${payee(of)} that are in force.`,
  Vaults_OverPrice: (credit, price) => `${dollars(credit)} cannot be refunded for a call that cost ${dollars(price)}.`,
  Vaults_Refunded: (_receipt, credit, refunded) =>
    `${dollars(refunded)} were refunded already; ${dollars(credit)} in total adds nothing.`,
  Vaults_UnsortedPayee: (index) => `Share ${index} is out of order: addresses must ascend, each once.`,
  Vaults_WrongSum: (sum, whole) => `The shares sum to ${percent(sum)}; they must sum to ${percent(whole)}.`,
  Vaults_WrongWindow: (window, floor, ceiling) =>
    `A dispute window of ${duration(window)} is not between ${duration(floor)} and ${duration(ceiling)}.`,
  Vaults_ZeroAccount: () => 'No account is named.',
  Vaults_ZeroShare: (index) => `Share ${index} is zero.`,
};

/** What the language itself and nodes say. */
const language = {
  Error: (reason: string) => `The contract refused: ${plain(reason)}.`,
  Panic: (code: bigint) => `The contract failed by itself (panic 0x${code.toString(16)}).`,
  Unknown: () => 'The contract refused without saying why.',
} as const;

const rows: Readonly<Record<string, (...args: never[]) => string>> = {
  ...assets,
  ...payments,
  ...authorizers,
  ...escrows,
  ...licenses,
  ...lineages,
  ...logs,
  ...policy,
  ...resales,
  ...testDollar,
  ...vaults,
  ...language,
};

/** Every error that can be explained. */
export const errorNames: readonly string[] = Object.keys(rows);

/** Says in one sentence why a contract refused. An error of somebody else's contract is named. */
export function explainError(errorName: string, args: readonly unknown[]): string {
  const row = Object.hasOwn(rows, errorName) ? rows[errorName] : undefined;
  return row ? row(...(args as never[])) : `The contract refused: ${plain(errorName)}.`;
}
