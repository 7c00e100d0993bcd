// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IVaults } from "../../src/interfaces/IVaults.sol";
import { Buckets } from "../../src/libraries/Buckets.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

contract VaultsMatureTest is VaultsBase {
    bytes32 internal splitId;

    function setUp() public override {
        super.setUp();
        _configure(asset, seller, _usual());
        splitId = vaults.splitIdOf(asset);
    }

    function testFuzz_GivenNothingWaits(uint256 account, address token, bytes32 id) public {
        // it should change nothing and emit nothing
        vm.recordLogs();
        vm.record();
        assertEq(vaults.mature(account, token, id), 0);
        assertEq(vm.getRecordedLogs().length, 0);
        (, bytes32[] memory writes) = vm.accesses(address(vaults));
        assertEq(writes.length, 0);
    }

    function test_GivenTheBucketHasNotMatured() public {
        // it should leave it
        _payAndHarvest(asset, 10e6);
        vm.warp(_maturesAt() - 1);
        assertEq(vaults.mature(asset, address(dollar), splitId), 0);
        (uint128 immature,) = vaults.pendingOf(asset, address(dollar), splitId);
        assertEq(immature, 10e6);
    }

    function test_GivenTheBucketHasMatured() public {
        _payAndHarvest(asset, 10e6);
        vm.warp(_maturesAt());
        (, uint128 matured) = vaults.pendingOf(asset, address(dollar), splitId);
        assertEq(matured, 10e6);

        // it should emit {Mature}
        vm.expectEmit(address(vaults));
        emit IVaults.Mature(asset, address(dollar), splitId, 10e6);
        assertEq(vaults.mature(asset, address(dollar), splitId), 10e6);

        // it should add it to what the split accrued
        assertEq(vaults.accruedOf(splitId, address(dollar)), 10e6);

        // it should move it once
        assertEq(vaults.mature(asset, address(dollar), splitId), 0);
        assertEq(vaults.accruedOf(splitId, address(dollar)), 10e6);
    }

    function testFuzz_GivenAnyWindow(uint40 window, uint40 wait, uint128 amount) public {
        window = uint40(bound(window, FLOOR, 30 days));
        amount = uint128(bound(amount, 1, type(uint128).max));
        vm.prank(seller);
        vaults.configure(asset, _usual(), window, new address[](0), _split(_usual(), seller));
        splitId = vaults.splitIdOf(asset);
        skip(bound(wait, 0, 1e9));
        uint256 start = vm.getBlockTimestamp();
        _payAndHarvest(asset, amount);

        // it should hold money for the whole window
        vm.warp(start + window);
        assertEq(vaults.mature(asset, address(dollar), splitId), 0);

        // it should let go of it after one more bucket
        vm.warp(start + window + Buckets.widthUp(window));
        assertEq(vaults.mature(asset, address(dollar), splitId), amount);
    }

    /// @dev With a window of seven days a bucket is a day.
    function _maturesAt() internal view returns (uint256) {
        uint256 today = vm.getBlockTimestamp() / 1 days;
        return (today + 1) * 1 days + WINDOW;
    }
}
