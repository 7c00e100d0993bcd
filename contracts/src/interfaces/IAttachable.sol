// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IAttachable
/// @notice A contract that takes instructions of an asset's owner in the transaction that publishes or updates the asset.
interface IAttachable {
    /// @notice Carries out the instructions of the owner.
    ///
    /// Requirements:
    /// - The caller must be the Assets contract, which vouches that `owner` owns `asset` now and signed the transaction.
    ///
    /// @param owner The owner of the asset
    /// @param asset The asset that was published or updated
    /// @param version The version that was appended, 1 for a publication
    /// @param data Instructions in the encoding of the implementing contract
    function attach(address owner, uint256 asset, uint32 version, bytes calldata data) external;
}
