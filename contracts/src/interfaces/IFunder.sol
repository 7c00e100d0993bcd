// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IFunder
/// @notice A contract that pays when it is asked to, in the middle of a call that it made itself. The one that asks
/// measures what arrives.
interface IFunder {
    /// @notice Moves tokens, out of whatever account it has the power over.
    ///
    /// Requirements:
    /// - The implementation must check who asks, and that it has called it.
    ///
    /// @param token The token
    /// @param to Where the tokens must arrive
    /// @param amount How many atoms must arrive
    /// @param data What the implementation handed to the call that asks
    function fund(address token, address to, uint256 amount, bytes calldata data) external;
}
