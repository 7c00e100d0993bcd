// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Escrows } from "../../src/Escrows.sol";
import { Licenses } from "../../src/Licenses.sol";
import { Lineages } from "../../src/Lineages.sol";
import { IAssets } from "../../src/interfaces/IAssets.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { ILineages } from "../../src/interfaces/ILineages.sol";
import { Rights } from "../../src/libraries/Rights.sol";
import { VaultsBase } from "./VaultsBase.sol";

/// @notice Vaults, licences and lineages together, and short ways to license a parent and publish what is made of it.
abstract contract LineagesBase is VaultsBase {
    uint32 internal constant USE =
        Rights.INFER | Rights.TRAIN | Rights.FINETUNE | Rights.DISTILL | Rights.DERIVE | Rights.SUBLICENSE;

    Licenses internal licenses;
    Lineages internal lineages;

    function setUp() public virtual override {
        super.setUp();
        vm.prank(governor);
        policy.setToken(address(dollar), true);
        licenses = new Licenses({ assets: assets, policy: policy, payouts: vaults, escrows: new Escrows() });
        lineages = new Lineages({ assets: address(assets), licenses: address(licenses), vaults: address(vaults) });
    }

    /// @dev Terms for nothing, for ever, under which the holder owes a share.
    function _terms(uint256 parent, uint32 rights, uint32 duties, uint16 shareBps)
        internal
        view
        returns (ILicenses.Terms memory terms)
    {
        ILicenses.Prices memory prices;
        terms.asset = parent;
        terms.version = 1;
        (terms.rights, terms.duties, terms.derivativeShareBps) = (rights, duties, shareBps);
        terms.pricesHash = keccak256(abi.encode(prices));
        terms.currency = address(dollar);
    }

    /// @dev The owner of the parent offers, and the holder takes the licence.
    function _license(ILicenses.Terms memory terms, address holder) internal {
        ILicenses.Prices memory prices;
        address owner = assets.ownerOf(terms.asset);
        vm.prank(owner);
        licenses.offer(terms, prices);
        vm.prank(holder);
        licenses.buy(terms, holder, "");
    }

    function _edge(ILicenses.Terms memory terms, uint16 shareBps) internal pure returns (ILineages.Edge memory) {
        return ILineages.Edge({ relation: ILineages.Relation.Derived, shareBps: shareBps, terms: terms });
    }

    function _edges(ILineages.Edge memory edge) internal pure returns (ILineages.Edge[] memory edges) {
        edges = new ILineages.Edge[](1);
        edges[0] = edge;
    }

    function _lineage(ILineages.Edge[] memory edges) internal view returns (IAssets.Attachment memory) {
        return IAssets.Attachment({ module: address(lineages), data: abi.encode(edges) });
    }

    function _offers(uint32 rights, uint32 duties) internal view returns (IAssets.Attachment memory) {
        ILicenses.Terms[] memory terms = new ILicenses.Terms[](1);
        terms[0] = _terms(0, rights, duties, 0);
        terms[0].version = 0;
        return IAssets.Attachment({ module: address(licenses), data: abi.encode(terms, new ILicenses.Prices[](1)) });
    }

    function _shares() internal view returns (IAssets.Attachment memory) {
        return IAssets.Attachment({ module: address(vaults), data: abi.encode(_usual(), WINDOW) });
    }

    /// @dev Publishes what is made of one parent under terms that the publisher is licensed for here.
    function _deriveFrom(uint256 parent, address publisher, bytes32 salt, uint16 shareBps)
        internal
        returns (uint256 child)
    {
        ILicenses.Terms memory terms = _terms(parent, USE, 0, shareBps);
        _license(terms, publisher);
        IAssets.Attachment[] memory attachments = new IAssets.Attachment[](1);
        attachments[0] = _lineage(_edges(_edge(terms, shareBps)));
        return _publishWith(publisher, salt, attachments);
    }
}
