// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IChannels
/// @notice Unidirectional payment channels with cumulative vouchers, behaviour-equal to the x402 `batch-settlement`
/// contract. A payer escrows tokens for one receiver, signs vouchers off chain whose amount only grows, and the receiver
/// side claims the highest one. Amounts are token atoms, times are seconds.
/// @dev Names, events, errors and their missing arguments follow the contract this one stands in for. A channel has no
/// epoch: after a refund or a withdrawal and a new deposit into the same config, an old voucher above the recorded total
/// claims again. A config is therefore not to be used again after either.
interface IChannels {
    /*//////////////////////////////////////////////////////////////////////////
                                       TYPES
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice The terms of a channel; its EIP-712 hash is the channel's identity.
    /// @param payer The account that owns the deposit and receives refunds and withdrawals.
    /// @param payerAuthorizer The key that signs vouchers by ECDSA; zero when `payer` signs (ECDSA or ERC-1271).
    /// @param receiver The account that claimed money is paid to.
    /// @param receiverAuthorizer The account that may claim and refund, and that signs for both (ECDSA or ERC-1271).
    /// @param token The ERC-20 token of the channel.
    /// @param withdrawDelay The seconds between the start of a withdrawal and its earliest end.
    /// @param salt Distinguishes channels between the same parties.
    struct ChannelConfig {
        address payer;
        address payerAuthorizer;
        address receiver;
        address receiverAuthorizer;
        address token;
        uint40 withdrawDelay;
        bytes32 salt;
    }

    /// @notice The payer's promise that up to `maxClaimableAmount` in total may be claimed from a channel.
    /// @param channel The config of the channel.
    /// @param maxClaimableAmount The cumulative ceiling, in token atoms.
    struct Voucher {
        ChannelConfig channel;
        uint128 maxClaimableAmount;
    }

    /// @notice One row of a claim.
    /// @param voucher The voucher that covers the claim.
    /// @param signature The payer side's signature over the voucher digest.
    /// @param totalClaimed The cumulative amount to have been claimed afterwards, in token atoms.
    struct VoucherClaim {
        Voucher voucher;
        bytes signature;
        uint128 totalClaimed;
    }

    /*//////////////////////////////////////////////////////////////////////////
                                       EVENTS
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice A channel received money while its escrow was empty and nothing had ever been claimed.
    /// @param channelId The channel.
    /// @param config Its terms.
    event ChannelCreated(bytes32 indexed channelId, ChannelConfig config);

    /// @notice A channel that never paid anything became empty.
    /// @param channelId The channel.
    /// @param config Its terms.
    event ChannelClosed(bytes32 indexed channelId, ChannelConfig config);

    /// @notice Money was deposited.
    /// @param channelId The channel.
    /// @param sender The caller.
    /// @param amount The atoms added.
    /// @param newBalance The balance afterwards, in atoms.
    event Deposited(bytes32 indexed channelId, address indexed sender, uint128 amount, uint128 newBalance);

    /// @notice A voucher was claimed.
    /// @param channelId The channel.
    /// @param sender The caller.
    /// @param claimAmount The atoms that this claim added.
    /// @param newTotalClaimed The cumulative atoms claimed afterwards.
    event Claimed(bytes32 indexed channelId, address indexed sender, uint128 claimAmount, uint128 newTotalClaimed);

    /// @notice Claimed money was paid out.
    /// @param receiver The account that was paid.
    /// @param token The token.
    /// @param sender The caller.
    /// @param amount The atoms paid.
    event Settled(address indexed receiver, address indexed token, address indexed sender, uint128 amount);

    /// @notice The payer side started a withdrawal.
    /// @param channelId The channel.
    /// @param amount The atoms to be withdrawn at most.
    /// @param finalizeAfter The earliest second at which it can be finalized.
    event WithdrawInitiated(bytes32 indexed channelId, uint128 amount, uint40 finalizeAfter);

    /// @notice A withdrawal was paid to the payer.
    /// @param channelId The channel.
    /// @param sender The caller.
    /// @param amount The atoms paid.
    event WithdrawFinalized(bytes32 indexed channelId, address indexed sender, uint128 amount);

    /// @notice The receiver side gave unclaimed money back to the payer.
    /// @param channelId The channel.
    /// @param sender The caller.
    /// @param amount The atoms paid.
    event Refunded(bytes32 indexed channelId, address indexed sender, uint128 amount);

