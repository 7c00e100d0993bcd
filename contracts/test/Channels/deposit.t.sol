// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IChannels } from "../../src/interfaces/IChannels.sol";
import { FeeToken } from "../actors/FeeToken.sol";
import { OddToken } from "../actors/OddToken.sol";
import { RebasingToken } from "../actors/RebasingToken.sol";
import { ReentrantCollector } from "../actors/ReentrantCollector.sol";
import { SkewedCollector } from "../actors/SkewedCollector.sol";
import { ChannelsTest } from "./Channels.t.sol";

contract ChannelsDepositTest is ChannelsTest {
    /// @dev Each refusal is tested with everything checked after it wrong as well, which fixes the order of the checks.
    function _wrong() internal view returns (IChannels.ChannelConfig memory terms) {
        terms = config;
        terms.withdrawDelay = 0;
    }

    function _expectRefusal(IChannels.ChannelConfig memory terms, uint128 amount, address by, bytes4 error) internal {
        vm.expectRevert(error);
        channels.deposit(terms, amount, by, "");
    }

    function test_RevertWhen_ThePayerIsZero() external {
        // it should revert with InvalidChannel for the payer
        IChannels.ChannelConfig memory terms = _wrong();
        terms.payer = address(0);
        _expectRefusal(terms, 0, address(0), IChannels.InvalidChannel.selector);
    }

    function test_RevertWhen_TheReceiverIsZero() external {
        // it should revert with InvalidChannel for the receiver
        IChannels.ChannelConfig memory terms = _wrong();
        terms.receiver = address(0);
        _expectRefusal(terms, 0, address(0), IChannels.InvalidChannel.selector);
    }

    function test_RevertWhen_TheReceiverAuthorizerIsZero() external {
        // it should revert with InvalidChannel for the receiver authorizer
        IChannels.ChannelConfig memory terms = _wrong();
        terms.receiverAuthorizer = address(0);
        _expectRefusal(terms, 0, address(0), IChannels.InvalidChannel.selector);
    }

    function test_RevertWhen_TheTokenIsZero() external {
        // it should revert with InvalidChannel for the token
        IChannels.ChannelConfig memory terms = _wrong();
        terms.token = address(0);
        _expectRefusal(terms, 0, address(0), IChannels.InvalidChannel.selector);
    }

    function test_RevertWhen_TheDelayIsTooShort() external {
        // it should revert with WithdrawDelayOutOfRange below the minimum
        IChannels.ChannelConfig memory terms = config;
        terms.withdrawDelay = channels.MIN_WITHDRAW_DELAY() - 1;
        _expectRefusal(terms, 0, address(0), IChannels.WithdrawDelayOutOfRange.selector);
    }

    function test_RevertWhen_TheDelayIsTooLong() external {
        // it should revert with WithdrawDelayOutOfRange above the maximum
        IChannels.ChannelConfig memory terms = config;
        terms.withdrawDelay = channels.MAX_WITHDRAW_DELAY() + 1;
        _expectRefusal(terms, 0, address(0), IChannels.WithdrawDelayOutOfRange.selector);
    }

    function test_WhenTheDelayIsAtABound() external {
        // it should accept both bounds
        IChannels.ChannelConfig memory terms = config;
        terms.withdrawDelay = channels.MIN_WITHDRAW_DELAY();
        _deposit(terms, 1);
        terms.withdrawDelay = channels.MAX_WITHDRAW_DELAY();
        _deposit(terms, 1);
    }

    function test_RevertWhen_TheAmountIsZero() external {
        // it should revert with ZeroDeposit
        _expectRefusal(config, 0, address(0), IChannels.ZeroDeposit.selector);
    }

    function test_RevertWhen_TheCollectorIsZero() external {
        // it should revert with InvalidCollector
        _deposit(config, 1);
        _expectRefusal(config, type(uint128).max, address(0), IChannels.InvalidCollector.selector);
    }

    function test_RevertWhen_TheBalanceWouldOverflow() external {
        // it should revert with DepositOverflow
        _fund(payer, type(uint128).max);
        _deposit(config, 1);
        _expectRefusal(config, type(uint128).max, address(collector), IChannels.DepositOverflow.selector);
        _deposit(config, type(uint128).max - 1);
        _assertChannel(id, type(uint128).max, 0);
    }

    function test_RevertWhen_TheCollectorReverts() external {
        // it should revert with the collector's reason
        vm.prank(payer);
        token.approve(address(collector), 0);
        vm.expectRevert();
        _deposit(config, DEPOSIT);
        _assertChannel(id, 0, 0);
    }

    function test_RevertWhen_TheCollectorHasNoCode() external {
        // it should revert without a reason
        vm.expectRevert(bytes(""));
        channels.deposit(config, DEPOSIT, stranger, "");
    }

    function testFuzz_RevertWhen_TheCollectorBringsAnotherAmount(uint128 asked, uint128 brought) external {
        // it should revert with DepositCollectionFailed for more, less and nothing
        asked = uint128(bound(asked, 1, type(uint128).max));
        vm.assume(asked != brought);
        SkewedCollector skewed = new SkewedCollector();
        token.mint(payer, brought);
        vm.prank(payer);
        token.approve(address(skewed), brought);
        vm.expectRevert(IChannels.DepositCollectionFailed.selector);
        channels.deposit(config, asked, address(skewed), abi.encode(brought));
    }

    function test_A151_RevertWhen_TheTokenKeepsAFee() external {
        // it should revert with DepositCollectionFailed for the fee
        FeeToken fee = new FeeToken();
        IChannels.ChannelConfig memory terms = config;
        terms.token = address(fee);
        fee.mint(payer, DEPOSIT);
        vm.prank(payer);
        fee.approve(address(collector), DEPOSIT);
        vm.expectRevert(IChannels.DepositCollectionFailed.selector);
        _deposit(terms, DEPOSIT);
    }

    function test_A151_WhenTheTokenTakesBalanceAwayLater() external {
        // it should leave channels of other tokens solvent
        RebasingToken rebasing = new RebasingToken();
        IChannels.ChannelConfig memory terms = config;
        terms.token = address(rebasing);
        rebasing.mint(payer, DEPOSIT);
        vm.prank(payer);
        rebasing.approve(address(collector), DEPOSIT);
        _deposit(terms, DEPOSIT);
        _deposit(config, DEPOSIT);
        rebasing.shrink(address(channels));
        _claim(terms, DEPOSIT);
        _claim(config, DEPOSIT);
        channels.settle(receiver, address(token));
        assertEq(token.balanceOf(receiver), DEPOSIT);
        vm.expectRevert();
        channels.settle(receiver, address(rebasing));
    }

    function _odd(OddToken.Answer answer) internal returns (OddToken odd, IChannels.ChannelConfig memory terms) {
        odd = new OddToken(answer);
        terms = config;
        terms.token = address(odd);
        odd.mint(payer, DEPOSIT);
    }

    function test_A014_RevertWhen_TheTokenReturnsFalse() external {
        // it should revert with DepositCollectionFailed for the false answer
        (, IChannels.ChannelConfig memory terms) = _odd(OddToken.Answer.False);
        SkewedCollector trusting = new SkewedCollector();
        vm.expectRevert(IChannels.DepositCollectionFailed.selector);
        channels.deposit(terms, DEPOSIT, address(trusting), abi.encode(DEPOSIT));
    }

    function test_A014_WhenTheTokenReturnsNothingOrAMegabyte() external {
        // it should credit what arrived
        OddToken.Answer[2] memory answers = [OddToken.Answer.Nothing, OddToken.Answer.Huge];
        for (uint256 i = 0; i < answers.length; ++i) {
            (OddToken odd, IChannels.ChannelConfig memory terms) = _odd(answers[i]);
            _deposit(terms, DEPOSIT);
            assertEq(odd.balanceOf(address(channels)), DEPOSIT);
            _assertChannel(channels.getChannelId(terms), DEPOSIT, 0);
        }
    }

    function test_RevertWhen_TheCollectorReenters() external {
        // it should revert with ReentrancyGuardReentrantCall
        ReentrantCollector reentrant = new ReentrantCollector();
        bytes[] memory calls = _everyCall();
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            channels.deposit(config, DEPOSIT, address(reentrant), calls[i]);
        }
    }

    function _everyCall() internal view returns (bytes[] memory calls) {
        IChannels.VoucherClaim[] memory rows = _one(_row(config, 1));
        calls = new bytes[](8);
        calls[0] = abi.encodeCall(IChannels.deposit, (config, 1, address(collector), ""));
        calls[1] = abi.encodeCall(IChannels.claim, (rows));
        calls[2] = abi.encodeCall(IChannels.claimWithSignature, (rows, ""));
        calls[3] = abi.encodeCall(IChannels.settle, (receiver, address(token)));
        calls[4] = abi.encodeCall(IChannels.initiateWithdraw, (config, 1));
        calls[5] = abi.encodeCall(IChannels.finalizeWithdraw, (config));
        calls[6] = abi.encodeCall(IChannels.refund, (config, 1));
        calls[7] = abi.encodeCall(IChannels.refundWithSignature, (config, 1, 0, ""));
    }

    function test_WhenTheChannelIsNew() external {
        // it should credit the channel and take the tokens
        // it should emit {ChannelCreated} and {Deposited} after the transfer
        vm.recordLogs();
        _deposit(config, DEPOSIT);
        _assertLogs([IERC20.Transfer.selector, IChannels.ChannelCreated.selector, IChannels.Deposited.selector], 3);
        _assertChannel(id, DEPOSIT, 0);
        assertEq(token.balanceOf(address(channels)), DEPOSIT);

        IChannels.ChannelConfig memory terms = _salted(1);
        vm.expectEmit(address(channels));
        emit IChannels.ChannelCreated(channels.getChannelId(terms), terms);
        vm.expectEmit(address(channels));
        emit IChannels.Deposited(channels.getChannelId(terms), stranger, 5, 5);
        vm.prank(stranger);
        _deposit(terms, 5);
    }

    function test_WhenTheChannelHoldsMoney() external {
        // it should add to the balance
        // it should emit {Deposited} only
        _deposit(config, DEPOSIT);
        vm.recordLogs();
        _deposit(config, 7);
        _assertLogs([IERC20.Transfer.selector, IChannels.Deposited.selector, bytes32(0)], 2);
        _assertChannel(id, DEPOSIT + 7, 0);
    }

    function test_WhenTheChannelWasEmptiedWithoutAClaim() external {
        // it should emit {ChannelCreated} again
        _deposit(config, DEPOSIT);
        vm.prank(receiver);
        channels.refund(config, DEPOSIT);
        vm.expectEmit(address(channels));
        emit IChannels.ChannelCreated(id, config);
        _deposit(config, DEPOSIT);
    }

    function test_WhenTheChannelWasEmptiedAfterAClaim() external {
        // it should not emit {ChannelCreated} again
        _deposit(config, DEPOSIT);
        _claim(config, DEPOSIT);
        vm.recordLogs();
        _deposit(config, DEPOSIT);
        _assertLogs([IERC20.Transfer.selector, IChannels.Deposited.selector, bytes32(0)], 2);
        _assertChannel(id, 2 * DEPOSIT, DEPOSIT);
    }

    function test_A153_WhenAStrangerTopsUp() external {
        // it should change nobody's rights
        _deposit(config, DEPOSIT);
        _initiate(DEPOSIT);
        uint40 since = uint40(block.timestamp);
        skip(DELAY - 1);
        vm.prank(stranger);
        _deposit(config, 1);
        _assertPending(DEPOSIT, since);
        skip(1);
        vm.prank(payer);
        channels.finalizeWithdraw(config);
        _assertChannel(id, 1, 0);
    }

    function testFuzz_WhenDepositedTwice(uint128 first, uint128 second) external {
        // it should sum the deposits
        first = uint128(bound(first, 1, type(uint128).max - 1));
        second = uint128(bound(second, 1, type(uint128).max - first));
        _fund(payer, uint256(first) + second);
        _deposit(config, first);
        _deposit(config, second);
        _assertChannel(id, first + second, 0);
    }
}
