// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IAuthorizers
/// @notice One authorizer contract for each seller, and the settler key that it accepts besides the seller. A channel
/// fixes its `receiverAuthorizer` for ever; naming the seller's authorizer there lets the seller change keys.
/// @dev An authorizer's address is known before it has code. A signature can be checked only once it has: it is deployed
/// when the seller first registers a settler, or by anyone before.
interface IAuthorizers {
    /// @notice A seller set its settler.
    /// @param seller The seller.
    /// @param settler The settler, zero for none.
    /// @param authorizer The seller's authorizer.
    event Register(address indexed seller, address indexed settler, address authorizer);

    /// @notice A seller's authorizer got its code.
    /// @param seller The seller.
    /// @param authorizer The seller's authorizer.
    event Deploy(address indexed seller, address authorizer);

    /// @notice The implementation named at construction has no code.
    /// @param implementation The address.
    error Authorizers_ImplementationWithoutCode(address implementation);

    /// @notice The zero address cannot be a seller.
    error Authorizers_ZeroSeller();

    /// @notice The contract that every authorizer is a clone of.
    /// @return The contract.
    function implementation() external view returns (address);

    /// @notice The settler of a seller, zero for none.
    /// @param seller The seller.
    /// @return The settler, zero for none.
    function settlerOf(address seller) external view returns (address);

    /// @notice The authorizer of a seller, whether it has code or not.
    /// @param seller The seller.
    /// @return The authorizer, which may have no code yet.
    function addressOf(address seller) external view returns (address);

    /// @notice Sets the caller's settler and deploys the caller's authorizer if it has no code.
    /// @param settler The settler; zero revokes.
    /// @return authorizer The caller's authorizer.
    function register(address settler) external returns (address authorizer);

    /// @notice Deploys a seller's authorizer if it has no code; anyone may call.
    /// @dev Requirements:
    /// - `seller` is not zero.
    /// @param seller The seller.
    /// @return authorizer The seller's authorizer.
    function deploy(address seller) external returns (address authorizer);
}
