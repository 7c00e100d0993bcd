// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Strings } from "@openzeppelin/contracts/utils/Strings.sol";
import { IAssets } from "../../src/interfaces/IAssets.sol";
import { Powers } from "../../src/libraries/Powers.sol";
import { AssetsTest } from "./Assets.t.sol";

contract AssetsUpdateTest is AssetsTest {
    function _update(address caller, bytes32 root, uint256 count) internal returns (uint32) {
        IAssets.Attachment[] memory attachments = _attachments(count);
        vm.prank(caller);
        return assets.update(asset, root, URI, attachments);
    }

    function _expectNotAuthorized(address caller) internal {
        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_NotAuthorized.selector, asset, caller, Powers.UPDATE));
    }

    function test_A066_RevertWhen_Stranger() external {
        // it should revert with {Assets_NotAuthorized}
        _expectNotAuthorized(bob);
        _update(bob, NEXT_ROOT, 0);
    }

    function test_A068_RevertWhen_Operator() external {
        vm.startPrank(alice);
        assets.approve(bob, asset);
        assets.setApprovalForAll(bob, true);
        vm.stopPrank();

        // it should revert with {Assets_NotAuthorized}
        _expectNotAuthorized(bob);
        _update(bob, NEXT_ROOT, 0);
    }

    function test_RevertWhen_DelegateWithoutUpdate() external {
        vm.prank(alice);
        assets.setDelegate(asset, bob, Powers.OFFER | Powers.SPLIT);

        // it should revert with {Assets_NotAuthorized}
        _expectNotAuthorized(bob);
        _update(bob, NEXT_ROOT, 0);
    }

    function test_RevertWhen_DelegateSendsAttachments() external {
        vm.prank(alice);
        assets.setDelegate(asset, bob, Powers.ALL);

        // it should revert with {Assets_NotOwner}
        IAssets.Attachment[] memory attachments = _attachments(1);
        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_NotOwner.selector, asset, bob));
        vm.prank(bob);
        assets.update(asset, NEXT_ROOT, URI, attachments);
    }

    function test_WhenDelegateWithUpdate() external {
        vm.prank(alice);
        assets.setDelegate(asset, bob, Powers.UPDATE);

        // it should append the version
        assertEq(_update(bob, NEXT_ROOT, 0), 2);
        assertEq(assets.versionOf(asset), 2);
    }

    function test_RevertWhen_RootIsZero() external {
        // it should revert with {Assets_EmptyRoot}
        vm.expectRevert(IAssets.Assets_EmptyRoot.selector);
        _update(alice, 0, 0);
    }

    function testFuzz_A065_RevertWhen_UriIsTooLong(uint256 length) external {
        length = bound(length, 513, 1 << 16);

        // it should revert with {Assets_UriLength}
        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_UriLength.selector, length, uint256(512)));
        vm.prank(alice);
        assets.update(asset, NEXT_ROOT, _text(length), _attachments(0));
    }

    function test_A055_RevertWhen_ModuleGivesTheAssetAway() external {
        vm.prank(alice);
        assets.transferFrom(alice, address(module), asset);
        module.arm(address(assets), abi.encodeCall(assets.transferFrom, (address(module), bob, asset)));
        bytes memory call = abi.encodeCall(assets.update, (asset, NEXT_ROOT, URI, _attachments(2)));

        // it should revert with {Assets_OwnerChanged}
        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_OwnerChanged.selector, asset, bob));
        module.execute(address(assets), call);
    }

    function testFuzz_A066_WhenEverythingIsInOrder(bytes32 root, uint8 times) external {
        vm.assume(root != 0);
        uint32 last = uint32(bound(times, 1, 20)) + 1;
        for (uint32 version = 2; version <= last; ++version) {
            bytes32 next = keccak256(abi.encode(root, version));

            // it should emit {Update}
            vm.expectEmit(address(assets));
            emit IAssets.Update({ asset: asset, version: version, manifestRoot: next, uri: URI });
            assertEq(_update(alice, next, 0), version);
        }

        // it should append the version
        assertEq(assets.versionOf(asset), last);
        // it should keep the root of every earlier version
        assertEq(assets.rootOf(asset, 1), 0);
        assertEq(assets.idOf(alice, IAssets.Kind.Model, ROOT, 0), asset);
        for (uint32 version = 2; version <= last; ++version) {
            assertEq(assets.rootOf(asset, version), keccak256(abi.encode(root, version)));
        }
        // it should leave the token uri as it is
        assertEq(assets.tokenURI(asset), string.concat("urn:agorai:asset:", Strings.toHexString(asset, 32)));
    }

    function test_WhenThereAreAttachments() external {
        _update(alice, NEXT_ROOT, 2);

        // it should tell each module the owner, asset and new version
        for (uint256 i; i < 2; ++i) {
            (address caller, address owner, uint256 id, uint32 version, bytes memory data) = _told(i);
            assertEq(caller, address(assets));
            assertEq(owner, alice);
            assertEq(id, asset);
            assertEq(version, 2);
            assertEq(data, abi.encode(i));
        }
    }
}
