// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IPayouts
/// @notice Where the revenue of an account goes.
interface IPayouts {
    /// @notice The address that receives the payments of an account, whether or not it has code yet.
    /// @param account An asset id, or a seller's address as a number
    /// @return payout The address to pay; the same for ever
    function payoutOf(uint256 account) external view returns (address payout);
}
