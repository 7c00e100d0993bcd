// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IChannels } from "./IChannels.sol";

/// @title IVault
/// @notice The code behind a payout address: it hands what it received to the registry that created it, and claims
/// vouchers as the receiver of channels. It keeps no state.
/// @dev A payout address is a CREATE2 clone whose salt is the account. Its address commits to its creator, so that the
/// creator is recognised without being stored.
interface IVault {
    /// @notice The caller did not create this payout address for this account.
    error Vault_NotRegistry(address caller, uint256 account);

    /// @notice Sends tokens to the registry.
    /// @dev Requirements:
    /// - the caller created this payout address with `account` as salt
    /// @param account The account whose payout address this is.
    /// @param token The token.
    /// @param amount The atoms to send.
    function sweep(uint256 account, address token, uint256 amount) external;

    /// @notice Claims vouchers of channels whose receiver is this payout address.
    /// @dev Requirements:
    /// - the caller created this payout address with `account` as salt
    /// - those of {IChannels-claim}
    /// @param account The account whose payout address this is.
    /// @param rows The rows of the claim.
    function claim(uint256 account, IChannels.VoucherClaim[] calldata rows) external;

    /// @notice The channels that vouchers are claimed from.
    /// @return channels The contract.
    function CHANNELS() external view returns (address channels);
}
