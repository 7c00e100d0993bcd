// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IChannels } from "../../src/interfaces/IChannels.sol";
import { SmartWallet } from "../actors/SmartWallet.sol";
import { ChannelsTest } from "./Channels.t.sol";

contract ChannelsRefundWithSignatureTest is ChannelsTest {
    function setUp() public override {
        super.setUp();
        _deposit(config, DEPOSIT);
    }

    function _signature(uint256 nonce, uint128 amount) internal view returns (bytes memory) {
        return _sign(RECEIVER_AUTHORIZER_KEY, channels.getRefundDigest(id, nonce, amount));
    }

    function _refuse(uint128 amount, uint256 nonce, bytes memory signature, bytes4 error) internal {
        vm.expectRevert(error);
        channels.refundWithSignature(config, amount, nonce, signature);
    }

    function test_RevertWhen_TheNonceIsNotTheCurrentOne() external {
        // it should revert with InvalidRefundNonce, also for a nonce that was used
        _refuse(1, 1, "", IChannels.InvalidRefundNonce.selector);
        bytes memory signature = _signature(0, 1);
        channels.refundWithSignature(config, 1, 0, signature);
        _refuse(1, 0, signature, IChannels.InvalidRefundNonce.selector);
    }

    function test_WhenTheReceiverRefundedBefore() external {
        // it should revert with InvalidRefundNonce for what was signed before
        bytes memory signature = _signature(0, 1);
        vm.prank(receiver);
        channels.refund(config, 1);
        _refuse(1, 0, signature, IChannels.InvalidRefundNonce.selector);
    }

    function test_A010_RevertWhen_TheSignatureIsNotTheReceiverAuthorizers() external {
        // it should revert with InvalidSignature
        bytes32 digest = channels.getRefundDigest(id, 0, 1);
        bytes memory honest = _sign(RECEIVER_AUTHORIZER_KEY, digest);
        (bytes32 r, bytes32 s, uint8 v) = _split(honest);
        _refuse(1, 0, _sign(STRANGER_KEY, digest), IChannels.InvalidSignature.selector);
        _refuse(2, 0, honest, IChannels.InvalidSignature.selector);
        _refuse(1, 0, _flip(honest), IChannels.InvalidSignature.selector);
        _refuse(1, 0, abi.encodePacked(r, s, v - 27), IChannels.InvalidSignature.selector);
        _refuse(1, 0, abi.encodePacked(honest, uint8(0)), IChannels.InvalidSignature.selector);
        _refuse(1, 0, "", IChannels.InvalidSignature.selector);
        assertEq(channels.refundNonce(id), 0);
    }

    function test_RevertWhen_TheAmountIsZero() external {
        // it should revert with ZeroRefund
        _refuse(0, 0, _signature(0, 0), IChannels.ZeroRefund.selector);
    }

    function test_WhenAnyoneSubmits() external {
        // it should pay the payer and advance the nonce
        // it should emit {Refunded} with the caller as sender
        uint256 funds = token.balanceOf(payer);
        bytes memory signature = _signature(0, 4);
        vm.expectEmit(address(channels));
        emit IChannels.Refunded(id, stranger, 4);
        vm.prank(stranger);
        channels.refundWithSignature(config, 4, 0, signature);
        assertEq(token.balanceOf(payer), funds + 4);
        assertEq(channels.refundNonce(id), 1);
    }

    function test_GivenNothingIsUnclaimed() external {
        // it should advance the nonce and do nothing else
        _claim(config, DEPOSIT);
        bytes memory signature = _signature(0, 4);
        vm.recordLogs();
        channels.refundWithSignature(config, 4, 0, signature);
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(channels.refundNonce(id), 1);
    }

    function test_WhenTheReceiverAuthorizerIsAContract() external {
        // it should ask it by ERC-1271
        SmartWallet wallet = new SmartWallet(receiverAuthorizer);
        config.receiverAuthorizer = address(wallet);
        id = channels.getChannelId(config);
        _deposit(config, DEPOSIT);
        channels.refundWithSignature(config, 4, 0, _signature(0, 4));
        wallet.setMode(SmartWallet.Mode.Refuse);
        _refuse(4, 1, _signature(1, 4), IChannels.InvalidSignature.selector);
    }
}
