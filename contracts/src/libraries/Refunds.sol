// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILicenses } from "../interfaces/ILicenses.sol";
import { RefundPolicies } from "./Rights.sol";

/// @title Refunds
/// @notice What a holder who leaves a licence now has not used.
library Refunds {
    /// @notice The part of the money in escrow that is not final, before the penalty. It follows from price, period and
    /// end alone. Rounded down, and so exactly one price more with each period that is paid.
    /// @param terms The terms
    /// @param license The licence
    /// @param held What is in escrow for it, in atoms
    /// @return amount Atoms
    function refundable(ILicenses.Terms calldata terms, ILicenses.License memory license, uint256 held)
        internal
        view
        returns (uint256 amount)
    {
        if (terms.refundPolicy == RefundPolicies.FULL_WITHIN_WINDOW) {
            return block.timestamp < license.refundableUntil ? terms.price : 0;
        }
        if (terms.refundPolicy != RefundPolicies.PRO_RATA || license.seats == 0) return 0;

        (uint256 from, uint256 until) = license.refundableUntil > license.end
            ? (license.end, license.refundableUntil)
            : (block.timestamp, license.end);
        if (from >= until) return 0;
        amount = terms.price * (until - from) / terms.period;
        if (terms.quota != 0) {
            uint256 unused = license.quotaGranted - license.quotaSettled;
            uint256 worth = terms.price * unused / terms.quota;
            if (worth < amount) amount = worth;
        }
        // A trial before the first period was not paid for.
        return amount < held ? amount : held;
    }
}
