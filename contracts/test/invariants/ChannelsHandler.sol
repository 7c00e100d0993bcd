// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { IChannels } from "../../src/interfaces/IChannels.sol";
import { PlainToken } from "../actors/PlainToken.sol";
import { ChannelsWorld } from "./ChannelsWorld.sol";

/// @notice What parties, third parties and time do to channels. Every call that should succeed must: a revert fails the
/// run. Calls that may be refused are made low level, and what they may not do is written down in the flags.
contract ChannelsHandler is ChannelsWorld {
    constructor(IChannels channels_) ChannelsWorld(channels_) { }

    /// @dev Follows every action: the books are kept by what can be observed from outside.
    modifier observed() {
        _;
        for (uint256 i = 0; i < ids.length; ++i) {
            (, uint128 claimed) = channels.channels(ids[i]);
            Book storage book = _books[i];
            if (claimed < book.seen) decreased = true;
            else book.seen = claimed;
        }
    }

    function deposit(uint256 index, uint128 amount, bool byStranger) external observed {
        index = bound(index, 0, ids.length - 1);
        amount = uint128(bound(amount, 1, 1e12));
        uint256[5][2] memory before = _wealth();
        vm.prank(byStranger ? stranger : _configs[index].payer);
        channels.deposit(_configs[index], amount, address(sponsor), abi.encode(sponsorFund));
        _books[index].deposited += amount;
        _notePoorer(before);
    }

    function sign(uint256 index, uint128 amount) external {
        index = bound(index, 0, ids.length - 1);
        Book storage book = _books[index];
        (uint128 balance,) = channels.channels(ids[index]);
        amount = uint128(bound(amount, 0, uint256(balance) + 10));
        if (amount > book.signed) book.signed = amount;
    }

    function claim(uint256 index, uint128 total, bool byAuthorizer) external observed {
        index = bound(index, 0, ids.length - 1);
        total = _honestTotal(index, total);
        IChannels.VoucherClaim[] memory rows = new IChannels.VoucherClaim[](1);
        rows[0] = rowOf(index, total);
        vm.prank(byAuthorizer ? receiverAuthorizer : _configs[index].receiver);
        channels.claim(rows);
    }

    function claimAll(uint128[5] calldata totals) external observed {
        IChannels.VoucherClaim[] memory rows = new IChannels.VoucherClaim[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            rows[i] = rowOf(i, _honestTotal(i, totals[i]));
        }
        bytes memory signature = _sign(RECEIVER_AUTHORIZER_KEY, channels.getClaimBatchDigest(rows));
        vm.prank(stranger);
        channels.claimWithSignature(rows, signature);
    }

    /// @dev The receiver side claims without regard to voucher or balance: any total, or one around the signed ceiling,
    /// under the signed ceiling or another one.
    function overclaim(uint256 index, uint128 total, uint128 ceiling, bool near) external observed {
        index = bound(index, 0, ids.length - 1);
        (uint128 balance,) = channels.channels(ids[index]);
        uint128 signed = _books[index].signed;
        total = near ? signed + total % 3 : uint128(bound(total, 0, uint256(balance) + 10));
        IChannels.VoucherClaim[] memory rows = new IChannels.VoucherClaim[](1);
        rows[0] = rowOf(index, total);
        if (ceiling % 2 == 0) rows[0].voucher.maxClaimableAmount = uint128(bound(ceiling, 0, uint256(balance) + 10));
        vm.prank(receiverAuthorizer);
        _try(abi.encodeCall(IChannels.claim, (rows)));
    }

    function settle(uint256 receiver, uint256 token, bool byStranger) external observed {
        receiver = bound(receiver, 0, receivers.length - 1);
        token = bound(token, 0, tokens.length - 1);
        uint256[5][2] memory before = _wealth();
        if (byStranger) vm.prank(stranger);
        channels.settle(receivers[receiver], address(tokens[token]));
        _notePoorer(before);
    }

    function initiateWithdraw(uint256 index, uint128 amount) external observed {
        index = bound(index, 0, ids.length - 1);
        uint128 available = availableOf(index);
        (, uint40 initiatedAt) = channels.pendingWithdrawals(ids[index]);
        amount = uint128(bound(amount, 0, available));
        bytes memory call = abi.encodeCall(IChannels.initiateWithdraw, (_configs[index], amount));
        vm.prank(_configs[index].payer);
        if (initiatedAt != 0 || amount == 0) {
            _try(call);
            return;
        }
        channels.initiateWithdraw(_configs[index], amount);
        _books[index].windowEnd = block.timestamp + _configs[index].withdrawDelay;
    }

    /// @dev Who waits tries a second too soon as well.
    function finalizeWithdraw(uint256 index, bool wait) external observed {
        index = bound(index, 0, ids.length - 1);
        uint256 end = _books[index].windowEnd;
        if (wait && end > block.timestamp + 1) vm.warp(end - 1);
        _finalize(index);
        if (!wait || end <= block.timestamp) return;
        vm.warp(end);
        _finalize(index);
    }

    function _finalize(uint256 index) private {
        Book storage book = _books[index];
        IERC20 token = IERC20(_configs[index].token);
        address payer = _configs[index].payer;
        uint256 funds = token.balanceOf(payer);
        vm.prank(payer);
        if (!_try(abi.encodeCall(IChannels.finalizeWithdraw, (_configs[index])))) return;
        if (block.timestamp < book.windowEnd) early = true;
        book.windowEnd = 0;
        book.returned += token.balanceOf(payer) - funds;
    }

    function refund(uint256 index, uint128 amount, bool bySignature) external observed {
        index = bound(index, 0, ids.length - 1);
        amount = uint128(bound(amount, 1, 2e12));
        IERC20 token = IERC20(_configs[index].token);
        address payer = _configs[index].payer;
        uint256 funds = token.balanceOf(payer);
        (uint128 pending,) = channels.pendingWithdrawals(ids[index]);
        _refund(index, amount, bySignature);
        uint256 paid = token.balanceOf(payer) - funds;
        _books[index].returned += paid;
        if (paid >= pending && paid != 0) _books[index].windowEnd = 0;
    }

    function wait(uint32 time) external {
        vm.warp(block.timestamp + bound(time, 1, 10 days));
    }

    function donate(uint256 token, uint64 amount) external observed {
        token = bound(token, 0, tokens.length - 1);
        PlainToken(address(tokens[token])).mint(address(channels), amount);
        donated[tokens[token]] += amount;
    }

    /// @notice A third party tries every function with terms, amounts and signatures of its choice.
    function attack(uint256 which, uint256 index, uint128 amount, bool ownTerms) external observed {
        index = bound(index, 0, ids.length - 1);
        IChannels.ChannelConfig memory config = _configs[index];
        if (ownTerms) (config.payerAuthorizer, config.receiverAuthorizer) = (stranger, stranger);
        bytes memory call = _attack(bound(which, 0, 6), config, amount);
        uint256[5][2] memory before = _wealth();
        vm.prank(stranger);
        _try(call);
        _notePoorer(before);
    }

    function _attack(uint256 which, IChannels.ChannelConfig memory config, uint128 amount)
        private
        view
        returns (bytes memory)
    {
        bytes32 id = channels.getChannelId(config);
        if (which == 0) return abi.encodeCall(IChannels.refund, (config, amount));
        if (which == 1) return abi.encodeCall(IChannels.initiateWithdraw, (config, amount));
        if (which == 2) return abi.encodeCall(IChannels.finalizeWithdraw, (config));
        if (which == 3) return abi.encodeCall(IChannels.settle, (config.receiver, config.token));
        if (which == 4) {
            uint256 nonce = channels.refundNonce(id);
            bytes memory proof = _sign(STRANGER_KEY, channels.getRefundDigest(id, nonce, amount));
            return abi.encodeCall(IChannels.refundWithSignature, (config, amount, nonce, proof));
        }
        IChannels.VoucherClaim[] memory rows = new IChannels.VoucherClaim[](1);
        rows[0] = IChannels.VoucherClaim({
            voucher: IChannels.Voucher({ channel: config, maxClaimableAmount: amount }),
            signature: _sign(STRANGER_KEY, channels.getVoucherDigest(id, amount)),
            totalClaimed: amount
        });
        if (which == 5) return abi.encodeCall(IChannels.claim, (rows));
        bytes memory signature = _sign(STRANGER_KEY, channels.getClaimBatchDigest(rows));
        return abi.encodeCall(IChannels.claimWithSignature, (rows, signature));
    }

    function _refund(uint256 index, uint128 amount, bool bySignature) private {
        if (!bySignature) {
            vm.prank(_configs[index].receiver);
            channels.refund(_configs[index], amount);
            return;
        }
        uint256 nonce = channels.refundNonce(ids[index]);
        bytes32 digest = channels.getRefundDigest(ids[index], nonce, amount);
        channels.refundWithSignature(_configs[index], amount, nonce, _sign(RECEIVER_AUTHORIZER_KEY, digest));
    }

    /// @dev A total that vouchers and balance cover, stale ones included.
    function _honestTotal(uint256 index, uint128 total) private view returns (uint128) {
        (uint128 balance,) = channels.channels(ids[index]);
        uint128 signed = _books[index].signed;
        return uint128(bound(total, 0, signed < balance ? signed : balance));
    }

    function _try(bytes memory call) private returns (bool success) {
        (success,) = address(channels).call(call);
    }

    function _notePoorer(uint256[5][2] memory before) private {
        uint256[5][2] memory afterwards = _wealth();
        for (uint256 token = 0; token < 2; ++token) {
            for (uint256 i = 0; i < 5; ++i) {
                if (afterwards[token][i] < before[token][i]) harmed = true;
            }
        }
    }
}