    /*//////////////////////////////////////////////////////////////////////////
                                       ERRORS
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice A required field of the config is zero, or the caller is not of the payer side.
    error InvalidChannel();

    /// @notice The withdraw delay is outside its range.
    error WithdrawDelayOutOfRange();

    /// @notice The deposit is zero.
    error ZeroDeposit();

    /// @notice The collector is the zero address.
    error InvalidCollector();

    /// @notice The balance would exceed 128 bits.
    error DepositOverflow();

    /// @notice The collector did not raise this contract's token balance by exactly the deposit.
    error DepositCollectionFailed();

    /// @notice The claim has no rows.
    error EmptyBatch();

    /// @notice The caller is neither receiver nor receiver authorizer of a row.
    error NotAuthorizedToClaim();

    /// @notice A row names another receiver authorizer than the first row.
    error NotReceiverAuthorizer();

    /// @notice A signature is not by the account that had to sign.
    error InvalidSignature();

    /// @notice A row claims more than its voucher allows.
    error ClaimExceedsCeiling();

    /// @notice A row claims more than the channel holds.
    error ClaimExceedsBalance();

    /// @notice The withdrawal is for nothing.
    error NothingToWithdraw();

    /// @notice A withdrawal is already running.
    error WithdrawalAlreadyPending();

    /// @notice The withdrawal is for more than is unclaimed.
    error WithdrawAmountExceedsAvailable();

    /// @notice The caller is not of the payer side.
    error NotAuthorizedToFinalizeWithdraw();

    /// @notice No withdrawal is running.
    error WithdrawalNotPending();

    /// @notice The withdrawal's delay has not passed.
    error WithdrawDelayNotElapsed();

    /// @notice The caller is neither receiver nor receiver authorizer.
    error NotAuthorizedToRefund();

    /// @notice The refund is zero.
    error ZeroRefund();

    /// @notice The nonce is not the channel's current refund nonce.
    error InvalidRefundNonce();

    /*//////////////////////////////////////////////////////////////////////////
                                     CONSTANTS
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice The shortest withdraw delay, in seconds.
    /// @return The seconds.
    function MIN_WITHDRAW_DELAY() external view returns (uint40);

    /// @notice The longest withdraw delay, in seconds.
    /// @return The seconds.
    function MAX_WITHDRAW_DELAY() external view returns (uint40);

    /// @notice The EIP-712 type hash of {ChannelConfig}.
    /// @return The type hash.
    function CHANNEL_CONFIG_TYPEHASH() external view returns (bytes32);

    /// @notice The EIP-712 type hash of `Voucher(bytes32 channelId,uint128 maxClaimableAmount)`.
    /// @return The type hash.
    function VOUCHER_TYPEHASH() external view returns (bytes32);

    /// @notice The EIP-712 type hash of `Refund(bytes32 channelId,uint256 nonce,uint128 amount)`.
    /// @return The type hash.
    function REFUND_TYPEHASH() external view returns (bytes32);

    /// @notice The EIP-712 type hash of `ClaimEntry(bytes32 channelId,uint128 maxClaimableAmount,uint128 totalClaimed)`.
    /// @return The type hash.
    function CLAIM_ENTRY_TYPEHASH() external view returns (bytes32);

    /// @notice The EIP-712 type hash of `ClaimBatch(ClaimEntry[] claims)` with its referenced type.
    /// @return The type hash.
    function CLAIM_BATCH_TYPEHASH() external view returns (bytes32);

    /*//////////////////////////////////////////////////////////////////////////
                                       VIEWS
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice The money of a channel.
    /// @param channelId The channel.
    /// @return balance The atoms deposited less those refunded and withdrawn; claimed atoms are included.
    /// @return totalClaimed The atoms claimed since the first deposit.
    function channels(bytes32 channelId) external view returns (uint128 balance, uint128 totalClaimed);

    /// @notice The running withdrawal of a channel, zeros when there is none.
    /// @param channelId The channel.
    /// @return amount The atoms to be withdrawn at most.
    /// @return initiatedAt The second at which it started.
    function pendingWithdrawals(bytes32 channelId) external view returns (uint128 amount, uint40 initiatedAt);

    /// @notice The money of a receiver, over all channels of one token.
    /// @param receiver The receiver.
    /// @param token The token.
    /// @return totalClaimed The atoms ever claimed for the receiver.
    /// @return totalSettled The atoms ever paid to the receiver.
    function receivers(address receiver, address token)
        external
        view
        returns (uint128 totalClaimed, uint128 totalSettled);

    /// @notice The nonce that the next signed refund of a channel must carry.
    /// @param channelId The channel.
    /// @return The nonce, which counts the refunds so far.
    function refundNonce(bytes32 channelId) external view returns (uint256);

    /// @notice The identity of a channel: the EIP-712 hash of its config, bound to chain and contract.
    /// @param config The terms.
    /// @return The identity.
    function getChannelId(ChannelConfig calldata config) external view returns (bytes32);

    /// @notice The digest that the payer side signs.
    /// @param channelId The channel.
    /// @param maxClaimableAmount The cumulative ceiling, in atoms.
    /// @return The EIP-712 digest.
    function getVoucherDigest(bytes32 channelId, uint128 maxClaimableAmount) external view returns (bytes32);

    /// @notice The digest that the receiver authorizer signs for a refund.
    /// @param channelId The channel.
    /// @param nonce The channel's refund nonce.
    /// @param amount The atoms to refund at most.
    /// @return The EIP-712 digest.
    function getRefundDigest(bytes32 channelId, uint256 nonce, uint128 amount) external view returns (bytes32);

    /// @notice The digest that the receiver authorizer signs for a claim.
    /// @param voucherClaims The rows.
    /// @return The EIP-712 digest.
    function getClaimBatchDigest(VoucherClaim[] calldata voucherClaims) external view returns (bytes32);

    /*//////////////////////////////////////////////////////////////////////////
                                      ACTIONS
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice Adds money to a channel, at any time and as often as wanted.
    /// @dev Requirements, checked in this order:
    /// - `payer`, `receiver`, `receiverAuthorizer` and `token` are not zero.
    /// - `withdrawDelay` is in range.
    /// - `amount` is not zero.
    /// - `collector` is not zero.
    /// - The new balance fits 128 bits.
    /// - The collector raises this contract's token balance by exactly `amount`.
    /// @param config The terms of the channel.
    /// @param amount The atoms to deposit.
    /// @param collector The contract that brings the tokens, by `ICollector.collect`.
    /// @param collectorData What the collector needs, usually the payer's authorization.
    function deposit(ChannelConfig calldata config, uint128 amount, address collector, bytes calldata collectorData)
        external;

