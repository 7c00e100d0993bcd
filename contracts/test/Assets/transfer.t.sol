// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC2981 } from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import { IERC721 } from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import { IERC721Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { IAssets } from "../../src/interfaces/IAssets.sol";
import { Powers } from "../../src/libraries/Powers.sol";
import { AssetsTest } from "./Assets.t.sol";

contract AssetsTransferTest is AssetsTest {
    function _delegate(address owner, address delegate) internal {
        vm.prank(owner);
        assets.setDelegate(asset, delegate, Powers.ALL);
    }

    function _transfer(address from, address to) internal {
        vm.prank(from);
        assets.transferFrom(from, to, asset);
    }

    function test_A057_TransferVoidsEveryPower() external {
        _delegate(alice, carol);
        assertTrue(assets.isAuthorized(asset, carol, Powers.UPDATE));

        _transfer(alice, bob);

        assertEq(assets.ownerEpochOf(asset), 1);
        assertFalse(assets.isAuthorized(asset, carol, Powers.UPDATE));
        assertFalse(assets.isAuthorized(asset, alice, Powers.UPDATE));
        assertTrue(assets.isAuthorized(asset, bob, Powers.UPDATE));
    }

    function test_A057_PowersAreNotRevivedByANewOwnersDelegations() external {
        address dave = makeAddr("dave");
        _delegate(alice, carol);
        _transfer(alice, bob);
        _delegate(bob, dave);

        assertTrue(assets.isAuthorized(asset, dave, Powers.OFFER));
        assertFalse(assets.isAuthorized(asset, carol, Powers.OFFER));
    }

    function test_A057_PowersAreNotRevivedWhenTheAssetComesBack() external {
        _delegate(alice, carol);
        _transfer(alice, bob);
        _transfer(bob, alice);
        assertEq(assets.ownerEpochOf(asset), 2);
        assertFalse(assets.isAuthorized(asset, carol, Powers.ALL));
    }

    function test_A057_TransferToOneselfVoidsPowersToo() external {
        _delegate(alice, carol);
        _transfer(alice, alice);
        assertEq(assets.ownerEpochOf(asset), 1);
        assertFalse(assets.isAuthorized(asset, carol, Powers.ALL));
    }

    function test_A068_AnApprovalCoversOneAssetUntilItMoves() external {
        uint256 other = _publish(alice, _publication(NEXT_ROOT));
        vm.prank(alice);
        assets.approve(carol, asset);

        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InsufficientApproval.selector, carol, other));
        vm.prank(carol);
        assets.transferFrom(alice, carol, other);

        vm.prank(carol);
        assets.transferFrom(alice, bob, asset);
        assertEq(assets.getApproved(asset), address(0));

        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InsufficientApproval.selector, carol, asset));
        vm.prank(carol);
        assets.transferFrom(bob, carol, asset);
    }

    function test_A068_AnApprovalDoesNotCoverAssetsAcquiredLater() external {
        vm.prank(alice);
        assets.approve(carol, asset);
        uint256 later = _publish(alice, _publication(NEXT_ROOT));
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InsufficientApproval.selector, carol, later));
        vm.prank(carol);
        assets.transferFrom(alice, carol, later);
    }

    function test_A097_NothingIsOwnableOrInitialisable() external {
        bytes4[4] memory selectors = [
            bytes4(keccak256("owner()")),
            bytes4(keccak256("initialize()")),
            bytes4(keccak256("transferOwnership(address)")),
            bytes4(keccak256("upgradeToAndCall(address,bytes)"))
        ];
        for (uint256 i; i < selectors.length; ++i) {
            (bool success,) = address(assets).call(abi.encodePacked(selectors[i], new bytes(64)));
            assertFalse(success);
        }
    }

    function test_Supports721And2981() external view {
        assertTrue(assets.supportsInterface(type(IERC721).interfaceId));
        assertTrue(assets.supportsInterface(type(IERC2981).interfaceId));
        assertFalse(assets.supportsInterface(0xffffffff));
    }

    function testFuzz_A062_NoSaleOfAnAssetPaysARoyalty(uint256 price) external view {
        (address receiver, uint256 amount) = assets.royaltyInfo(asset, price);
        assertEq(receiver, address(0));
        assertEq(amount, 0);
    }

    /// @dev Whatever sequence of owners there is, the epoch counts transfers and only the present owner has power.
    function testFuzz_A057_EpochCountsTransfers(uint8[] calldata steps) external {
        address[3] memory people = [alice, bob, carol];
        address owner = alice;
        uint256 length = steps.length < 16 ? steps.length : 16;
        for (uint256 i; i < length; ++i) {
            _delegate(owner, people[(uint256(steps[i]) + 1) % 3]);
            address next = people[steps[i] % 3];
            _transfer(owner, next);
            owner = next;
            for (uint256 j; j < 3; ++j) {
                assertEq(assets.isAuthorized(asset, people[j], Powers.UPDATE), people[j] == owner);
            }
        }
        assertEq(assets.ownerEpochOf(asset), length);
    }
}
