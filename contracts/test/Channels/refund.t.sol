// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { IChannels } from "../../src/interfaces/IChannels.sol";
import { ITestDollar } from "../../src/interfaces/ITestDollar.sol";
import { ReentrantToken } from "../actors/ReentrantToken.sol";
import { ChannelsTest } from "./Channels.t.sol";

contract ChannelsRefundTest is ChannelsTest {
    uint256 internal fundsBefore;

    function setUp() public override {
        super.setUp();
        fundsBefore = token.balanceOf(payer);
        _deposit(config, DEPOSIT);
    }

    function _refund(uint128 amount) internal {
        vm.prank(receiver);
        channels.refund(config, amount);
    }

    function test_A153_RevertWhen_TheCallerIsNotOfTheReceiverSide() external {
        // it should revert with NotAuthorizedToRefund
        address[3] memory callers = [payer, payerAuthorizer, stranger];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(IChannels.NotAuthorizedToRefund.selector);
            vm.prank(callers[i]);
            channels.refund(config, 0);
        }
    }

    function test_RevertWhen_TheAmountIsZero() external {
        // it should revert with ZeroRefund
        vm.expectRevert(IChannels.ZeroRefund.selector);
        _refund(0);
        assertEq(channels.refundNonce(id), 0);
    }

    function test_GivenNothingIsUnclaimed() external {
        // it should advance the nonce and do nothing else
        _claim(config, DEPOSIT);
        vm.recordLogs();
        _refund(1);
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(channels.refundNonce(id), 1);
        _assertChannel(id, DEPOSIT, DEPOSIT);
    }

    function testFuzz_GivenSomethingIsUnclaimed(uint128 claimed, uint128 amount) external {
        // it should pay the payer at most what is unclaimed
        // it should advance the nonce
        claimed = uint128(bound(claimed, 0, DEPOSIT - 1));
        amount = uint128(bound(amount, 1, type(uint128).max));
        _claim(config, claimed);
        _refund(amount);
        uint128 paid = amount < DEPOSIT - claimed ? amount : DEPOSIT - claimed;
        assertEq(token.balanceOf(payer), fundsBefore - DEPOSIT + paid);
        _assertChannel(id, DEPOSIT - paid, claimed);
        assertEq(channels.refundNonce(id), 1);
    }

    function test_WhenTheReceiverAuthorizerRefunds() external {
        // it should emit {Refunded} after the transfer
        vm.recordLogs();
        vm.prank(receiverAuthorizer);
        channels.refund(config, 4);
        _assertLogs([IERC20.Transfer.selector, IChannels.Refunded.selector, bytes32(0)], 2);
        vm.expectEmit(address(channels));
        emit IChannels.Refunded(id, receiverAuthorizer, 5);
        vm.prank(receiverAuthorizer);
        channels.refund(config, 5);
    }

    function test_WhenEverythingIsRefundedAndNothingWasClaimed() external {
        // it should emit {ChannelClosed} last
        vm.recordLogs();
        _refund(DEPOSIT);
        _assertLogs([IERC20.Transfer.selector, IChannels.Refunded.selector, IChannels.ChannelClosed.selector], 3);
        _assertChannel(id, 0, 0);
    }

    function testFuzz_GivenAWithdrawalIsRunning(uint128 pending, uint128 amount) external {
        // it should lower the withdrawal by the refund without touching its time
        // it should clear a withdrawal that is not larger than the refund
        pending = uint128(bound(pending, 1, DEPOSIT));
        amount = uint128(bound(amount, 1, DEPOSIT));
        uint40 since = uint40(block.timestamp);
        _initiate(pending);
        skip(1 hours);
        _refund(amount);
        if (amount < pending) _assertPending(pending - amount, since);
        else _assertPending(0, 0);
    }

    function test_A154_RevertWhen_ThePayerIsFrozen() external {
        // it should revert and leave the receiver's claims alone
        token.blacklist(payer);
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_Blacklisted.selector, payer));
        _refund(4);
        _claim(config, DEPOSIT);
        channels.settle(receiver, address(token));
        assertEq(token.balanceOf(receiver), DEPOSIT);
    }

    function test_WhenTheTokenReenters() external {
        // it should refuse the second entry
        ReentrantToken reentrant = new ReentrantToken();
        config.token = address(reentrant);
        config.receiver = address(reentrant);
        reentrant.mint(payer, DEPOSIT);
        vm.prank(payer);
        reentrant.approve(address(collector), DEPOSIT);
        _deposit(config, DEPOSIT);
        reentrant.arm(address(channels), abi.encodeCall(IChannels.refund, (config, 4)));
        vm.prank(receiverAuthorizer);
        channels.refund(config, 4);
        assertFalse(reentrant.success());
        assertEq(reentrant.balanceOf(payer), 4);
    }
}
