// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { Assets } from "../../src/Assets.sol";
import { IAssets } from "../../src/interfaces/IAssets.sol";
import { Powers } from "../../src/libraries/Powers.sol";
import { HostileModule } from "../actors/HostileModule.sol";

/// @notice What the tests of assets share: alice has published one model.
abstract contract AssetsTest is Test {
    bytes32 internal constant ROOT = keccak256("root of version 1");
    bytes32 internal constant NEXT_ROOT = keccak256("root of version 2");
    string internal constant URI = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";

    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal carol = makeAddr("carol");
    Assets internal assets;
    HostileModule internal module;
    uint256 internal asset;

    function setUp() public virtual {
        assets = new Assets();
        module = new HostileModule();
        asset = _publish(alice, _publication(ROOT));
    }

    function _publication(bytes32 manifestRoot) internal pure returns (IAssets.Publication memory) {
        return IAssets.Publication({ kind: IAssets.Kind.Model, manifestRoot: manifestRoot, salt: 0, uri: URI });
    }

    function _publish(address publisher, IAssets.Publication memory publication) internal returns (uint256) {
        vm.prank(publisher);
        return assets.publish(publication, _attachments(0));
    }

    function _attachments(uint256 count) internal view returns (IAssets.Attachment[] memory attachments) {
        attachments = new IAssets.Attachment[](count);
        for (uint256 i; i < count; ++i) {
            attachments[i] = IAssets.Attachment({ module: address(module), data: abi.encode(i) });
        }
    }

    function _text(uint256 length) internal pure returns (string memory) {
        return string(new bytes(length));
    }

    function _told(uint256 index)
        internal
        view
        returns (address caller, address owner, uint256 id, uint32 version, bytes memory data)
    {
        return module.told(index);
    }
}
