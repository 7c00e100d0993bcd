// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { Powers } from "../../src/libraries/Powers.sol";
import { LicensesTest } from "./Licenses.t.sol";

contract LicensesCloseTest is LicensesTest {
    function _close(address caller) internal {
        vm.prank(caller);
        licenses.close(terms);
    }

    function _expectNotOffered() internal {
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotOffered.selector, licenses.idOf(terms)));
    }

    function test_RevertWhen_Stranger() external {
        _offer(alice);

        // it should revert with {Licenses_NotAuthorized}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotAuthorized.selector, asset, carol));
        _close(carol);
    }

    function test_RevertWhen_DelegateWithoutOffer() external {
        _offer(alice);
        vm.prank(alice);
        assets.setDelegate(asset, carol, Powers.UPDATE | Powers.SPLIT);

        // it should revert with {Licenses_NotAuthorized}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotAuthorized.selector, asset, carol));
        _close(carol);
    }

    function test_A054_ClosingTwiceDoesNotMoveTheNotice() external {
        terms.noticePeriod = 60 days;
        bytes32 termsId = _offer(alice);
        vm.expectEmit(address(licenses));
        emit ILicenses.Close({ termsId: termsId, asset: asset, renewableUntil: NOW + 60 days });
        _close(alice);
        vm.warp(NOW + 1 days);
        _expectNotOffered();
        _close(alice);
        assertEq(licenses.offeringOf(termsId).closedAt, NOW);
    }

    function test_RevertGiven_NotOnOffer() external {
        // it should revert with {Licenses_NotOffered}
        _expectNotOffered();
        _close(alice);
    }

    function test_A057_RevertGiven_OfferOfAFormerOwner() external {
        _offer(alice);
        vm.prank(alice);
        assets.transferFrom(alice, carol, asset);

        // it should revert with {Licenses_NotOffered}
        _expectNotOffered();
        _close(carol);
    }

    function test_A067_GivenOnOffer() external {
        bytes32 termsId = _offer(alice);
        _buy(bob, bob);
        terms.price = 1;
        _offer(alice);
        terms.price = 20e6;

        // it should emit {Close} with the end of the notice
        vm.expectEmit(address(licenses));
        emit ILicenses.Close({ termsId: termsId, asset: asset, renewableUntil: NOW });
        _close(alice);

        // it should end the offer
        assertFalse(licenses.isOffered(terms));
        _expectNotOffered();
        _buy(bob, bob);
        // it should leave licences as they are
        _assertLicense(bob, NOW, NOW + 30 days);
        assertTrue(_isValid(bob, NOW + 30 days - 1));
        // it should end no other offer
        terms.price = 1;
        assertTrue(licenses.isOffered(terms));
    }

    function test_WhenDelegateWithOffer() external {
        _offer(alice);
        vm.prank(alice);
        assets.setDelegate(asset, carol, Powers.OFFER);
        _close(carol);

        // it should end the offer
        assertFalse(licenses.isOffered(terms));
    }

    function test_GivenTheOwnerOffersAgain() external {
        _offer(alice);
        _buy(bob, bob);
        _close(alice);
        _offer(alice);
        _buy(bob, bob);

        // it should let holders renew
        _assertLicense(bob, NOW, NOW + 60 days);
    }
}
