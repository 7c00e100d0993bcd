// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { IChannels } from "../../src/interfaces/IChannels.sol";
import { ITestDollar } from "../../src/interfaces/ITestDollar.sol";
import { ReentrantToken } from "../actors/ReentrantToken.sol";
import { ChannelsTest } from "./Channels.t.sol";

contract ChannelsFinalizeWithdrawTest is ChannelsTest {
    uint256 internal fundsBefore;

    function setUp() public override {
        super.setUp();
        fundsBefore = token.balanceOf(payer);
        _deposit(config, DEPOSIT);
    }

    function _finalize() internal {
        vm.prank(payer);
        channels.finalizeWithdraw(config);
    }

    function test_A153_RevertWhen_TheCallerIsNotOfThePayerSide() external {
        // it should revert with NotAuthorizedToFinalizeWithdraw
        address[3] memory callers = [receiver, receiverAuthorizer, stranger];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(IChannels.NotAuthorizedToFinalizeWithdraw.selector);
            vm.prank(callers[i]);
            channels.finalizeWithdraw(config);
        }
    }

    function test_RevertGiven_NoWithdrawalIsRunning() external {
        // it should revert with WithdrawalNotPending
        vm.expectRevert(IChannels.WithdrawalNotPending.selector);
        _finalize();
        _initiate(1);
        skip(DELAY);
        _finalize();
        vm.expectRevert(IChannels.WithdrawalNotPending.selector);
        _finalize();
    }

    function testFuzz_RevertWhen_TheDelayHasNotPassed(uint40 delay, uint40 waited) external {
        // it should revert with WithdrawDelayNotElapsed
        config.withdrawDelay = uint40(bound(delay, channels.MIN_WITHDRAW_DELAY(), channels.MAX_WITHDRAW_DELAY()));
        _deposit(config, DEPOSIT);
        _initiate(DEPOSIT);
        skip(bound(waited, 0, config.withdrawDelay - 1));
        vm.expectRevert(IChannels.WithdrawDelayNotElapsed.selector);
        _finalize();
    }

    function testFuzz_WhenSomethingWasClaimedMeanwhile(uint128 amount, uint128 claimed) external {
        // it should pay the lesser of the initiated amount and what is unclaimed
        amount = uint128(bound(amount, 1, DEPOSIT));
        claimed = uint128(bound(claimed, 0, DEPOSIT));
        _initiate(amount);
        _claim(config, claimed);
        skip(DELAY);
        _finalize();
        uint128 paid = amount < DEPOSIT - claimed ? amount : DEPOSIT - claimed;
        assertEq(token.balanceOf(payer), fundsBefore - DEPOSIT + paid);
        _assertChannel(id, DEPOSIT - paid, claimed);
        _assertPending(0, 0);
    }

    function test_WhenThePayerFinalizes() external {
        // it should pay the payer and clear the withdrawal
        // it should emit {WithdrawFinalized} after the transfer
        _initiate(4);
        skip(DELAY);
        vm.recordLogs();
        _finalize();
        _assertLogs([IERC20.Transfer.selector, IChannels.WithdrawFinalized.selector, bytes32(0)], 2);
        assertEq(token.balanceOf(payer), fundsBefore - DEPOSIT + 4);
        _assertChannel(id, DEPOSIT - 4, 0);
        _assertPending(0, 0);
    }

    function test_WhenThePayerAuthorizerFinalizes() external {
        // it should pay the payer
        _initiate(4);
        skip(DELAY);
        vm.expectEmit(address(channels));
        emit IChannels.WithdrawFinalized(id, payerAuthorizer, 4);
        vm.prank(payerAuthorizer);
        channels.finalizeWithdraw(config);
        assertEq(token.balanceOf(payer), fundsBefore - DEPOSIT + 4);
        assertEq(token.balanceOf(payerAuthorizer), 0);
    }

    function test_WhenEverythingIsWithdrawnAndNothingWasClaimed() external {
        // it should emit {ChannelClosed} last
        _initiate(DEPOSIT);
        skip(DELAY);
        vm.recordLogs();
        _finalize();
        _assertLogs(
            [IERC20.Transfer.selector, IChannels.WithdrawFinalized.selector, IChannels.ChannelClosed.selector], 3
        );
        _assertChannel(id, 0, 0);
    }

    function test_WhenEverythingWasClaimed() external {
        // it should pay nothing and emit {WithdrawFinalized} with zero
        _initiate(DEPOSIT);
        _claim(config, DEPOSIT);
        skip(DELAY);
        uint256 before = vm.snapshotState();
        vm.expectEmit(address(channels));
        emit IChannels.WithdrawFinalized(id, payer, 0);
        _finalize();
        vm.revertToState(before);
        vm.recordLogs();
        _finalize();
        _assertLogs([IChannels.WithdrawFinalized.selector, bytes32(0), bytes32(0)], 1);
        _assertChannel(id, DEPOSIT, DEPOSIT);
    }

    function test_A008_WhenClaimAndCloseAreInOneBlock() external {
        // it should split the money the same in both orders
        uint256 before = vm.snapshotState();
        _claim(config, 6);
        _initiate(DEPOSIT - 6);
        skip(DELAY);
        _finalize();
        uint256 payerFirst = token.balanceOf(payer);
        vm.revertToState(before);

        _initiate(DEPOSIT);
        _claim(config, 6);
        skip(DELAY);
        _finalize();
        assertEq(token.balanceOf(payer), payerFirst);
        _assertChannel(id, 6, 6);
        _assertReceiver(6, 0);
    }

    function test_A009_WhenClaimAndFinalizeRaceAroundTheEnd() external {
        // it should let only the claim through before the end, and from then on whichever executes first
        _initiate(DEPOSIT);
        uint256 started = block.timestamp;
        uint256 before = vm.snapshotState();
        for (uint256 at = started + DELAY - 1; at <= started + DELAY + 1; ++at) {
            vm.revertToState(before);
            vm.warp(at);
            _claimFirst(at == started + DELAY - 1);
            vm.revertToState(before);
            vm.warp(at);
            _finalizeFirst(at == started + DELAY - 1);
        }
    }

    function _claimFirst(bool early) internal {
        _claim(config, 6);
        if (early) vm.expectRevert(IChannels.WithdrawDelayNotElapsed.selector);
        _finalize();
        _assertChannel(id, early ? DEPOSIT : 6, 6);
        assertEq(token.balanceOf(address(channels)), early ? DEPOSIT : 6);
    }

    function _finalizeFirst(bool early) internal {
        if (early) vm.expectRevert(IChannels.WithdrawDelayNotElapsed.selector);
        _finalize();
        IChannels.VoucherClaim[] memory rows = _one(_row(config, 6));
        vm.prank(receiver);
        if (!early) vm.expectRevert(IChannels.ClaimExceedsBalance.selector);
        channels.claim(rows);
        _assertChannel(id, early ? DEPOSIT : 0, early ? 6 : 0);
        assertEq(token.balanceOf(address(channels)), early ? DEPOSIT : 0);
    }

    function test_A154_RevertWhen_ThePayerIsFrozen() external {
        // it should revert, keep the withdrawal, and pay the receiver
        _initiate(4);
        skip(DELAY);
        token.blacklist(payer);
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_Blacklisted.selector, payer));
        _finalize();
        _assertPending(4, uint40(block.timestamp) - DELAY);
        _claim(config, DEPOSIT);
        channels.settle(receiver, address(token));
        assertEq(token.balanceOf(receiver), DEPOSIT);
    }

    function test_WhenTheTokenReenters() external {
        // it should refuse the second entry
        ReentrantToken reentrant = new ReentrantToken();
        config.token = address(reentrant);
        reentrant.mint(payer, DEPOSIT);
        vm.prank(payer);
        reentrant.approve(address(collector), DEPOSIT);
        _deposit(config, DEPOSIT);
        _initiate(4);
        skip(DELAY);
        reentrant.arm(address(channels), abi.encodeCall(IChannels.finalizeWithdraw, (config)));
        _finalize();
        assertFalse(reentrant.success());
        assertEq(reentrant.balanceOf(payer), 4);
    }
}
