// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Receipts } from "../libraries/Receipts.sol";
import { IAttachable } from "./IAttachable.sol";
import { IChannels } from "./IChannels.sol";
import { IPayouts } from "./IPayouts.sol";

/// @title IVaults
/// @notice Shares out the revenue of assets and sellers. An account is an asset id (at least 2^160) or a seller's
/// address as a number. Each account has a payout address that anyone can pay in any way. What is harvested from it
/// waits in time buckets for the dispute window of its split, from which refunds are paid, and then accrues to the
/// payees, who are paid on request. Amounts are token atoms, times are unix seconds, shares are basis points.
/// @dev Money harvested goes by the split in force at that moment with the owner of that moment: a later owner or a
/// later split has no part in it. There is no owner, no pause, and no list of allowed tokens or payees on any way out.
/// Tokens that change balances by themselves or take a fee for being sent harm those who use them and nobody else.
///
/// An asset that was made from others passes a share of all its revenue on to them, fixed when it is published, before
/// its payees share the rest; the protocol fee is part of that rest, so that no atom is charged twice on its way.
///
/// The seller's receipt keys decide about refunds until money has matured: payees who share with a seller trust it for
/// the length of the window.
interface IVaults is IPayouts, IAttachable {
    /*//////////////////////////////////////////////////////////////////////////
                                       TYPES
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice One who has a share.
    /// @param account The account to be paid; zero for whoever owns the vault's account at the harvest.
    /// @param bps Its share, in basis points.
    struct Payee {
        address account;
        uint16 bps;
    }

    /// @notice An asset that another one passes revenue on to.
    /// @param account The asset.
    /// @param bps Its share in all revenue of the other, in basis points.
    struct Upstream {
        uint256 account;
        uint16 bps;
    }

    /// @notice A change that was announced. One storage slot.
    /// @param sharesHash The first 27 bytes of keccak256(abi.encode(Payee[] payees, address treasury, uint16 feeBps)).
    /// @param usableFrom The second from which it can be configured, for 30 days.
    struct Announcement {
        bytes27 sharesHash;
        uint40 usableFrom;
    }

    /// @notice What is stored of a configuration. One storage slot.
    /// @param sharesHash The first 27 bytes of keccak256(abi.encode(Payee[] payees, address treasury, uint16 feeBps)). When
    /// the account passes revenue on, the first 27 bytes of keccak256(abi.encode(that, keccak256(abi.encode(Upstream[])))).
    /// @param window The seconds for which money waits; zero for an account never configured.
    struct Terms {
        bytes27 sharesHash;
        uint40 window;
    }

    /// @notice A split whose owner is resolved. Its identity is keccak256(abi.encode(sharesHash, owner, window)).
    /// @param upstream The assets that revenue is passed on to, ascending. They are the first rows.
    /// @param payees The payees, ascending by account, who share what is left. They are the next rows.
    /// @param owner The owner of the account at the harvest.
    /// @param treasury The receiver of the protocol fee, zero when there was none.
    /// @param feeBps The protocol fee when the split was configured.
    /// @param window The seconds for which money waits.
    struct Split {
        Upstream[] upstream;
        Payee[] payees;
        address owner;
        address treasury;
        uint16 feeBps;
        uint40 window;
    }

    /// @notice A receipt and what its seller gives back of it.
    /// @param receipt The receipt.
    /// @param path The siblings from the receipt to the root of its batch.
    /// @param batchSignature The signature of the batch.
    /// @param credit The atoms given back of this receipt so far, this note included.
    /// @param noteSignature The signature of the EIP-712 `CreditNote` of the receipt and the credit.
    struct Note {
        Receipts.Receipt receipt;
        bytes32[] path;
        bytes batchSignature;
        uint128 credit;
        bytes noteSignature;
    }

    /*//////////////////////////////////////////////////////////////////////////
                                       EVENTS
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice An asset passes revenue on to others, as part of each of its splits. A split configured before in the
    /// same transaction has this part from now on.
    /// @param account The asset.
    /// @param upstream The assets it passes revenue on to, and their shares.
    event Bind(uint256 indexed account, Upstream[] upstream);

