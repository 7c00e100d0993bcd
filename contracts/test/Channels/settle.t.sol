// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IChannels } from "../../src/interfaces/IChannels.sol";
import { ITestDollar } from "../../src/interfaces/ITestDollar.sol";
import { ReentrantToken } from "../actors/ReentrantToken.sol";
import { ChannelsTest } from "./Channels.t.sol";

contract ChannelsSettleTest is ChannelsTest {
    function setUp() public override {
        super.setUp();
        _deposit(config, DEPOSIT);
    }

    function test_GivenNothingToSettle() external {
        // it should do nothing
        vm.recordLogs();
        channels.settle(receiver, address(token));
        channels.settle(stranger, address(0));
        assertEq(vm.getRecordedLogs().length, 0);
        _assertReceiver(0, 0);
    }

    function test_WhenAnyoneSettles() external {
        // it should pay the receiver what was claimed and not paid
        // it should emit {Settled} after the transfer
        _claim(config, 6);
        vm.recordLogs();
        vm.prank(stranger);
        channels.settle(receiver, address(token));
        _assertLogs([IERC20.Transfer.selector, IChannels.Settled.selector, bytes32(0)], 2);
        _assertReceiver(6, 6);
        assertEq(token.balanceOf(receiver), 6);

        _claim(config, 10);
        vm.expectEmit(address(channels));
        emit IChannels.Settled(receiver, address(token), stranger, 4);
        vm.prank(stranger);
        channels.settle(receiver, address(token));
        assertEq(token.balanceOf(receiver), 10);
    }

    function test_WhenSettledTwice() external {
        // it should pay once
        _claim(config, 6);
        channels.settle(receiver, address(token));
        vm.recordLogs();
        channels.settle(receiver, address(token));
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(token.balanceOf(receiver), 6);
    }

    function testFuzz_WhenManyChannelsPayOneReceiver(uint64[4] calldata totals) external {
        // it should pay the sum in one transfer
        uint256 sum;
        _fund(payer, type(uint128).max);
        for (uint256 i = 0; i < totals.length; ++i) {
            IChannels.ChannelConfig memory terms = _salted(i + 1);
            _deposit(terms, uint128(totals[i]) + 1);
            _claim(terms, totals[i]);
            sum += totals[i];
        }
        channels.settle(receiver, address(token));
        assertEq(token.balanceOf(receiver), sum);
    }

    function test_A154_RevertWhen_TheReceiverIsFrozen() external {
        // it should revert and keep the credit
        // it should pay other receivers
        IChannels.ChannelConfig memory terms = _salted(1);
        terms.receiver = stranger;
        _deposit(terms, DEPOSIT);
        _claim(config, 6);
        _claim(terms, 7);
        token.blacklist(receiver);
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_Blacklisted.selector, receiver));
        channels.settle(receiver, address(token));
        channels.settle(stranger, address(token));
        assertEq(token.balanceOf(stranger), 7);
        token.unBlacklist(receiver);
        channels.settle(receiver, address(token));
        assertEq(token.balanceOf(receiver), 6);
    }

    function test_A014_RevertWhen_TheTokenReturnsFalse() external {
        // it should revert with SafeERC20FailedOperation
        _claim(config, 6);
        vm.mockCall(address(token), abi.encodeCall(IERC20.transfer, (receiver, 6)), abi.encode(false));
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token)));
        channels.settle(receiver, address(token));
        _assertReceiver(6, 0);
    }

    function test_WhenTheTokenReenters() external {
        // it should pay once and refuse the second entry
        ReentrantToken reentrant = new ReentrantToken();
        IChannels.ChannelConfig memory terms = config;
        terms.token = address(reentrant);
        reentrant.mint(payer, DEPOSIT);
        vm.prank(payer);
        reentrant.approve(address(collector), DEPOSIT);
        _deposit(terms, DEPOSIT);
        _claim(terms, 6);
        reentrant.arm(address(channels), abi.encodeCall(IChannels.settle, (receiver, address(reentrant))));
        channels.settle(receiver, address(reentrant));
        assertFalse(reentrant.success());
        assertEq(reentrant.outcome(), abi.encodePacked(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
        assertEq(reentrant.balanceOf(receiver), 6);
    }
}
