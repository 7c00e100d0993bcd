// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { OddChecker } from "../actors/OddChecker.sol";
import { LicensesTest } from "./Licenses.t.sol";

contract LicensesStartTrialTest is LicensesTest {
    function setUp() public override {
        super.setUp();
        terms.trial = 3 days;
        _offer(alice);
    }

    function _try() internal returns (uint40) {
        vm.prank(bob);
        return licenses.startTrial(terms, "");
    }

    function _expectNotOffered() internal {
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotOffered.selector, licenses.idOf(terms)));
    }

    function _expectNoTrial() internal {
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NoTrial.selector, licenses.idOf(terms), bob));
    }

    function test_RevertGiven_NotOffered() external {
        terms.price = 1;

        // it should revert with {Licenses_NotOffered}
        _expectNotOffered();
        _try();
    }

    function test_RevertGiven_Closed() external {
        vm.prank(alice);
        licenses.close(terms);

        // it should revert with {Licenses_NotOffered}
        _expectNotOffered();
        _try();
    }

    function test_RevertWhen_TheTermsHaveNoTrial() external {
        terms.trial = 0;
        _offer(alice);

        // it should revert with {Licenses_NoTrial}
        _expectNoTrial();
        _try();
    }

    function testFuzz_A069_RevertGiven_TheHolderTriedBefore(uint40 later) external {
        _try();
        vm.warp(bound(later, NOW, FOREVER - 31 days));

        // it should revert with {Licenses_NoTrial}
        _expectNoTrial();
        _try();
    }

    function test_RevertGiven_TheHolderBoughtBefore() external {
        _buy(bob, bob);
        vm.warp(NOW + 60 days);

        // it should revert with {Licenses_NoTrial}
        _expectNoTrial();
        _try();
    }

    function test_A060_RevertGiven_TheHolderLeftBefore() external {
        _proRata(0);
        _offer(alice);
        _buy(bob, bob);
        _leave(bob);

        // it should revert with {Licenses_NoTrial}
        _expectNoTrial();
        _try();
    }

    function test_A069_RevertWhen_TheTrialIsTooLong() external {
        terms.trial = FOREVER - NOW;
        _offer(alice);

        // it should revert with {Licenses_PeriodTooLong}
        vm.expectRevert(
            abi.encodeWithSelector(ILicenses.Licenses_PeriodTooLong.selector, licenses.idOf(terms), NOW, terms.trial)
        );
        _try();
    }

    function test_RevertWhen_TheCheckerDoesNotAdmit() external {
        terms.checker = address(new OddChecker(OddChecker.Answer.No));
        _offer(alice);

        // it should revert with {Licenses_NotAdmitted}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotAdmitted.selector, licenses.idOf(terms), bob));
        _try();
    }

    function testFuzz_L1_WhenEverythingIsInOrder(uint40 trial, uint56 quota) external {
        terms.trial = uint40(bound(trial, 1, FOREVER - NOW - 1));
        terms.quota = quota;
        bytes32 termsId = _offer(alice);

        // it should emit {Trial}
        vm.expectEmit(address(licenses));
        emit ILicenses.Trial(termsId, bob, asset, NOW, NOW + terms.trial);
        assertEq(_try(), NOW + terms.trial);

        // it should be valid from now for the length of the trial
        _assertLicense(bob, NOW, NOW + terms.trial);
        assertTrue(_isValid(bob, NOW) && _isValid(bob, NOW + terms.trial - 1));
        assertFalse(_isValid(bob, NOW - 1) || _isValid(bob, NOW + terms.trial));
        // it should grant one quota
        assertEq(_license(bob).quotaGranted, quota);
        // it should move nothing
        assertEq(dollar.balanceOf(bob), 1_000_000e6);
    }

    function testFuzz_A069_GivenTheHolderBuysBeforeItEnds(uint256 elapsed) external {
        _try();
        vm.warp(NOW + bound(elapsed, 0, 3 days));
        _buy(bob, bob);

        // it should start the paid period when the trial ends
        _assertLicense(bob, NOW, NOW + 33 days);
        assertEq(dollar.balanceOf(payout), terms.price);
    }
}