    /// @notice A change of shares was announced, in place of any announced before.
    /// @param account The account.
    /// @param payees The payees to come.
    /// @param usableFrom The second from which it can be configured, for 30 days.
    event Announce(uint256 indexed account, Payee[] payees, uint40 usableFrom);

    /// @notice A payee handed its share in what is harvested from now on to another account.
    /// @param account The account whose revenue is shared.
    /// @param from The payee.
    /// @param to The new payee; zero for the owner.
    /// @param bps The share, in basis points of what the payees share.
    event Assign(uint256 indexed account, address indexed from, address indexed to, uint16 bps);

    /// @notice A split was configured, or the default taken when money first went by it. What the account passes on comes
    /// before it, see {Bind}.
    /// @param account The account.
    /// @param splitId The identity of the split while `owner` owns the account.
    /// @param owner The owner.
    /// @param payees The payees.
    /// @param treasury The receiver of the protocol fee, zero when there is none.
    /// @param feeBps The protocol fee.
    /// @param window The seconds for which money waits.
    event Configure(
        uint256 indexed account,
        bytes32 indexed splitId,
        address indexed owner,
        Payee[] payees,
        address treasury,
        uint16 feeBps,
        uint40 window
    );

    /// @notice Money was taken from a payout address into a bucket.
    /// @param account The account.
    /// @param token The token.
    /// @param splitId The split it will go by.
    /// @param amount The atoms received.
    /// @param bucketIndex The bucket.
    /// @param payout The payout address.
    event Harvest(
        uint256 indexed account,
        address indexed token,
        bytes32 indexed splitId,
        uint128 amount,
        uint40 bucketIndex,
        address payout
    );

    /// @notice Money left its buckets and accrued to the payees.
    /// @param account The account it came from.
    /// @param token The token.
    /// @param splitId The split.
    /// @param amount The atoms.
    event Mature(uint256 indexed account, address indexed token, bytes32 indexed splitId, uint128 amount);

    /// @notice A payee was paid.
    /// @param splitId The split.
    /// @param token The token.
    /// @param payee The payee.
    /// @param index Its row in the split.
    /// @param to The account that was paid.
    /// @param amount The atoms.
    event Withdraw(
        bytes32 indexed splitId, address indexed token, address indexed payee, uint256 index, address to, uint128 amount
    );

    /// @notice What an asset had for another one accrued to the payees of that one.
    /// @param splitId The split it came from.
    /// @param token The token.
    /// @param account The asset it was passed on to.
    /// @param into The split of that asset that it accrued to.
    /// @param index The row of the split it came from.
    /// @param amount The atoms.
    event Cascade(
        bytes32 indexed splitId,
        address indexed token,
        uint256 indexed account,
        bytes32 into,
        uint256 index,
        uint128 amount
    );

    /// @notice A payer got money back.
    /// @param receipt The struct hash of the receipt.
    /// @param account The account it came from.
    /// @param payer The payer.
    /// @param token The token.
    /// @param splitId The split whose buckets it came from.
    /// @param key The receipt key that signed the credit note.
    /// @param amount The atoms paid now.
    event Refund(
        bytes32 indexed receipt,
        uint256 indexed account,
        address indexed payer,
        address token,
        bytes32 splitId,
        address key,
        uint128 amount
    );

