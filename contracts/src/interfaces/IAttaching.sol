// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IAttaching
/// @notice Whose instructions are carried out at this moment. A contract that one module asks on behalf of an asset
/// can so tell that the owner of the asset named that module in this very transaction.
interface IAttaching {
    /// @notice The asset that is being published or updated, and the module that is carrying out the owner's instructions.
    /// @return asset The asset, zero outside of a publication or update with attachments
    /// @return module The module, zero likewise
    function attaching() external view returns (uint256 asset, address module);
}
