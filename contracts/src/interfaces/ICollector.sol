// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ICollector
/// @notice Brings the tokens of a deposit to the settlement contract. Amounts are token atoms.
/// @dev Names and errors follow the x402 `batch-settlement` collectors.
interface ICollector {
    /// @notice The caller is not the settlement contract.
    error OnlyX402BatchSettlement();

    /// @notice The settlement contract named at construction is the zero address.
    error InvalidX402BatchSettlementAddress();

    /// @notice The settlement contract, the only one that may collect and the only one that is paid.
    /// @return The contract {IChannels}.
    function x402BatchSettlement() external view returns (address);

    /// @notice Moves tokens from the payer to the settlement contract.
    /// @dev Requirements:
    /// - The caller is the settlement contract.
    /// - The payer authorized this amount for this channel.
    /// @param payer The account that pays.
    /// @param token The token.
    /// @param amount The atoms to move.
    /// @param channelId The channel the payer authorized.
    /// @param collectorData The payer's authorization, in the encoding of the collector.
    function collect(address payer, address token, uint256 amount, bytes32 channelId, bytes calldata collectorData)
        external;
}