    /*//////////////////////////////////////////////////////////////////////////
                                       ERRORS
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice The dispute window that no configuration can go below is zero or above the ceiling.
    error Vaults_InvalidFloor(uint40 floor, uint40 ceiling);

    /// @notice The caller is not the Assets contract.
    error Vaults_NotAssets(address caller);

    /// @notice The account is the zero address.
    error Vaults_ZeroAccount();

    /// @notice The caller may not do this for the account.
    error Vaults_NotAuthorized(uint256 account, address caller);

    /// @notice The account has a split already; it is changed by {configure}, which harvests first.
    error Vaults_Configured(uint256 account);

    /// @notice The caller is not the module that carries out an attachment of this asset.
    error Vaults_NotAttached(uint256 asset, address caller);

    /// @notice What the asset passes on is fixed: bound before, harvested from before, or published before; or it is
    /// bound, and no credit of its owner lessens the shares of others.
    error Vaults_Bound(uint256 asset);

    /// @notice The asset at this place is the account itself, not above the one before it or one too many, or it has no
    /// share or more than the rest of the whole.
    error Vaults_InvalidUpstream(uint256 index, uint256 account);

    /// @notice The split is not the one in force.
    error Vaults_OtherSplit(uint256 account);

    /// @notice Somebody would get less, and that was not announced a window ago.
    error Vaults_NotAnnounced(uint256 account);

    /// @notice Too many tokens to harvest at once.
    error Vaults_ManyTokens(uint256 count, uint256 limit);

    /// @notice Too many payees.
    error Vaults_ManyPayees(uint256 count, uint256 limit);

    /// @notice The payees are not strictly ascending at this row.
    error Vaults_UnsortedPayee(uint256 index, address payee);

    /// @notice The payee is the account's own payout address, or this contract.
    error Vaults_CircularPayee(uint256 index, address payee);

    /// @notice The payee has no share.
    error Vaults_ZeroShare(uint256 index, address payee);

    /// @notice The shares and the protocol fee are not the whole.
    error Vaults_WrongSum(uint256 sum, uint256 whole);

    /// @notice The window is out of range.
    error Vaults_WrongWindow(uint40 window, uint40 floor, uint40 ceiling);

    /// @notice The split has no such row, or not of this kind: rows of assets are passed on, all others paid out.
    error Vaults_NoRow(uint256 index);

    /// @notice The row has nothing to withdraw.
    error Vaults_NoCredit(bytes32 splitId, uint256 index, address token);

    /// @notice The caller is not the payee of the row.
    error Vaults_NotPayee(address caller, address payee);

    /// @notice The receipt's money went elsewhere.
    error Vaults_OtherPayout(address payTo, address payout);

    /// @notice The signer was no receipt key of the seller at that time.
    error Vaults_InvalidSigner(address seller, address signer, uint40 time);

    /// @notice The credit exceeds the price of the receipt.
    error Vaults_OverPrice(uint128 credit, uint128 price);

    /// @notice The credit has been paid already.
    error Vaults_Refunded(bytes32 receipt, uint128 credit, uint128 refunded);

    /// @notice The key has given back all that it may today.
    error Vaults_CapReached(address seller, address key, address token, uint128 cap);

    /// @notice The buckets of this split hold nothing that can still be given back.
    error Vaults_Insufficient(uint256 account, address token, bytes32 splitId);

    /*//////////////////////////////////////////////////////////////////////////
                                 CHANGING FUNCTIONS
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice Fixes for ever which assets an asset passes revenue on to.
    /// @dev An asset can name only what was published before itself: no two pass money on to each other.
    ///
    /// Requirements:
    /// - the caller is the module that carries out an attachment of the publication of this asset
    /// - nothing was bound or harvested before
    /// - at most 16 assets, which exist, strictly ascending, each with a share, together at most the whole
    /// @param asset The asset.
    /// @param upstream The assets and their shares in all its revenue.
    function bind(uint256 asset, Upstream[] calldata upstream) external;

    /// @notice Announces shares that give somebody less, in place of any announced before, which every
    /// configuration forgets too. They can be configured once,
    /// after the window of the split now in force, for 30 days, while the protocol fee is what it is now.
    /// @dev Requirements:
    /// - the caller owns the account, or has the power SPLIT over the asset
    /// @param account The account.
    /// @param payees The payees to come.
    function announce(uint256 account, Payee[] calldata payees) external;

    /// @notice Configures the split of an account for what is harvested from now on. The protocol fee of this moment is
    /// part of it and stays as it is.
    /// @dev Requirements:
    /// - the caller owns the account, or has the power SPLIT over the asset
    /// - it is the first configuration, or the change was announced, or `current` is the split in force and nobody in it
    ///   but the owner gets less
    /// - at most 8 tokens and at most 64 payees
    /// - the payees are strictly ascending by account, each has a share, and shares and protocol fee are 10,000
    /// - no payee is the payout address of the account or this contract
    /// - `window` is at least {WINDOW_FLOOR} and at most 30 days
    /// @param account The account.
    /// @param payees The payees; account zero stands for the owner at the harvest.
    /// @param window The seconds for which money waits.
    /// @param tokens The tokens to harvest before the change. Whoever shares in another token harvests it before.
    /// @param current The split in force; not read for a first configuration and an announced one.
    function configure(
        uint256 account,
        Payee[] calldata payees,
        uint40 window,
        address[] calldata tokens,
        Split calldata current
    ) external;

