// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IVaults } from "../interfaces/IVaults.sol";

/// @title Splits
/// @notice The identity of a split, its rows, and what makes a list of payees valid.
library Splits {
    /// @notice All the shares of a split, in basis points.
    uint256 internal constant WHOLE_BPS = 10_000;

    /// @notice The most payees that a split can have, without the protocol.
    uint256 internal constant MAX_PAYEES = 64;

    /// @notice The hash of all that is configured but the window.
    /// @dev 27 bytes, so that a configuration is one storage slot; two splits with one hash cost 2^108 tries.
    /// @param payees The payees.
    /// @param treasury The receiver of the protocol fee.
    /// @param feeBps The protocol fee.
    /// @return sharesHash The hash.
    function hashShares(IVaults.Payee[] memory payees, address treasury, uint16 feeBps)
        internal
        pure
        returns (bytes27 sharesHash)
    {
        return bytes27(keccak256(abi.encode(payees, treasury, feeBps)));
    }

    /// @notice The identity of the split that a configuration means while `owner` owns the account.
    /// @param terms The configuration.
    /// @param owner The owner.
    /// @return splitId The identity.
    function idOf(IVaults.Terms memory terms, address owner) internal pure returns (bytes32 splitId) {
        return keccak256(abi.encode(terms.sharesHash, owner, terms.window));
    }

    /// @notice The identity of a split.
    /// @param split The split.
    /// @return splitId The identity.
    function idOf(IVaults.Split calldata split) internal pure returns (bytes32 splitId) {
        bytes27 sharesHash = hashShares(split.payees, split.treasury, split.feeBps);
        return idOf(IVaults.Terms({ sharesHash: sharesHash, window: split.window }), split.owner);
    }

    /// @notice A row of a split. The protocol fee, when there is one, is the row after the last payee.
    /// @param split The split.
    /// @param index The row.
    /// @return payee The account to be paid.
    /// @return bps Its share.
    function rowOf(IVaults.Split calldata split, uint256 index) internal pure returns (address payee, uint16 bps) {
        if (index < split.payees.length) {
            payee = split.payees[index].account;
            if (payee == address(0)) payee = split.owner;
            return (payee, split.payees[index].bps);
        }
        if (index > split.payees.length || split.feeBps == 0) revert IVaults.Vaults_NoRow(index);
        return (split.treasury, split.feeBps);
    }

    /// @notice Reverts unless a list of payees can be configured.
    /// @param payees The payees.
    /// @param feeBps The protocol fee.
    /// @param payout The payout address of the account, which cannot pay itself.
    function requireValid(IVaults.Payee[] memory payees, uint16 feeBps, address payout) internal view {
        if (payees.length > MAX_PAYEES) revert IVaults.Vaults_ManyPayees(payees.length, MAX_PAYEES);
        uint256 sum = feeBps;
        for (uint256 i = 0; i < payees.length; ++i) {
            address payee = payees[i].account;
            // Strictly ascending: no payee occurs twice, and only the first can be zero, the owner.
            if (i > 0 && payee <= payees[i - 1].account) revert IVaults.Vaults_UnsortedPayee(i, payee);
            if (payee == payout || payee == address(this)) revert IVaults.Vaults_CircularPayee(i, payee);
            if (payees[i].bps == 0) revert IVaults.Vaults_ZeroShare(i, payee);
            sum += payees[i].bps;
        }
        if (sum != WHOLE_BPS) revert IVaults.Vaults_WrongSum(sum, WHOLE_BPS);
    }

    /// @notice The cumulative share of a row, rounded down.
    /// @param accrued The atoms that the split ever shared out.
    /// @param bps The share of the row.
    /// @return share The atoms that the row ever earned.
    function shareDown(uint128 accrued, uint16 bps) internal pure returns (uint128 share) {
        // At most accrued, since no share exceeds the whole.
        return uint128(uint256(accrued) * bps / WHOLE_BPS);
    }
}
