// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAssets } from "../../src/interfaces/IAssets.sol";
import { Powers } from "../../src/libraries/Powers.sol";
import { AssetsTest } from "./Assets.t.sol";

contract AssetsSetDelegateTest is AssetsTest {
    function test_A068_RevertWhen_CallerIsNotOwner() external {
        vm.prank(alice);
        assets.setApprovalForAll(bob, true);

        // it should revert with {Assets_NotOwner}
        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_NotOwner.selector, asset, bob));
        vm.prank(bob);
        assets.setDelegate(asset, bob, Powers.ALL);
    }

    function test_RevertWhen_CallerIsDelegate() external {
        vm.prank(alice);
        assets.setDelegate(asset, bob, Powers.ALL);

        // it should revert with {Assets_NotOwner}
        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_NotOwner.selector, asset, bob));
        vm.prank(bob);
        assets.setDelegate(asset, carol, Powers.ALL);
    }

    function testFuzz_RevertWhen_AssetIsUnknown(uint256 id) external {
        vm.assume(id != asset);

        // it should revert with {Assets_NotOwner}
        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_NotOwner.selector, id, alice));
        vm.prank(alice);
        assets.setDelegate(id, bob, Powers.ALL);
    }

    function testFuzz_RevertWhen_PowerIsUnknown(uint8 powers) external {
        powers = uint8(bound(powers, 8, 255));

        // it should revert with {Assets_UnknownPowers}
        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_UnknownPowers.selector, powers));
        vm.prank(alice);
        assets.setDelegate(asset, bob, powers);
    }

    function testFuzz_WhenPowersAreKnown(uint8 powers, uint8 asked) external {
        powers = uint8(bound(powers, 1, 7));
        uint256 other = _publish(alice, _publication(NEXT_ROOT));

        // it should emit {Delegate}
        vm.expectEmit(address(assets));
        emit IAssets.Delegate({ asset: asset, delegate: bob, ownerEpoch: 0, powers: powers });
        vm.prank(alice);
        assets.setDelegate(asset, bob, powers);

        // it should give exactly these powers
        bool all = asked != 0;
        for (uint256 bit; bit < 8; ++bit) {
            uint8 power = uint8(1 << bit);
            assertEq(assets.isAuthorized(asset, bob, power), powers & power != 0);
            if (asked & power != 0 && powers & power == 0) all = false;
        }
        assertEq(assets.isAuthorized(asset, bob, asked), all);
        assertEq(assets.isAuthorized(asset, alice, asked), asked != 0);
        assertFalse(assets.isAuthorized(asset, carol, asked));
        // it should give them over this asset only
        assertFalse(assets.isAuthorized(other, bob, asked));
    }

    function test_WhenPowersAreZero() external {
        vm.startPrank(alice);
        assets.setDelegate(asset, bob, Powers.ALL);
        assets.setDelegate(asset, bob, 0);

        // it should take the powers away
        assertFalse(assets.isAuthorized(asset, bob, Powers.UPDATE));
        assertFalse(assets.isAuthorized(asset, bob, 0));
    }
}
