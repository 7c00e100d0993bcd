// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAssets } from "../../src/interfaces/IAssets.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { LicensesTest } from "../Licenses/Licenses.t.sol";

/// @notice Gas of whole transactions, base fee and calldata included, written to `contracts/snapshots`.
/// @dev Each call is its own transaction. The offer of a publication has a price, a period and two prices of use.
/// forge-config: default.isolate = true
contract AssetsGasTest is LicensesTest {
    string internal constant GROUP = "Assets";
    string internal constant URI = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";

    function _publication(bytes32 root) internal pure returns (IAssets.Publication memory) {
        return IAssets.Publication({ kind: IAssets.Kind.Model, manifestRoot: root, salt: 0, uri: URI });
    }

    function _attachments(uint256 offers) internal view returns (IAssets.Attachment[] memory attachments) {
        ILicenses.Terms[] memory list = new ILicenses.Terms[](offers);
        ILicenses.Prices[] memory priceList = new ILicenses.Prices[](offers);
        for (uint256 i; i < offers; ++i) {
            (list[i], priceList[i]) = (terms, prices);
            (list[i].asset, list[i].version) = (0, 0);
        }
        attachments = new IAssets.Attachment[](offers == 0 ? 0 : 1);
        if (offers != 0) attachments[0] = IAssets.Attachment(address(licenses), abi.encode(list, priceList));
    }

    function _measurePublish(address publisher, uint256 offers, string memory name) internal {
        IAssets.Publication memory publication = _publication(keccak256(bytes(name)));
        IAssets.Attachment[] memory attachments = _attachments(offers);
        vm.prank(publisher);
        assets.publish(publication, attachments);
        vm.snapshotGasLastCall(GROUP, name);
    }

    function test_Publish() external {
        _measurePublish(carol, 0, "publish, first of a publisher");
        _measurePublish(carol, 0, "publish, later");
        _measurePublish(relayer, 1, "publish with one offer, first of a publisher");
        _measurePublish(relayer, 1, "publish with one offer, later");
    }

    function test_Update() external {
        vm.prank(alice);
        assets.update(asset, keccak256("2"), URI, _attachments(0));
        vm.snapshotGasLastCall(GROUP, "update, first");
        vm.prank(alice);
        assets.update(asset, keccak256("3"), URI, _attachments(0));
        vm.snapshotGasLastCall(GROUP, "update, later");
    }

    function test_SetDelegate() external {
        vm.prank(alice);
        assets.setDelegate(asset, carol, 7);
        vm.snapshotGasLastCall(GROUP, "setDelegate");
    }

    function test_Transfer() external {
        vm.prank(alice);
        assets.transferFrom(alice, carol, asset);
        vm.snapshotGasLastCall(GROUP, "transferFrom, first of an asset");
    }
}
