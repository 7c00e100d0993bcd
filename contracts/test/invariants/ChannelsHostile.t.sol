// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { Channels } from "../../src/Channels.sol";
import { HostileHandler } from "./HostileHandler.sol";

/// @notice What a hostile token can do to channels of another token: nothing (A-151).
/// forge-config: default.invariant.runs = 128
/// forge-config: default.invariant.include-storage = false
/// forge-config: default.invariant.include-push-bytes = false
/// forge-config: default.invariant.show-metrics = false
contract ChannelsHostileInvariants is Test {
    Channels internal channels;
    HostileHandler internal handler;

    function setUp() external {
        vm.warp(1_800_000_000);
        channels = new Channels();
        handler = new HostileHandler(channels);
        targetContract(address(handler));
    }

    /// @notice The honest token's balance is exactly what its channel and receiver are owed, every honest atom is
    /// accounted for, and no call on the honest channel fails.
    function invariant_A151_TheHonestTokenStaysSolvent() external view {
        (uint128 balance, uint128 claimed) = channels.channels(channels.getChannelId(handler.configOf(true)));
        (uint128 total, uint128 settled) = channels.receivers(handler.RECEIVER(), address(handler.honest()));
        uint256 held = handler.honest().balanceOf(address(channels));
        uint256 paid = handler.honest().balanceOf(handler.RECEIVER());
        uint256 returned = handler.honest().balanceOf(handler.payer());
        assertEq(held, uint256(balance) - settled);
        assertEq(total, claimed);
        assertEq(paid, settled);
        assertEq(held + paid + returned, handler.deposited());
    }
}