    /// @notice Claims vouchers. A row that claims no more than was recorded is skipped without an event and without a
    /// look at its signature.
    /// @dev Requirements:
    /// - There is at least one row.
    /// - The caller is receiver or receiver authorizer of every row.
    /// - Every row that is not skipped is within its voucher, within the channel's balance, and signed by the payer side.
    /// @param voucherClaims The rows; one that reverts reverts all.
    function claim(VoucherClaim[] calldata voucherClaims) external;

    /// @notice Claims vouchers for the receiver authorizer that signed the batch.
    /// @dev Requirements:
    /// - There is at least one row.
    /// - The signature is by the first row's receiver authorizer over {getClaimBatchDigest}.
    /// - Every row has that receiver authorizer.
    /// - The rows fulfil what {claim} requires of them.
    /// @param voucherClaims The rows; one that reverts reverts all.
    /// @param authorizerSignature The signature over the batch.
    function claimWithSignature(VoucherClaim[] calldata voucherClaims, bytes calldata authorizerSignature) external;

    /// @notice Pays a receiver what was claimed for it and not yet paid; does nothing when that is zero.
    /// @param receiver The receiver.
    /// @param token The token.
    function settle(address receiver, address token) external;

    /// @notice Starts a withdrawal of unclaimed money. Vouchers stay claimable until {finalizeWithdraw} executes.
    /// @dev Requirements:
    /// - The caller is the payer or a non-zero payer authorizer.
    /// - `amount` is not zero.
    /// - No withdrawal is running.
    /// - `amount` is unclaimed.
    /// @param config The terms of the channel.
    /// @param amount The atoms to withdraw at most.
    function initiateWithdraw(ChannelConfig calldata config, uint128 amount) external;

    /// @notice Ends a withdrawal: pays the payer the lesser of the initiated amount and what is still unclaimed.
    /// @dev Requirements:
    /// - The caller is the payer or a non-zero payer authorizer.
    /// - A withdrawal is running.
    /// - Its delay has passed.
    /// @param config The terms of the channel.
    function finalizeWithdraw(ChannelConfig calldata config) external;

    /// @notice Gives unclaimed money back to the payer, at most what is unclaimed, and lowers a running withdrawal by it.
    /// @dev Requirements:
    /// - The caller is the receiver or the receiver authorizer.
    /// - `amount` is not zero.
    /// @param config The terms of the channel.
    /// @param amount The atoms to refund at most.
    function refund(ChannelConfig calldata config, uint128 amount) external;

    /// @notice Gives unclaimed money back to the payer for the receiver authorizer that signed it.
    /// @dev Requirements:
    /// - `nonce` is the channel's refund nonce.
    /// - The signature is by the receiver authorizer over {getRefundDigest}.
    /// - `amount` is not zero.
    /// @param config The terms of the channel.
    /// @param amount The atoms to refund at most.
    /// @param nonce The channel's refund nonce.
    /// @param receiverAuthorizerSignature The signature.
    function refundWithSignature(
        ChannelConfig calldata config,
        uint128 amount,
        uint256 nonce,
        bytes calldata receiverAuthorizerSignature
    ) external;
}