    /// @notice Hands the caller's share in what is harvested from now on to another account. What was harvested before
    /// stays the caller's. The owner can change the shares as before, also by a change announced before this.
    /// @dev Requirements:
    /// - `current` is the split in force, and the caller the payee of the row in its own name
    /// - at most 8 tokens
    /// - `to` is not the payout address of the account or this contract
    /// @param account The account whose revenue is shared.
    /// @param current The split in force.
    /// @param index The row.
    /// @param to The new payee, whose share grows when it has one already; zero for the owner.
    /// @param tokens The tokens to harvest before the change.
    function assign(uint256 account, Split calldata current, uint256 index, address to, address[] calldata tokens)
        external;

    /// @notice Takes what an account received into the current bucket of the split in force, claimed channel money
    /// included, and lets mature what has waited. Anyone may call it.
    /// @dev Requirements:
    /// - the account has an owner
    /// @param account The account.
    /// @param token The token.
    /// @return amount The atoms received; nothing is recorded when there are none.
    function harvest(uint256 account, address token) external returns (uint128 amount);

    /// @notice Moves what has waited long enough to the payees. Anyone may call it.
    /// @param account The account.
    /// @param token The token.
    /// @param splitId The split.
    /// @return amount The atoms moved, which may be none.
    function mature(uint256 account, address token, bytes32 splitId) external returns (uint128 amount);

    /// @notice Passes on what a row of a split has for an asset: it accrues to the payees of that asset's split in force,
    /// without a transfer and without waiting again. Anyone may call it. What those in turn pass on takes another call.
    /// @dev Requirements:
    /// - the row is that of an asset and has at least one atom
    /// @param split The split.
    /// @param index The row.
    /// @param token The token.
    /// @return amount The atoms passed on.
    function cascade(Split calldata split, uint256 index, address token) external returns (uint128 amount);

    /// @notice Pays a row of a split what it earned. Anyone may call it.
    /// @dev Requirements:
    /// - the row exists, is not that of an asset, and has at least one atom to withdraw
    /// @param split The split.
    /// @param index The row; the protocol fee is the row after the last payee.
    /// @param token The token.
    /// @return amount The atoms paid.
    function withdraw(Split calldata split, uint256 index, address token) external returns (uint128 amount);

    /// @notice Pays a row of a split what it earned, to another account.
    /// @dev Requirements:
    /// - the caller is the payee of the row
    /// - the row has at least one atom to withdraw
    /// @param split The split.
    /// @param index The row; the protocol fee is the row after the last payee.
    /// @param token The token.
    /// @param to The account to pay; zero for the payee itself.
    /// @return amount The atoms paid.
    function withdrawTo(Split calldata split, uint256 index, address token, address to)
        external
        returns (uint128 amount);

    /// @notice Claims vouchers of channels whose receiver is the payout address, without any settler.
    /// @dev Requirements:
    /// - the caller owns the account
    /// - those of {IChannels-claim}
    /// @param account The account.
    /// @param rows The rows of the claim.
    function claim(uint256 account, IChannels.VoucherClaim[] calldata rows) external;

    /// @notice Gives a payer back what the seller credited, from money that still waits, newest first. Anyone may call
    /// it. It pays what the buckets and the day's cap allow and records that; the rest can be called for again.
    /// @dev The seller is the owner part of the split's identity, so that its notes reach only money that was harvested
    /// while it owned the account.
    ///
    /// Requirements:
    /// - the batch is signed by a key of the seller that was valid when the call started, the note by one valid now
    /// - the account passes nothing on to other assets, whose shares the owner of the account could credit to itself
    /// - the receipt's money went to the payout address of the account
    /// - the credit is at most the price of the receipt, and more than was given back already
    /// - the note's key has given back less than its cap of this token today (days of UTC)
    /// - the buckets hold at least one atom that has not matured
    /// @param note The receipt and the credit.
    /// @param account The account.
    /// @param terms The configuration whose buckets are to pay, see {termsOf} and {Configure}.
    /// @return amount The atoms paid.
    function refund(Note calldata note, uint256 account, Terms calldata terms) external returns (uint128 amount);

