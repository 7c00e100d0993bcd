// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { LicensesTest } from "./Licenses.t.sol";

contract LicensesLeaveSettledTest is LicensesTest {
    function setUp() public override {
        super.setUp();
        terms.quota = 1000;
        _proRata(0);
        _offer(alice);
        _buy(bob, bob);
    }

    function _leaveSettled(address caller, ILicenses.Usage memory usage, address seller, uint256 key)
        internal
        returns (uint256)
    {
        _announce(caller);
        return _take(caller, usage, seller, key);
    }

    function _take(address caller, ILicenses.Usage memory usage, address seller, uint256 key)
        internal
        returns (uint256)
    {
        bytes memory signature = _sign(key, usage);
        vm.prank(caller);
        return licenses.leaveSettled(terms, usage, seller, signature, caller);
    }

    function test_RevertWhen_TheStatementIsAboutSomebodyElse() external {
        _buy(bob, carol);
        ILicenses.Usage memory usage = _usage(NOW, 0, true);
        bytes memory signature = _sign(ALICE_KEY, usage);

        // it should revert with {Licenses_InvalidSignature}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_InvalidSignature.selector, bob));
        vm.prank(carol);
        licenses.leaveSettled(terms, usage, alice, signature, carol);
    }

    function test_A060_RevertWhen_NotTheLast() external {
        // The seller has signed what was used so far, and goes on serving.
        ILicenses.Usage memory usage = _usage(NOW, 1, false);
        bytes memory signature = _sign(ALICE_KEY, usage);

        // it should revert with {Licenses_NotLast}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotLast.selector, licenses.idOf(terms), bob));
        vm.prank(bob);
        licenses.leaveSettled(terms, usage, alice, signature, bob);
    }

    function test_RevertWhen_TheSellerHasNotSigned() external {
        _announce(bob);
        ILicenses.Usage memory usage = _usage(NOW, 0, true);
        bytes memory signature = _sign(BOB_KEY, usage);

        // it should revert with {Licenses_InvalidSignature}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_InvalidSignature.selector, alice));
        vm.prank(bob);
        licenses.leaveSettled(terms, usage, alice, signature, bob);
    }

    function test_RevertWhen_TheSellerIsAStranger() external {
        _announce(bob);
        ILicenses.Usage memory usage = _usage(NOW, 0, true);
        bytes memory signature = _sign(BOB_KEY, usage);

        // it should revert with {Licenses_NotAuthorized}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotAuthorized.selector, asset, bob));
        vm.prank(bob);
        licenses.leaveSettled(terms, usage, bob, signature, bob);
    }

    function test_RevertWhen_AnotherRun() external {
        _announce(bob);
        ILicenses.Usage memory usage = _usage(NOW - 1, 0, true);
        bytes memory signature = _sign(ALICE_KEY, usage);

        // it should revert with {Licenses_OtherRun}
        vm.expectRevert(
            abi.encodeWithSelector(ILicenses.Licenses_OtherRun.selector, licenses.idOf(terms), bob, NOW, NOW - 1)
        );
        vm.prank(bob);
        licenses.leaveSettled(terms, usage, alice, signature, bob);
    }

    function test_L2_RevertWhen_LessThanBefore() external {
        _announce(bob);
        _settle(NOW, 10);
        ILicenses.Usage memory usage = _usage(NOW, 9, true);
        bytes memory signature = _sign(ALICE_KEY, usage);

        // it should revert with {Licenses_UsageDecreased}
        vm.expectRevert(
            abi.encodeWithSelector(
                ILicenses.Licenses_UsageDecreased.selector, licenses.idOf(terms), bob, uint56(10), uint56(9)
            )
        );
        vm.prank(bob);
        licenses.leaveSettled(terms, usage, alice, signature, bob);
    }

    function test_A060_RevertGiven_LeftBefore() external {
        _leaveSettled(bob, _usage(NOW, 500, true), alice, ALICE_KEY);
        ILicenses.Usage memory usage = _usage(NOW, 500, true);
        bytes memory signature = _sign(ALICE_KEY, usage);

        // it should revert with {Licenses_LeaveTooEarly}
        _expectNotAnnounced();
        vm.prank(bob);
        licenses.leaveSettled(terms, usage, alice, signature, bob);
    }

    function test_A060_RevertGiven_NotAnnounced() external {
        // The holder keeps a statement from the seller and goes on calling.
        ILicenses.Usage memory usage = _usage(NOW, 0, true);
        bytes memory signature = _sign(ALICE_KEY, usage);

        // it should revert with {Licenses_LeaveTooEarly}
        _expectNotAnnounced();
        vm.prank(bob);
        licenses.leaveSettled(terms, usage, alice, signature, bob);
    }

    function test_A060_RevertGiven_LeftAndBoughtAgainInTheSameSecond() external {
        vm.warp(NOW + 1 days);
        _leaveSettled(bob, _usage(NOW, 10, true), alice, ALICE_KEY);
        _buy(bob, bob);
        ILicenses.License memory license = _license(bob);
        assertEq(license.start, NOW + 1 days);
        assertEq(license.quotaGranted, 1000);
        assertEq(license.quotaSettled, 0);
        _announce(bob);
        ILicenses.Usage memory usage = _usage(NOW, 10, true);
        bytes memory signature = _sign(ALICE_KEY, usage);

        // it should revert with {Licenses_OtherRun}
        vm.expectRevert(
            abi.encodeWithSelector(ILicenses.Licenses_OtherRun.selector, licenses.idOf(terms), bob, NOW + 1 days, NOW)
        );
        vm.prank(bob);
        licenses.leaveSettled(terms, usage, alice, signature, bob);
    }

    function _expectNotAnnounced() internal {
        vm.expectRevert(
            abi.encodeWithSelector(ILicenses.Licenses_LeaveTooEarly.selector, licenses.idOf(terms), bob, uint256(0))
        );
    }

    function testFuzz_A060_WhenTheSellerHasSigned(uint56 used, uint256 elapsed) external {
        used = uint56(bound(used, 0, 1000));
        elapsed = bound(elapsed, 0, 30 days - 1);
        vm.warp(NOW + elapsed);
        uint256 ofTime = uint256(terms.price) * (30 days - elapsed) / 30 days;
        uint256 ofCalls = uint256(terms.price) * (1000 - used) / 1000;

        _announce(bob);
        // it should emit {SettleUsage}
        vm.expectEmit(address(licenses));
        emit ILicenses.SettleUsage(licenses.idOf(terms), bob, alice, NOW, used, true);
        uint256 refund = _take(bob, _usage(NOW, used, true), alice, ALICE_KEY);

        // it should refund at once what is unused of time and calls
        assertEq(refund, ofCalls < ofTime ? ofCalls : ofTime);
        assertEq(dollar.balanceOf(bob), 1_000_000e6 - terms.price + refund);
        assertFalse(_isValid(bob, block.timestamp));
    }

    function test_GivenItWasAnnouncedAMomentAgo() external {
        vm.warp(NOW + 15 days);
        _announce(bob);
        vm.warp(NOW + 16 days);

        // it should refund what was unused then
        assertEq(_take(bob, _usage(NOW, 0, true), alice, ALICE_KEY), terms.price / 2);
        assertEq(_license(bob).end, NOW + 15 days);
    }
}
