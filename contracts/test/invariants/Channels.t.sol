// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { Channels } from "../../src/Channels.sol";
import { IChannels } from "../../src/interfaces/IChannels.sol";
import { ChannelsHandler } from "./ChannelsHandler.sol";

/// @notice The invariants of channels after every call of a stateful run.
/// @dev The handler bounds its arguments itself, so a dictionary of values seen would only cost time.
/// forge-config: default.invariant.runs = 32
/// forge-config: default.invariant.include-storage = false
/// forge-config: default.invariant.include-push-bytes = false
/// forge-config: default.invariant.show-metrics = false
contract ChannelsInvariants is Test {
    Channels internal channels;
    ChannelsHandler internal handler;

    function setUp() external {
        vm.warp(1_800_000_000);
        channels = new Channels();
        handler = new ChannelsHandler(channels);
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](12);
        selectors[0] = handler.deposit.selector;
        selectors[1] = handler.sign.selector;
        selectors[2] = handler.claim.selector;
        selectors[3] = handler.claimAll.selector;
        selectors[4] = handler.overclaim.selector;
        selectors[5] = handler.settle.selector;
        selectors[6] = handler.initiateWithdraw.selector;
        selectors[7] = handler.finalizeWithdraw.selector;
        selectors[8] = handler.refund.selector;
        selectors[9] = handler.wait.selector;
        selectors[10] = handler.donate.selector;
        selectors[11] = handler.attack.selector;
        targetSelector(FuzzSelector({ addr: address(handler), selectors: selectors }));
    }

    /// @notice The token balance is what is unclaimed, what is claimed and not settled, and what was donated.
    function invariant_C1_TheTokenBalanceCoversEveryClaimOnIt() external view {
        uint256[2] memory owed;
        for (uint256 i = 0; i < handler.count(); ++i) {
            owed[handler.placeOf(i).token] += handler.availableOf(i);
        }
        for (uint256 token = 0; token < 2; ++token) {
            IERC20 money = handler.tokens(token);
            for (uint256 i = 0; i < 2; ++i) {
                (uint128 claimed, uint128 settled) = channels.receivers(handler.receivers(i), address(money));
                owed[token] += claimed - settled;
            }
            assertEq(money.balanceOf(address(channels)), owed[token] + handler.donated(money));
        }
    }

    /// @notice No channel has more claimed than deposited.
    function invariant_C2_ClaimedIsAtMostDeposited() external view {
        for (uint256 i = 0; i < handler.count(); ++i) {
            (uint128 balance, uint128 claimed) = channels.channels(handler.ids(i));
            assertLe(claimed, balance);
            assertLe(claimed, handler.bookOf(i).deposited);
        }
    }

    /// @notice What was claimed never becomes less.
    function invariant_C3_ClaimedNeverDecreases() external view {
        assertFalse(handler.decreased());
    }

    /// @notice No channel has more claimed than its payer side ever signed.
    function invariant_C4_ClaimedIsAtMostSigned() external view {
        for (uint256 i = 0; i < handler.count(); ++i) {
            (, uint128 claimed) = channels.channels(handler.ids(i));
            assertLe(claimed, handler.bookOf(i).signed);
        }
    }

    /// @notice What a receiver was paid and is still owed is what its channels have claimed.
    function invariant_C5_ReceiversGetWhatWasClaimedForThem() external view {
        uint256[2][2] memory sums;
        for (uint256 i = 0; i < handler.count(); ++i) {
            (, uint128 claimed) = channels.channels(handler.ids(i));
            sums[handler.placeOf(i).token][handler.placeOf(i).receiver] += claimed;
        }
        for (uint256 token = 0; token < 2; ++token) {
            IERC20 money = handler.tokens(token);
            for (uint256 i = 0; i < 2; ++i) {
                address receiver = handler.receivers(i);
                (uint128 claimed, uint128 settled) = channels.receivers(receiver, address(money));
                assertEq(claimed, sums[token][i]);
                assertEq(money.balanceOf(receiver), settled);
            }
        }
    }

    /// @notice Every deposited atom is claimed, returned or still there; per channel, and so per token.
    function invariant_C6_EveryDepositedAtomIsAccountedFor() external view {
        for (uint256 i = 0; i < handler.count(); ++i) {
            (uint128 balance, uint128 claimed) = channels.channels(handler.ids(i));
            assertGe(balance, claimed);
            assertEq(
                uint256(claimed) + handler.availableOf(i) + handler.bookOf(i).returned, handler.bookOf(i).deposited
            );
        }
    }

    /// @notice No call of a third party lowers what a party has or can take out.
    function invariant_C7_ThirdPartiesTakeNothing() external view {
        assertFalse(handler.harmed());
    }

    /// @notice A payer gets everything unclaimed back by its own calls, within the running delay and one more; until
    /// then, and never less than a delay after the start, the receiver side can claim what its vouchers cover.
    function invariant_C9_BothSidesCanAlwaysLeave() external {
        assertFalse(handler.early());
        uint256 index = vm.randomUint(0, handler.count() - 1);
        uint256 before = vm.snapshotState();
        _claimEverything(index);
        vm.revertToState(before);
        _leave(index);
        vm.revertToState(before);
    }

    function _claimEverything(uint256 index) internal {
        uint128 claimable = handler.claimableOf(index);
        if (claimable == 0) return;
        (, uint128 claimed) = channels.channels(handler.ids(index));
        IChannels.VoucherClaim[] memory rows = new IChannels.VoucherClaim[](1);
        rows[0] = handler.rowOf(index, claimed + claimable);
        vm.prank(handler.configOf(index).receiver);
        channels.claim(rows);
        assertEq(handler.claimableOf(index), 0);
    }

    function _leave(uint256 index) internal {
        IChannels.ChannelConfig memory config = handler.configOf(index);
        IERC20 token = IERC20(config.token);
        uint256 expected = token.balanceOf(config.payer) + handler.availableOf(index);
        (, uint40 initiatedAt) = channels.pendingWithdrawals(handler.ids(index));
        vm.startPrank(config.payer);
        if (initiatedAt != 0) {
            uint256 end = uint256(initiatedAt) + config.withdrawDelay;
            if (end > block.timestamp) vm.warp(end);
            channels.finalizeWithdraw(config);
        }
        uint128 rest = handler.availableOf(index);
        if (rest != 0) {
            channels.initiateWithdraw(config, rest);
            skip(config.withdrawDelay);
            channels.finalizeWithdraw(config);
        }
        vm.stopPrank();
        assertEq(token.balanceOf(config.payer), expected);
    }

    /// @notice A running withdrawal never ends sooner than when it was started.
    function invariant_C10_ARunningWindowIsNeverShortened() external view {
        for (uint256 i = 0; i < handler.count(); ++i) {
            (, uint40 initiatedAt) = channels.pendingWithdrawals(handler.ids(i));
            if (initiatedAt == 0) continue;
            assertGe(uint256(initiatedAt) + handler.placeOf(i).delay, handler.bookOf(i).windowEnd);
        }
    }
}