    /*//////////////////////////////////////////////////////////////////////////
                                       VIEWS
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice What a row can withdraw now, without what {mature} would add.
    /// @param split The split.
    /// @param index The row; the protocol fee is the row after the last payee.
    /// @param token The token.
    /// @return amount The atoms.
    function creditOf(Split calldata split, uint256 index, address token) external view returns (uint128 amount);

    /// @notice What waits in the buckets of a split.
    /// @param account The account.
    /// @param token The token.
    /// @param splitId The split.
    /// @return immature The atoms that refunds can reach.
    /// @return matured The atoms that {mature} would move.
    function pendingOf(uint256 account, address token, bytes32 splitId)
        external
        view
        returns (uint128 immature, uint128 matured);

    /// @notice The configuration in force; what the next harvest would take when there is none.
    /// @param account The account.
    /// @return terms The configuration.
    function termsOf(uint256 account) external view returns (Terms memory terms);

    /// @notice The identity of the split that a harvest would go by now.
    /// @dev Requirements:
    /// - the account has an owner
    /// @param account The account.
    /// @return splitId The identity.
    function splitIdOf(uint256 account) external view returns (bytes32 splitId);

    /// @notice The hash of the assets that an asset passes revenue on to.
    /// @param account The asset.
    /// @return upstreamHash keccak256(abi.encode(Upstream[])), zero for none.
    function upstreamHashOf(uint256 account) external view returns (bytes32 upstreamHash);

    /// @notice The change that was announced last and not configured.
    /// @param account The account.
    /// @return sharesHash The first 27 bytes of keccak256(abi.encode(Payee[] payees, address treasury, uint16 feeBps)).
    /// @return usableFrom The second from which it can be configured, zero for none.
    function announcementOf(uint256 account) external view returns (bytes27 sharesHash, uint40 usableFrom);

    /// @notice The atoms that ever matured under a split or were passed on to it, over all accounts.
    /// @param splitId The split.
    /// @param token The token.
    /// @return amount The atoms.
    function accruedOf(bytes32 splitId, address token) external view returns (uint128 amount);

    /// @notice The atoms ever paid to a row of a split.
    /// @param splitId The split.
    /// @param token The token.
    /// @param index The row.
    /// @return amount The atoms.
    function paidOf(bytes32 splitId, address token, uint256 index) external view returns (uint128 amount);

    /// @notice The atoms given back of a receipt.
    /// @param receipt The struct hash of the receipt.
    /// @return amount The atoms.
    function refundedOf(bytes32 receipt) external view returns (uint128 amount);

    /// @notice The atoms that a key gave back on a day.
    /// @param seller The seller.
    /// @param key The receipt key.
    /// @param token The token.
    /// @param day The day, in days since the unix epoch.
    /// @return amount The atoms.
    function spentOf(address seller, address key, address token, uint40 day) external view returns (uint128 amount);

    /// @notice The least dispute window, in seconds.
    /// @return window The seconds.
    function WINDOW_FLOOR() external view returns (uint40 window);

    /// @notice The greatest dispute window, in seconds.
    /// @return window The seconds.
    function WINDOW_CEILING() external view returns (uint40 window);

    /// @notice The code behind the payout addresses.
    /// @return implementation The contract.
    function IMPLEMENTATION() external view returns (address implementation);

    /// @notice The assets whose owners own the asset accounts.
    /// @return assets The contract.
    function ASSETS() external view returns (address assets);

    /// @notice The channels whose claimed money is settled at a harvest.
    /// @return channels The contract.
    function CHANNELS() external view returns (address channels);

    /// @notice The receipt keys.
    /// @return logs The contract.
    function LOGS() external view returns (address logs);

    /// @notice The protocol fee.
    /// @return policy The contract.
    function POLICY() external view returns (address policy);
}
