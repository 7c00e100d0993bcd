// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IChecker
/// @notice Decides who may hold a licence under terms that name it: a list, a credential, a consent that can end.
interface IChecker {
    /// @notice Whether an account may hold a licence. It is asked at every purchase, renewal and trial, with little gas.
    /// @param termsId The terms
    /// @param policyRoot What the terms commit to for this checker
    /// @param recipient The holder
    /// @param data What the buyer shows for it
    /// @return admitted True when it may
    function check(bytes32 termsId, bytes32 policyRoot, address recipient, bytes calldata data)
        external
        view
        returns (bool admitted);
}
