// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAttachable } from "./interfaces/IAttachable.sol";
import { ILicenses } from "./interfaces/ILicenses.sol";
import { ILineages } from "./interfaces/ILineages.sol";
import { IVaults } from "./interfaces/IVaults.sol";
import { Duties, Rights } from "./libraries/Rights.sol";

/// @title Lineages
/// @notice See {ILineages}.
contract Lineages is ILineages {
    uint256 private constant MAX_PARENTS = 16;

    /// @inheritdoc ILineages
    uint16 public constant MAX_SHARES_BPS = 9000;
    /// @inheritdoc ILineages
    address public immutable ASSETS;
    /// @inheritdoc ILineages
    address public immutable LICENSES;
    /// @inheritdoc ILineages
    address public immutable VAULTS;

    /// @dev The asset attached to last in this transaction, which is the only one in which it can be attached to.
    uint256 private transient _attached;

    /// @notice Names the contracts that this one asks and tells, for ever.
    /// @param assets The registry of assets
    /// @param licenses The licences of parents
    /// @param vaults The vaults that pass revenue on
    constructor(address assets, address licenses, address vaults) {
        ASSETS = assets;
        LICENSES = licenses;
        VAULTS = vaults;
    }

    /// @notice Names the parents of an asset in the transaction that publishes it.
    /// @dev `data` is abi.encode(Edge[]), one to 16 of them, ascending by parent.
    /// @inheritdoc IAttachable
    function attach(address owner, uint256 asset, uint32 version, bytes calldata data) external {
        if (msg.sender != ASSETS) revert Lineages_NotAssets(msg.sender);
        if (version != 1) revert Lineages_NotPublication(asset, version);
        if (_attached == asset) revert Lineages_Attached(asset);
        Edge[] memory edges = abi.decode(data, (Edge[]));
        if (edges.length == 0 || edges.length > MAX_PARENTS) revert Lineages_WrongCount(edges.length, MAX_PARENTS);

        _attached = asset;
        uint32 rights = Rights.ALL;
        uint32 duties;
        uint256 parent;
        for (uint256 i; i < edges.length; ++i) {
            ILicenses.Terms memory terms = edges[i].terms;
            if (terms.asset <= parent) revert Lineages_UnsortedParent(i, terms.asset);
            parent = terms.asset;
            rights &= terms.rights;
            if (terms.duties & Duties.SHARE_ALIKE != 0) duties |= terms.duties;

            _derive(asset, owner, edges[i]);
        }

        ILicenses(LICENSES).narrow(asset, rights, duties);
        IVaults.Upstream[] memory upstream = _upstreamOf(edges);
        if (upstream.length != 0) IVaults(VAULTS).bind(asset, upstream);
    }

    /// @dev A licence exists only where its asset does, so that the parent is older than the child.
    function _derive(uint256 asset, address publisher, Edge memory edge) private {
        ILicenses.Terms memory terms = edge.terms;
        uint32 right = _rightOf(edge.relation);
        if (terms.rights & right == 0) revert Lineages_RightMissing(terms.asset, terms.rights, right);
        if (edge.shareBps < terms.derivativeShareBps) {
            revert Lineages_ShareTooSmall(terms.asset, edge.shareBps, terms.derivativeShareBps);
        }
        bytes32 termsId = ILicenses(LICENSES).idOf(terms);
        if (!ILicenses(LICENSES).isValid(termsId, publisher, uint40(block.timestamp))) {
            revert Lineages_NotLicensed(terms.asset, termsId, publisher);
        }

        emit Derive({
            asset: asset,
            parent: terms.asset,
            termsId: termsId,
            licensee: publisher,
            relation: edge.relation,
            shareBps: edge.shareBps
        });
    }

    /// @dev The parents that have a share.
    function _upstreamOf(Edge[] memory edges) private pure returns (IVaults.Upstream[] memory upstream) {
        uint256 sum;
        uint256 count;
        for (uint256 i; i < edges.length; ++i) {
            sum += edges[i].shareBps;
            if (edges[i].shareBps != 0) ++count;
        }
        if (sum > MAX_SHARES_BPS) revert Lineages_SharesTooLarge(sum, MAX_SHARES_BPS);

        upstream = new IVaults.Upstream[](count);
        uint256 next;
        for (uint256 i; i < edges.length; ++i) {
            if (edges[i].shareBps == 0) continue;
            upstream[next++] = IVaults.Upstream({ account: edges[i].terms.asset, bps: edges[i].shareBps });
        }
    }

    function _rightOf(Relation relation) private pure returns (uint32 right) {
        if (relation == Relation.TrainedOn) return Rights.TRAIN;
        if (relation == Relation.FineTunedFrom) return Rights.FINETUNE;
        if (relation == Relation.DistilledFrom) return Rights.DISTILL;
        if (relation == Relation.Derived) return Rights.DERIVE;
        return Rights.SUBLICENSE;
    }
}
