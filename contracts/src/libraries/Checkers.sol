// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IChecker } from "../interfaces/IChecker.sol";
import { ILicenses } from "../interfaces/ILicenses.sol";

/// @title Checkers
/// @notice Asks the checker of terms.
library Checkers {
    /// @dev A checker is a stranger: it may not use up what a purchase needs.
    uint256 private constant CHECKER_GAS = 200_000;

    /// @notice Reverts unless the checker of the terms, if they have one, admits a recipient. An answer that is not
    /// exactly true is a refusal, and so is none.
    /// @param termsId Their identity
    /// @param terms The terms
    /// @param recipient The holder
    /// @param data What the buyer shows
    function requireAdmitted(bytes32 termsId, ILicenses.Terms calldata terms, address recipient, bytes calldata data)
        internal
        view
    {
        address checker = terms.checker;
        if (checker == address(0)) return;
        (bool success, bytes memory answer) = checker.staticcall{ gas: CHECKER_GAS }(
            abi.encodeCall(IChecker.check, (termsId, terms.policyRoot, recipient, data))
        );
        if (!success || answer.length != 32 || bytes32(answer) != bytes32(uint256(1))) {
            revert ILicenses.Licenses_NotAdmitted(termsId, recipient);
        }
    }
}
