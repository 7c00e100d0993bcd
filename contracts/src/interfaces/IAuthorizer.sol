// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @title IAuthorizer
/// @notice The ERC-1271 account that stands as `receiverAuthorizer` in a seller's channels. It accepts signatures of the
/// seller and of the seller's settler.
/// @dev It owns nothing and can send nothing: what its signature is good for is claiming for the receiver of a channel
/// and refunding unclaimed money to the payer. Never send assets to it, for a settler could sign for them elsewhere.
interface IAuthorizer is IERC1271 {
    /// @notice The gas given to a seller that is a contract when it is asked about a signature.
    /// @return The gas.
    function SELLER_GAS() external view returns (uint256);

    /// @notice The registry that knows the seller's settler.
    /// @return The contract {IAuthorizers}.
    function registry() external view returns (address);

    /// @notice The seller that this authorizer speaks for.
    /// @return The seller.
    function seller() external view returns (address);
}
