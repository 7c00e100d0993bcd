// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { LicensesTest } from "./Licenses.t.sol";

contract LicensesReleaseTest is LicensesTest {
    function setUp() public override {
        super.setUp();
        _proRata(0);
        _offer(alice);
        _buy(bob, bob);
    }

    function _release() internal returns (uint256) {
        vm.prank(relayer);
        return licenses.release(terms, bob);
    }

    function _expectNothing() internal {
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NothingToRelease.selector, licenses.idOf(terms), bob));
    }

    function test_RevertWhen_NothingWasPaidIntoEscrow() external {
        terms.refundPolicy = 0;
        _offer(alice);
        _buy(bob, bob);

        // it should revert with {Licenses_NothingToRelease}
        _expectNothing();
        _release();
    }

    function test_RevertGiven_AllCanStillBeRefunded() external {
        // it should revert with {Licenses_NothingToRelease}
        _expectNothing();
        _release();

        _proRata(0);
        terms.refundPenaltyBps = 0;
        _fullWithin(7 days);
        _offer(alice);
        _buy(bob, bob);
        vm.warp(NOW + 7 days - 1);
        _expectNothing();
        _release();
        vm.warp(NOW + 7 days);
        assertEq(_release(), terms.price);
    }

    function test_RevertGiven_AllWasReleased() external {
        vm.warp(NOW + 30 days);
        _release();

        // it should revert with {Licenses_NothingToRelease}
        _expectNothing();
        _release();
    }

    function testFuzz_GivenPartIsFinal(uint256 first, uint256 second) external {
        first = bound(first, 2, 30 days - 2);
        vm.warp(NOW + first);
        uint256 refundable = uint256(terms.price) * (30 days - first) / 30 days;

        // it should emit {Release}
        vm.expectEmit(address(licenses));
        emit ILicenses.Release(licenses.idOf(terms), bob, payout, terms.price - refundable);
        // it should move that part to the payout address
        assertEq(_release(), terms.price - refundable);
        assertEq(dollar.balanceOf(payout), terms.price - refundable);
        // it should leave enough for the refund
        assertEq(_held(bob), refundable);
        vm.warp(NOW + bound(second, first, 30 days - 1));
        uint256 refund = _leave(bob);
        assertLe(refund, refundable);
        if (_held(bob) != 0) _release();
        assertEq(dollar.balanceOf(payout) + refund, terms.price);
    }

    function testFuzz_GivenTheLicenceHasEnded(uint40 later) external {
        vm.warp(bound(later, NOW + 30 days, FOREVER - 31 days));

        // it should move everything
        assertEq(_release(), terms.price);
        assertEq(_held(bob), 0);
        // A new run does not mix with the old one.
        _buy(bob, bob);
        _expectNothing();
        _release();
        assertEq(_leave(bob), terms.price);
    }

    function test_GivenTheHolderIsLeaving() external {
        terms.quota = 1000;
        _offer(alice);
        _buy(bob, bob);
        vm.warp(NOW + 15 days);
        _announce(bob);
        vm.warp(NOW + 17 days);

        // it should move what was used before the announcement
        assertEq(_release(), terms.price / 2);
        vm.warp(NOW + 18 days);
        assertEq(_leave(bob), terms.price / 2);
    }

    function test_GivenTheAssetWasSold() external {
        vm.prank(alice);
        assets.transferFrom(alice, carol, asset);
        vm.warp(NOW + 30 days);

        // it should pay the same payout address
        assertEq(_release(), terms.price);
        assertEq(dollar.balanceOf(payout), terms.price);
    }
}
