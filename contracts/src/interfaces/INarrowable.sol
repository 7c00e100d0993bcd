// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title INarrowable
/// @notice A contract that offers licences of an asset, and can be told for ever to offer less.
interface INarrowable {
    /// @notice Narrows what may be offered for an asset: nothing beyond the rights, nothing without the duties.
    ///
    /// Requirements:
    /// - The caller must be the module that {IAttaching-attaching} names for the asset.
    ///
    /// @param asset The asset
    /// @param rights The only rights that licences may grant, besides what an earlier call took away
    /// @param duties The duties that licences must demand, besides those of earlier calls
    function narrow(uint256 asset, uint32 rights, uint32 duties) external;
}
