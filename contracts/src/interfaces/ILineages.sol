// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAttachable } from "./IAttachable.sol";
import { ILicenses } from "./ILicenses.sol";

/// @title ILineages
/// @notice What an asset was made from. A publication names its parents, with a licence of each that permits it; from
/// then on the asset passes a share of its revenue on to them, and grants no right that they did not grant.
/// @dev Nobody can name a stranger as parent: an edge takes a valid licence of the publisher, under terms that the owner
/// of the parent offered, and at least the share that these terms demand. Edges are for ever. Parents are older than
/// their children, so there are no cycles. Nothing is stored here: the shares are in {IVaults}, the limits in
/// {ILicenses-narrow}, and the edges in the events.
interface ILineages is IAttachable {
    /// @notice How an asset came from its parent, and the right that this takes.
    enum Relation {
        /// @dev The parent's data was learned from: TRAIN.
        TrainedOn,
        /// @dev The parent's weights were adapted: FINETUNE.
        FineTunedFrom,
        /// @dev The parent's output was learned from: DISTILL.
        DistilledFrom,
        /// @dev Anything else that was made of the parent: DERIVE.
        Derived,
        /// @dev The parent is part of the asset: SUBLICENSE.
        Bundles
    }

    /// @notice One parent.
    /// @param relation How the asset came from it
    /// @param shareBps Its share in all revenue of the asset, in basis points
    /// @param terms The complete terms of the licence, which name the parent
    struct Edge {
        Relation relation;
        uint16 shareBps;
        ILicenses.Terms terms;
    }

    /// @notice An asset was made from a parent.
    /// @param asset The asset
    /// @param parent The parent
    /// @param termsId The terms of the licence
    /// @param licensee The publisher, who holds it
    /// @param relation How the asset came from it
    /// @param shareBps The parent's share in all revenue of the asset, in basis points
    event Derive(
        uint256 indexed asset,
        uint256 indexed parent,
        bytes32 indexed termsId,
        address licensee,
        Relation relation,
        uint16 shareBps
    );

    /// @notice The caller is not the Assets contract.
    error Lineages_NotAssets(address caller);

    /// @notice Lineage is part of a publication, not of an update.
    error Lineages_NotPublication(uint256 asset, uint32 version);

    /// @notice The publication has named its parents already.
    error Lineages_Attached(uint256 asset);

    /// @notice No parents, or too many.
    error Lineages_WrongCount(uint256 count, uint256 max);

    /// @notice The parents are not strictly ascending.
    error Lineages_UnsortedParent(uint256 index, uint256 parent);

    /// @notice The terms do not grant the right that the relation takes.
    error Lineages_RightMissing(uint256 parent, uint32 rights, uint32 right);

    /// @notice The terms demand a greater share.
    error Lineages_ShareTooSmall(uint256 parent, uint16 shareBps, uint16 least);

    /// @notice The publisher holds no valid licence under these terms.
    error Lineages_NotLicensed(uint256 parent, bytes32 termsId, address publisher);

    /// @notice The parents would together get more than an asset can pass on.
    error Lineages_SharesTooLarge(uint256 sum, uint256 max);

    /// @notice All that an asset can pass on to its parents.
    /// @return bps Basis points of its revenue
    function MAX_SHARES_BPS() external view returns (uint16 bps);

    /// @notice The registry of assets.
    /// @return assets The contract
    function ASSETS() external view returns (address assets);

    /// @notice The licences of parents.
    /// @return licenses The contract
    function LICENSES() external view returns (address licenses);

    /// @notice The vaults that pass revenue on.
    /// @return vaults The contract
    function VAULTS() external view returns (address vaults);
}
