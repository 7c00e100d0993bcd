// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { Multicall } from "@openzeppelin/contracts/utils/Multicall.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IChannels } from "./interfaces/IChannels.sol";
import { ICollector } from "./interfaces/ICollector.sol";

/// @title Channels
/// @notice Stand-in for the x402 `batch-settlement` contract on local chains; public chains have the canonical one.
/// @dev Its runtime code works at any address: the domain separator is rebuilt wherever the code is copied to. It has no
/// owner, no fee and no pause. Events follow the transfers that they report.
contract Channels is IChannels, EIP712, ReentrancyGuardTransient, Multicall {
    using SafeERC20 for IERC20;

    struct Channel {
        uint128 balance;
        uint128 totalClaimed;
    }

    struct PendingWithdrawal {
        uint128 amount;
        uint40 initiatedAt;
    }

    struct Receiver {
        uint128 totalClaimed;
        uint128 totalSettled;
    }

    /// @inheritdoc IChannels
    uint40 public constant MIN_WITHDRAW_DELAY = 15 minutes;

    /// @inheritdoc IChannels
    uint40 public constant MAX_WITHDRAW_DELAY = 30 days;

    /// @inheritdoc IChannels
    bytes32 public constant CHANNEL_CONFIG_TYPEHASH = keccak256(
        "ChannelConfig(address payer,address payerAuthorizer,address receiver,address receiverAuthorizer,address token,uint40 withdrawDelay,bytes32 salt)"
    );

    /// @inheritdoc IChannels
    bytes32 public constant VOUCHER_TYPEHASH = keccak256("Voucher(bytes32 channelId,uint128 maxClaimableAmount)");

    /// @inheritdoc IChannels
    bytes32 public constant REFUND_TYPEHASH = keccak256("Refund(bytes32 channelId,uint256 nonce,uint128 amount)");

    /// @inheritdoc IChannels
    bytes32 public constant CLAIM_ENTRY_TYPEHASH =
        keccak256("ClaimEntry(bytes32 channelId,uint128 maxClaimableAmount,uint128 totalClaimed)");

    /// @inheritdoc IChannels
    bytes32 public constant CLAIM_BATCH_TYPEHASH = keccak256(
        "ClaimBatch(ClaimEntry[] claims)ClaimEntry(bytes32 channelId,uint128 maxClaimableAmount,uint128 totalClaimed)"
    );

    /// @inheritdoc IChannels
    mapping(bytes32 channelId => Channel) public channels;

    /// @inheritdoc IChannels
    mapping(bytes32 channelId => PendingWithdrawal) public pendingWithdrawals;

    /// @inheritdoc IChannels
    mapping(address receiver => mapping(address token => Receiver)) public receivers;

    /// @inheritdoc IChannels
    mapping(bytes32 channelId => uint256) public refundNonce;

    constructor() EIP712("x402 Batch Settlement", "1") { }

    /*//////////////////////////////////////////////////////////////////////////
                                      ACTIONS
    //////////////////////////////////////////////////////////////////////////*/

    /// @inheritdoc IChannels
    function deposit(ChannelConfig calldata config, uint128 amount, address collector, bytes calldata collectorData)
        external
        nonReentrant
    {
        _requireDepositable(config, amount, collector);
        bytes32 channelId = getChannelId(config);
        Channel storage channel = channels[channelId];
        uint128 balance = channel.balance;
        if (amount > type(uint128).max - balance) revert DepositOverflow();

        bool created = balance == 0 && channel.totalClaimed == 0;
        channel.balance = balance + amount;

        _collect(config, amount, channelId, collector, collectorData);

        if (created) emit ChannelCreated(channelId, config);
        emit Deposited(channelId, msg.sender, amount, balance + amount);
    }

    /// @inheritdoc IChannels
    function claim(VoucherClaim[] calldata voucherClaims) external nonReentrant {
        uint256 length = voucherClaims.length;
        if (length == 0) revert EmptyBatch();

        for (uint256 i = 0; i < length; ++i) {
            VoucherClaim calldata row = voucherClaims[i];
            ChannelConfig calldata config = row.voucher.channel;
            if (!_isReceiverSide(config)) revert NotAuthorizedToClaim();
            _claim(row, config, getChannelId(config));
        }
    }

    /// @inheritdoc IChannels
    function claimWithSignature(VoucherClaim[] calldata voucherClaims, bytes calldata authorizerSignature)
        external
        nonReentrant
    {
        uint256 length = voucherClaims.length;
        if (length == 0) revert EmptyBatch();
        address authorizer = voucherClaims[0].voucher.channel.receiverAuthorizer;
        _requireSignature(authorizer, getClaimBatchDigest(voucherClaims), authorizerSignature);

        for (uint256 i = 0; i < length; ++i) {
            VoucherClaim calldata row = voucherClaims[i];
            ChannelConfig calldata config = row.voucher.channel;
            if (config.receiverAuthorizer != authorizer) revert NotReceiverAuthorizer();
            _claim(row, config, getChannelId(config));
        }
    }

    /// @inheritdoc IChannels
    function settle(address receiver, address token) external nonReentrant {
        Receiver storage account = receivers[receiver][token];
        uint128 amount = account.totalClaimed - account.totalSettled;
        if (amount == 0) return;

        account.totalSettled += amount;

        IERC20(token).safeTransfer({ to: receiver, value: amount });

        emit Settled(receiver, token, msg.sender, amount);
    }

    /// @inheritdoc IChannels
    function initiateWithdraw(ChannelConfig calldata config, uint128 amount) external nonReentrant {
        if (!_isPayerSide(config)) revert InvalidChannel();
        if (amount == 0) revert NothingToWithdraw();
        bytes32 channelId = getChannelId(config);
        if (pendingWithdrawals[channelId].initiatedAt != 0) revert WithdrawalAlreadyPending();
        if (amount > _available(channels[channelId])) revert WithdrawAmountExceedsAvailable();

        uint40 initiatedAt = uint40(block.timestamp);
        pendingWithdrawals[channelId] = PendingWithdrawal({ amount: amount, initiatedAt: initiatedAt });

        emit WithdrawInitiated(channelId, amount, initiatedAt + config.withdrawDelay);
    }

    /// @inheritdoc IChannels
    function finalizeWithdraw(ChannelConfig calldata config) external nonReentrant {
        if (!_isPayerSide(config)) revert NotAuthorizedToFinalizeWithdraw();
        bytes32 channelId = getChannelId(config);
        PendingWithdrawal memory pending = pendingWithdrawals[channelId];
        if (pending.initiatedAt == 0) revert WithdrawalNotPending();
        if (block.timestamp < uint256(pending.initiatedAt) + config.withdrawDelay) revert WithdrawDelayNotElapsed();

        delete pendingWithdrawals[channelId];
        uint128 amount = _release(config, channelId, pending.amount);

        emit WithdrawFinalized(channelId, msg.sender, amount);
        _emitClosed(config, channelId);
    }

    /// @inheritdoc IChannels
    function refund(ChannelConfig calldata config, uint128 amount) external nonReentrant {
        if (!_isReceiverSide(config)) revert NotAuthorizedToRefund();
        _refund(config, getChannelId(config), amount);
    }

    /// @inheritdoc IChannels
    function refundWithSignature(
        ChannelConfig calldata config,
        uint128 amount,
        uint256 nonce,
        bytes calldata receiverAuthorizerSignature
    ) external nonReentrant {
        bytes32 channelId = getChannelId(config);
        if (nonce != refundNonce[channelId]) revert InvalidRefundNonce();
        bytes32 digest = getRefundDigest(channelId, nonce, amount);
        _requireSignature(config.receiverAuthorizer, digest, receiverAuthorizerSignature);
        _refund(config, channelId, amount);
    }

    /*//////////////////////////////////////////////////////////////////////////
                                      DIGESTS
    //////////////////////////////////////////////////////////////////////////*/

    /// @inheritdoc IChannels
    function getChannelId(ChannelConfig calldata config) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(CHANNEL_CONFIG_TYPEHASH, config)));
    }

    /// @inheritdoc IChannels
    function getVoucherDigest(bytes32 channelId, uint128 maxClaimableAmount) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(VOUCHER_TYPEHASH, channelId, maxClaimableAmount)));
    }

    /// @inheritdoc IChannels
    function getRefundDigest(bytes32 channelId, uint256 nonce, uint128 amount) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(REFUND_TYPEHASH, channelId, nonce, amount)));
    }

    /// @inheritdoc IChannels
    function getClaimBatchDigest(VoucherClaim[] calldata voucherClaims) public view returns (bytes32) {
        uint256 length = voucherClaims.length;
        bytes32[] memory entries = new bytes32[](length);
        for (uint256 i = 0; i < length; ++i) {
            VoucherClaim calldata row = voucherClaims[i];
            bytes32 channelId = getChannelId(row.voucher.channel);
            entries[i] = keccak256(
                abi.encode(CLAIM_ENTRY_TYPEHASH, channelId, row.voucher.maxClaimableAmount, row.totalClaimed)
            );
        }
        // Packing words of 32 bytes is the EIP-712 encoding of an array; nothing in it has a variable length.
        return _hashTypedDataV4(keccak256(abi.encode(CLAIM_BATCH_TYPEHASH, keccak256(abi.encodePacked(entries)))));
    }

    /*//////////////////////////////////////////////////////////////////////////
                                      INTERNAL
    //////////////////////////////////////////////////////////////////////////*/

    function _claim(VoucherClaim calldata row, ChannelConfig calldata config, bytes32 channelId) private {
        Channel storage channel = channels[channelId];
        uint128 total = row.totalClaimed;
        uint128 recorded = channel.totalClaimed;
        if (total <= recorded) return;
        if (total > row.voucher.maxClaimableAmount) revert ClaimExceedsCeiling();
        // An unknown channel has no balance, so it is rejected here.
        if (total > channel.balance) revert ClaimExceedsBalance();
        _requireVoucher(config, getVoucherDigest(channelId, row.voucher.maxClaimableAmount), row.signature);

        uint128 amount = total - recorded;
        channel.totalClaimed = total;
        receivers[config.receiver][config.token].totalClaimed += amount;

        emit Claimed(channelId, msg.sender, amount, total);
    }

    function _collect(
        ChannelConfig calldata config,
        uint128 amount,
        bytes32 channelId,
        address collector,
        bytes calldata collectorData
    ) private {
        IERC20 token = IERC20(config.token);
        uint256 balanceBefore = token.balanceOf(address(this));
        ICollector(collector)
            .collect({
            payer: config.payer,
            token: address(token),
            amount: amount,
            channelId: channelId,
            collectorData: collectorData
        });
        // Neither a collector nor a token is trusted: only what arrived is credited, and less or more is refused.
        if (token.balanceOf(address(this)) != balanceBefore + amount) revert DepositCollectionFailed();
    }

    function _refund(ChannelConfig calldata config, bytes32 channelId, uint128 requested) private {
        if (requested == 0) revert ZeroRefund();

        ++refundNonce[channelId];
        uint128 amount = uint128(Math.min(requested, _available(channels[channelId])));
        if (amount == 0) return;
        _lowerPending(channelId, amount);
        _release(config, channelId, amount);

        emit Refunded(channelId, msg.sender, amount);
        _emitClosed(config, channelId);
    }

    /// @dev Takes at most `requested` of what is unclaimed out of the escrow and pays it to the payer.
    function _release(ChannelConfig calldata config, bytes32 channelId, uint128 requested)
        private
        returns (uint128 amount)
    {
        Channel storage channel = channels[channelId];
        amount = uint128(Math.min(requested, _available(channel)));
        if (amount == 0) return 0;

        channel.balance -= amount;

        IERC20(config.token).safeTransfer({ to: config.payer, value: amount });
    }

    function _lowerPending(bytes32 channelId, uint128 amount) private {
        PendingWithdrawal storage pending = pendingWithdrawals[channelId];
        uint128 pendingAmount = pending.amount;
        if (pendingAmount <= amount) {
            delete pendingWithdrawals[channelId];
        } else {
            pending.amount = pendingAmount - amount;
        }
    }

    function _emitClosed(ChannelConfig calldata config, bytes32 channelId) private {
        Channel storage channel = channels[channelId];
        if (channel.balance == 0 && channel.totalClaimed == 0) emit ChannelClosed(channelId, config);
    }

    function _requireDepositable(ChannelConfig calldata config, uint128 amount, address collector) private pure {
        if (
            config.payer == address(0) || config.receiver == address(0) || config.receiverAuthorizer == address(0)
                || config.token == address(0)
        ) revert InvalidChannel();
        if (config.withdrawDelay < MIN_WITHDRAW_DELAY || config.withdrawDelay > MAX_WITHDRAW_DELAY) {
            revert WithdrawDelayOutOfRange();
        }
        if (amount == 0) revert ZeroDeposit();
        if (collector == address(0)) revert InvalidCollector();
    }

    function _requireVoucher(ChannelConfig calldata config, bytes32 digest, bytes calldata signature) private view {
        if (config.payerAuthorizer == address(0)) {
            _requireSignature(config.payer, digest, signature);
        } else if (ECDSA.recoverCalldata(digest, signature) != config.payerAuthorizer) {
            revert InvalidSignature();
        }
    }

    function _requireSignature(address signer, bytes32 digest, bytes calldata signature) private view {
        if (!SignatureChecker.isValidSignatureNowCalldata(signer, digest, signature)) revert InvalidSignature();
    }

    function _isReceiverSide(ChannelConfig calldata config) private view returns (bool) {
        return msg.sender == config.receiver || msg.sender == config.receiverAuthorizer;
    }

    function _isPayerSide(ChannelConfig calldata config) private view returns (bool) {
        return msg.sender == config.payer || msg.sender == config.payerAuthorizer;
    }

    function _available(Channel storage channel) private view returns (uint128) {
        return channel.balance - channel.totalClaimed;
    }
}
