// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Licenses } from "../../src/Licenses.sol";
import { IAssets } from "../../src/interfaces/IAssets.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { Duties, Rights } from "../../src/libraries/Rights.sol";
import { AttachingBook } from "../actors/AttachingBook.sol";
import { HostileModule } from "../actors/HostileModule.sol";
import { LicensesTest } from "./Licenses.t.sol";

/// @dev Each call is its own transaction: what was offered in a transaction is forgotten after it.
/// forge-config: default.isolate = true
contract LicensesNarrowTest is LicensesTest {
    AttachingBook internal book;
    HostileModule internal module;

    function setUp() public override {
        super.setUp();
        book = new AttachingBook(address(assets));
        module = new HostileModule();
        licenses = new Licenses(IAssets(address(book)), policy, payouts, escrows);
    }

    function _narrow(uint256 which, uint32 rights, uint32 duties) internal {
        bytes memory call = abi.encodeCall(licenses.narrow, (which, rights, duties));
        book.lead(asset, module, address(licenses), call);
    }

    function _expectNotAttaching(uint256 which, address caller) internal {
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotAttaching.selector, which, caller));
    }

    function _expectWidens(uint32 rights, uint32 duties) internal {
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_Widens.selector, terms.asset, rights, duties));
    }

    function test_RevertWhen_NoModuleActs() external {
        // it should revert with {Licenses_NotAttaching}
        _expectNotAttaching(asset, alice);
        vm.prank(alice);
        licenses.narrow(asset, Rights.INFER, 0);
    }

    function test_RevertWhen_AnotherModuleActs() external {
        HostileModule other = new HostileModule();
        bytes memory inner = abi.encodeCall(licenses.narrow, (asset, Rights.INFER, 0));
        bytes memory outer = abi.encodeCall(other.execute, (address(licenses), inner));

        // it should revert with {Licenses_NotAttaching}
        _expectNotAttaching(asset, address(other));
        book.lead(asset, module, address(other), outer);
    }

    function test_RevertWhen_TheInstructionsAreForAnotherAsset() external {
        uint256 other = _publish(bob, "other");

        // it should revert with {Licenses_NotAttaching}
        _expectNotAttaching(other, address(module));
        _narrow(other, Rights.INFER, 0);
    }

    function test_RevertWhen_ADutyIsUnknown() external {
        // it should revert with {Licenses_UnknownDuties}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_UnknownDuties.selector, Duties.ALL + 1));
        _narrow(asset, Rights.INFER, Duties.ALL + 1);
    }

    function test_RevertGiven_OfferedInTheSameTransaction() external {
        module.arm(address(licenses), abi.encodeCall(licenses.offer, (terms, prices)));
        module.arm(address(licenses), abi.encodeCall(licenses.narrow, (asset, Rights.INFER, 0)));
        vm.prank(alice);
        assets.setDelegate(asset, address(module), 2);

        // it should revert with {Licenses_OfferedBefore}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_OfferedBefore.selector, asset));
        book.lead(asset, module, address(module), abi.encodeCall(module.run, ()));
        assertFalse(licenses.isOffered(terms));
    }

    function testFuzz_WhenTheModuleActs(uint32 rights, uint32 duties, uint32 offered, uint32 demanded) external {
        duties = uint32(bound(duties, 0, Duties.ALL));
        // it should emit {Narrow} with what is left
        vm.expectEmit(address(licenses));
        emit ILicenses.Narrow(asset, address(module), rights & Rights.ALL, duties);
        _narrow(asset, rights, duties);

        terms.rights = uint32(bound(offered, 1, Rights.ALL));
        terms.duties = uint32(bound(demanded, 0, Duties.ALL));
        bool fits = terms.rights & ~rights == 0 && duties & ~terms.duties == 0;
        if (!fits) _expectWidens(rights & Rights.ALL, duties);
        _offer(alice);
        assertEq(licenses.isOffered(terms), fits);
    }

    function test_EachRightAndDutyIsJudgedAlone() external {
        uint32 rights = Rights.INFER | Rights.EMBED;
        _narrow(asset, rights, Duties.ATTRIBUTE);
        terms.duties = Duties.ATTRIBUTE;
        for (uint256 bit; bit < 11; ++bit) {
            terms.rights = uint32(1 << bit);
            bool fits = terms.rights & rights != 0;
            // it should refuse offers of other rights
            if (!fits) _expectWidens(rights, Duties.ATTRIBUTE);
            _offer(alice);
            assertEq(licenses.isOffered(terms), fits);
        }
        terms.rights = Rights.INFER;
        terms.duties = Duties.LOG;
        // it should refuse offers without the duties
        _expectWidens(rights, Duties.ATTRIBUTE);
        _offer(alice);
        // it should permit offers of fewer rights and more duties
        terms.duties = Duties.ATTRIBUTE | Duties.LOG;
        _offer(alice);
        assertTrue(licenses.isOffered(terms));
    }

    function testFuzz_TwoModulesNarrowTogether(uint32[2] calldata rights, uint32[2] calldata duties) external {
        uint32[2] memory known = [duties[0] & Duties.ALL, duties[1] & Duties.ALL];
        _narrow(asset, rights[0], known[0]);
        _narrow(asset, rights[1], known[1]);

        // it should never widen
        (uint32 granted, uint32 demanded) = licenses.boundsOf(asset);
        assertEq(granted, rights[0] & rights[1] & Rights.ALL);
        assertEq(demanded, known[0] | known[1]);
    }

    function test_OtherAssetsAreLeftAlone() external {
        _narrow(asset, Rights.INFER, 0);
        terms.asset = _publish(bob, "other");
        _offer(bob);

        // it should leave other assets alone
        assertTrue(licenses.isOffered(terms));
        (uint32 granted,) = licenses.boundsOf(terms.asset);
        assertEq(granted, Rights.ALL);
    }

    function test_EarlierOffersAreLeftAlone() external {
        _offer(alice);
        _narrow(asset, Rights.INFER, 0);

        // it should leave offers of earlier transactions alone
        assertTrue(licenses.isOffered(terms));
        _fund(bob, terms.price);
        _buy(bob, bob);
        // They cannot be made again.
        _expectWidens(Rights.INFER, 0);
        _offer(alice);
    }
}
