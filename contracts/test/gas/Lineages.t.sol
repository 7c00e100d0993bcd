// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAssets } from "../../src/interfaces/IAssets.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { ILineages } from "../../src/interfaces/ILineages.sol";
import { LineagesBase } from "../base/LineagesBase.sol";

/// @notice Gas of whole transactions, base fee and calldata included, written to `contracts/snapshots`.
/// @dev Each call is its own transaction.
/// forge-config: default.isolate = true
contract LineagesGasTest is LineagesBase {
    function test_One() external {
        ILicenses.Terms memory terms = _terms(asset, USE, 0, 500);
        _license(terms, heir);
        _publish(heir, "before");
        IAssets.Attachment[] memory attachments = new IAssets.Attachment[](1);
        attachments[0] = _lineage(_edges(_edge(terms, 500)));
        _publishWith(heir, "one", attachments);
        vm.snapshotGasLastCall("Lineages", "publish with one parent, later");

        IAssets.Attachment[] memory all = new IAssets.Attachment[](3);
        (all[0], all[1], all[2]) = (attachments[0], _offers(1, 0), _shares());
        _publishWith(heir, "all", all);
        vm.snapshotGasLastCall("Lineages", "publish with one parent, an offer and a split, later");
    }

    function test_A063_Sixteen() external {
        ILineages.Edge[] memory edges = new ILineages.Edge[](16);
        uint256[] memory parents = new uint256[](16);
        for (uint256 i; i < 16; ++i) {
            parents[i] = _publish(seller, bytes32(i));
        }
        parents = vm.sort(parents);
        for (uint256 i; i < 16; ++i) {
            edges[i] = _edge(_terms(parents[i], USE, 0, 500), 500);
            _license(edges[i].terms, heir);
        }
        IAssets.Attachment[] memory attachments = new IAssets.Attachment[](1);
        attachments[0] = _lineage(edges);
        _publishWith(heir, "sixteen", attachments);
        vm.snapshotGasLastCall("Lineages", "publish with sixteen parents, later");
    }
}
