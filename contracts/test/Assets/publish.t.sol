// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAssets } from "../../src/interfaces/IAssets.sol";
import { AssetsTest } from "./Assets.t.sol";

contract AssetsPublishTest is AssetsTest {
    function test_RevertWhen_RootIsZero() external {
        // it should revert with {Assets_EmptyRoot}
        vm.expectRevert(IAssets.Assets_EmptyRoot.selector);
        _publish(bob, _publication(0));
    }

    function test_A065_RevertWhen_UriIsEmpty() external {
        IAssets.Publication memory publication = _publication(NEXT_ROOT);
        publication.uri = "";

        // it should revert with {Assets_UriLength}
        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_UriLength.selector, uint256(0), uint256(512)));
        _publish(bob, publication);
    }

    function testFuzz_A065_RevertWhen_UriIsTooLong(uint256 length) external {
        length = bound(length, 513, 1 << 16);
        IAssets.Publication memory publication = _publication(NEXT_ROOT);
        publication.uri = _text(length);

        // it should revert with {Assets_UriLength}
        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_UriLength.selector, length, uint256(512)));
        _publish(bob, publication);
    }

    function testFuzz_A065_AnyBytesOfPermittedLengthAreAUri(bytes calldata uri) external {
        IAssets.Publication memory publication = _publication(NEXT_ROOT);
        publication.uri = string(uri[:uri.length < 512 ? uri.length : 512]);
        vm.assume(uri.length != 0);
        assertEq(assets.ownerOf(_publish(bob, publication)), bob);

        publication.salt = "full";
        publication.uri = _text(512);
        _publish(bob, publication);
    }

    function test_A064_RevertGiven_PublishedBefore() external {
        // it should revert with {Assets_AlreadyPublished}
        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_AlreadyPublished.selector, asset));
        _publish(alice, _publication(ROOT));
    }

    function test_A064_RevertGiven_PublishedBeforeAndSold() external {
        vm.prank(alice);
        assets.transferFrom(alice, bob, asset);

        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_AlreadyPublished.selector, asset));
        _publish(alice, _publication(ROOT));
        assertEq(assets.ownerOf(asset), bob);
    }

    function test_RevertWhen_TooManyAttachments() external {
        IAssets.Attachment[] memory attachments = _attachments(9);

        // it should revert with {Assets_TooManyAttachments}
        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_TooManyAttachments.selector, uint256(9), uint256(8)));
        vm.prank(bob);
        assets.publish(_publication(NEXT_ROOT), attachments);
    }

    function test_WhenAnAttachmentReverts() external {
        // The module tries to move an asset of somebody else.
        module.arm(address(assets), abi.encodeCall(assets.setDelegate, (asset, bob, 7)));
        IAssets.Attachment[] memory attachments = _attachments(2);
        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_NotOwner.selector, asset, address(module)));
        vm.prank(bob);
        assets.publish(_publication(NEXT_ROOT), attachments);

        // it should publish nothing
        assertEq(assets.versionOf(assets.idOf(bob, IAssets.Kind.Model, NEXT_ROOT, 0)), 0);
    }

    function test_RevertWhen_ModuleHasNoCode() external {
        IAssets.Attachment[] memory attachments = _attachments(1);
        attachments[0].module = carol;

        // it should revert
        vm.expectRevert();
        vm.prank(bob);
        assets.publish(_publication(NEXT_ROOT), attachments);
    }

    function test_A055_RevertWhen_ModuleGivesTheAssetAway() external {
        // The seller is a contract that sells the asset while it is called, so that the attachment after it would act
        // in the name of a former owner.
        uint256 id = assets.idOf(address(module), IAssets.Kind.Model, NEXT_ROOT, 0);
        module.arm(address(assets), abi.encodeCall(assets.transferFrom, (address(module), bob, id)));
        bytes memory call = abi.encodeCall(assets.publish, (_publication(NEXT_ROOT), _attachments(2)));

        // it should revert with {Assets_OwnerChanged}
        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_OwnerChanged.selector, id, bob));
        module.execute(address(assets), call);
    }

    function test_A055_WhenModuleActsOnItsOwn() external {
        uint256 own = assets.idOf(address(module), IAssets.Kind.Model, ROOT, 0);
        module.arm(address(assets), abi.encodeCall(assets.publish, (_publication(ROOT), _attachments(0))));
        module.arm(address(assets), abi.encodeCall(assets.update, (own, NEXT_ROOT, URI, _attachments(0))));
        IAssets.Attachment[] memory attachments = _attachments(1);
        vm.prank(bob);
        uint256 id = assets.publish(_publication(NEXT_ROOT), attachments);

        // it should act as any other caller
        assertEq(assets.ownerOf(own), address(module));
        assertEq(assets.versionOf(own), 2);
        assertEq(assets.ownerOf(id), bob);
        assertEq(assets.versionOf(id), 1);
    }

    function test_A063_RevertWhen_ModulePublishesWithAttachments() external {
        // Otherwise two assets of one transaction could each be the other's parent.
        module.arm(address(assets), abi.encodeCall(assets.publish, (_publication(ROOT), _attachments(1))));
        IAssets.Attachment[] memory attachments = _attachments(1);
        uint256 id = assets.idOf(bob, IAssets.Kind.Model, NEXT_ROOT, 0);

        // it should revert with {Assets_Attaching}
        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_Attaching.selector, id));
        vm.prank(bob);
        assets.publish(_publication(NEXT_ROOT), attachments);
    }

    function testFuzz_WhenEverythingIsInOrder(uint8 kind, bytes32 manifestRoot, bytes32 salt) external {
        vm.assume(manifestRoot != 0 && manifestRoot != ROOT);
        IAssets.Publication memory publication = IAssets.Publication({
            kind: IAssets.Kind(bound(kind, 0, 4)), manifestRoot: manifestRoot, salt: salt, uri: URI
        });
        // The publisher is a contract without onERC721Received.
        uint256 id = assets.idOf(address(this), publication.kind, manifestRoot, salt);

        // it should emit {Publish}
        vm.expectEmit(address(assets));
        emit IAssets.Publish(id, address(this), manifestRoot, publication.kind, salt, URI);
        assertEq(assets.publish(publication, _attachments(0)), id);

        // it should mint the token to the publisher without a callback
        assertEq(assets.ownerOf(id), address(this));
        // it should record version 1
        assertEq(assets.versionOf(id), 1);
    }

    function test_WhenThereAreNoAttachments() external {
        vm.record();
        _publish(bob, _publication(NEXT_ROOT));

        // it should write two storage slots
        (, bytes32[] memory writes) = vm.accesses(address(assets));
        assertEq(writes.length, 2);
    }

    function test_A064_GivenAnotherNamedTheRoot() external {
        uint256 id = assets.idOf(bob, IAssets.Kind.Model, ROOT, 0);

        // it should emit {Publish} with the root indexed, so that the first of a content can be looked up
        vm.expectEmit(address(assets));
        emit IAssets.Publish(id, bob, ROOT, IAssets.Kind.Model, 0, URI);
        _publish(bob, _publication(ROOT));

        // it should leave the other as it is
        assertEq(assets.ownerOf(asset), alice);
        assertEq(assets.versionOf(asset), 1);
    }

    function test_WhenThereAreAttachments() external {
        IAssets.Attachment[] memory attachments = _attachments(8);
        vm.prank(bob);
        uint256 id = assets.publish(_publication(NEXT_ROOT), attachments);

        // it should tell each module the owner, asset and version in order
        assertEq(module.count(), 8);
        for (uint256 i; i < 8; ++i) {
            (address caller, address owner, uint256 told, uint32 version, bytes memory data) = _told(i);
            assertEq(caller, address(assets));
            assertEq(owner, bob);
            assertEq(told, id);
            assertEq(version, 1);
            assertEq(data, abi.encode(i));
            // it should name asset and module for as long as it runs
            (uint256 attached, address named) = module.attachingAt(i);
            assertEq(attached, id);
            assertEq(named, address(module));
        }
        (uint256 left, address nobody) = assets.attaching();
        assertEq(left, 0);
        assertEq(nobody, address(0));
    }

    function testFuzz_IdIsTheHashOfWhatDefinesIt(
        address publisher,
        uint8 kind,
        bytes32 root,
        bytes32 salt,
        uint64 chain
    ) external {
        vm.chainId(bound(chain, 1, type(uint64).max));
        IAssets.Kind bounded = IAssets.Kind(bound(kind, 0, 4));
        assertEq(
            assets.idOf(publisher, bounded, root, salt),
            uint256(keccak256(abi.encode(block.chainid, address(assets), publisher, bounded, root, salt)))
        );
    }

    function test_UnknownAssetsHaveNothing() external {
        assertEq(assets.versionOf(1), 0);
        assertEq(assets.rootOf(1, 1), 0);
        assertEq(assets.rootOf(asset, 2), 0);
        assertFalse(assets.isAuthorized(1, address(0), 7));
        vm.expectRevert();
        assets.tokenURI(1);
    }

    function test_TheCollectionHasANameASymbolAndNoStringInStorage() external view {
        assertEq(assets.name(), "Agorai Assets");
        assertEq(assets.symbol(), "AGORAI");
        assertEq(vm.load(address(assets), bytes32(0)), 0);
        assertEq(vm.load(address(assets), bytes32(uint256(1))), 0);
    }
}
