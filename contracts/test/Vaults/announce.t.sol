// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IVaults } from "../../src/interfaces/IVaults.sol";
import { Powers } from "../../src/libraries/Powers.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

contract VaultsAnnounceTest is VaultsBase {
    function testFuzz_RevertWhen_TheCallerHasNoPower(address caller) public {
        // it should revert with {Vaults_NotAuthorized}
        vm.assume(caller != seller);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NotAuthorized.selector, asset, caller));
        vaults.announce(asset, _usual());
    }

    function testFuzz_WhenTheOwnerOrADelegateAnnounces(bool delegated) public {
        _configure(asset, seller, _usual());
        vm.prank(seller);
        assets.setDelegate(asset, stranger, Powers.SPLIT);
        uint40 usableFrom = uint40(block.timestamp) + WINDOW;

        // it should emit {Announce}
        vm.expectEmit(address(vaults));
        emit IVaults.Announce(asset, _ownerOnly(10_000), usableFrom);
        vm.prank(delegated ? stranger : seller);
        vaults.announce(asset, _ownerOnly(10_000));

        // it should be usable after the window in force
        (bytes27 sharesHash, uint40 from) = vaults.announcementOf(asset);
        assertEq(sharesHash, _termsOf(_split(_ownerOnly(10_000), seller)).sharesHash);
        assertEq(from, usableFrom);

        // it should take the place of one announced before
        skip(1 days);
        vm.prank(seller);
        vaults.announce(asset, _usual());
        (sharesHash, from) = vaults.announcementOf(asset);
        assertEq(sharesHash, _termsOf(_split(_usual(), seller)).sharesHash);
        assertEq(from, usableFrom + 1 days);
    }
}
