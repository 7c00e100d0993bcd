// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IChannels } from "../../src/interfaces/IChannels.sol";
import { ChannelsTest } from "./Channels.t.sol";

contract ChannelsInitiateWithdrawTest is ChannelsTest {
    function setUp() public override {
        super.setUp();
        _deposit(config, DEPOSIT);
    }

    function test_A153_RevertWhen_TheCallerIsNotOfThePayerSide() external {
        // it should revert with InvalidChannel
        address[3] memory callers = [receiver, receiverAuthorizer, stranger];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(IChannels.InvalidChannel.selector);
            vm.prank(callers[i]);
            channels.initiateWithdraw(config, 0);
        }
    }

    function test_RevertWhen_TheAmountIsZero() external {
        // it should revert with NothingToWithdraw
        _initiate(1);
        vm.expectRevert(IChannels.NothingToWithdraw.selector);
        _initiate(0);
    }

    function test_RevertWhen_AWithdrawalIsRunning() external {
        // it should revert with WithdrawalAlreadyPending and leave it as it is
        _initiate(1);
        uint40 since = uint40(block.timestamp);
        skip(1);
        vm.expectRevert(IChannels.WithdrawalAlreadyPending.selector);
        _initiate(DEPOSIT + 1);
        _assertPending(1, since);
    }

    function testFuzz_RevertWhen_TheAmountExceedsWhatIsUnclaimed(uint128 claimed, uint128 amount) external {
        // it should revert with WithdrawAmountExceedsAvailable
        claimed = uint128(bound(claimed, 0, DEPOSIT));
        amount = uint128(bound(amount, uint256(DEPOSIT) - claimed + 1, type(uint128).max));
        _claim(config, claimed);
        vm.expectRevert(IChannels.WithdrawAmountExceedsAvailable.selector);
        _initiate(amount);
    }

    function test_RevertWhen_TheChannelIsUnknown() external {
        // it should revert with WithdrawAmountExceedsAvailable for a channel without a deposit
        vm.expectRevert(IChannels.WithdrawAmountExceedsAvailable.selector);
        vm.prank(payer);
        channels.initiateWithdraw(_salted(1), 1);
    }

    function testFuzz_WhenThePayerInitiates(uint128 claimed, uint128 amount) external {
        // it should record amount and time
        // it should emit {WithdrawInitiated} with the earliest end
        claimed = uint128(bound(claimed, 0, DEPOSIT - 1));
        amount = uint128(bound(amount, 1, DEPOSIT - claimed));
        _claim(config, claimed);
        vm.expectEmit(address(channels));
        emit IChannels.WithdrawInitiated(id, amount, uint40(block.timestamp) + DELAY);
        _initiate(amount);
        _assertPending(amount, uint40(block.timestamp));
        _assertChannel(id, DEPOSIT, claimed);
    }

    function test_WhenThePayerAuthorizerInitiates() external {
        // it should record it all the same
        vm.prank(payerAuthorizer);
        channels.initiateWithdraw(config, 3);
        _assertPending(3, uint40(block.timestamp));
    }
}
