// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { LicensesTest } from "./Licenses.t.sol";

contract LicensesAnnounceLeaveTest is LicensesTest {
    function setUp() public override {
        super.setUp();
        terms.quota = 1000;
        _proRata(0);
        _offer(alice);
        _buy(bob, bob);
    }

    function _expectNotRefundable() internal {
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotRefundable.selector, licenses.idOf(terms), bob));
    }

    function _expectNotRunning(address holder) internal {
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotRunning.selector, licenses.idOf(terms), holder));
    }

    function test_RevertWhen_TheTermsHaveNoQuota() external {
        terms.quota = 0;
        _offer(alice);
        _buy(bob, bob);

        // it should revert with {Licenses_NotRefundable}
        _expectNotRefundable();
        _announce(bob);
    }

    function test_RevertWhen_TheTermsDoNotRefundProRata() external {
        terms.refundPolicy = 0;
        _offer(alice);
        _buy(bob, bob);

        // it should revert with {Licenses_NotRefundable}
        _expectNotRefundable();
        _announce(bob);
    }

    function test_RevertGiven_NoLicence() external {
        // it should revert with {Licenses_NotRunning}
        _expectNotRunning(carol);
        _announce(carol);
    }

    function test_RevertGiven_Ended() external {
        vm.warp(NOW + 30 days);

        // it should revert with {Licenses_NotRunning}
        _expectNotRunning(bob);
        _announce(bob);
    }

    function test_RevertGiven_AnnouncedBefore() external {
        _announce(bob);

        // it should revert with {Licenses_NotRunning}
        _expectNotRunning(bob);
        _announce(bob);
    }

    function testFuzz_L1_GivenTheLicenceRuns(uint256 elapsed) external {
        uint40 at = uint40(NOW + bound(elapsed, 0, 30 days - 1));
        vm.warp(at);
        // it should emit {AnnounceLeave}
        vm.expectEmit(address(licenses));
        emit ILicenses.AnnounceLeave(licenses.idOf(terms), bob, at, NOW + 30 days, uint256(at) + 3 days);
        assertEq(_announce(bob), uint256(at) + licenses.LEAVE_DELAY());

        // it should end the licence now
        assertFalse(_isValid(bob, at));
        assertEq(_license(bob).end, at);
        // it should remember until when it was paid for
        assertEq(_license(bob).refundableUntil, NOW + 30 days);
        // it should move nothing
        assertEq(_held(bob), terms.price);
        assertEq(dollar.balanceOf(bob), 1_000_000e6 - terms.price);
        // it should refuse renewals until the holder has left
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_Leaving.selector, licenses.idOf(terms), bob));
        _buy(bob, bob);
        vm.warp(at + 3 days);
        _leave(bob);
        _buy(bob, bob);
        assertTrue(_isValid(bob, block.timestamp));
    }
}
