// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILicenses } from "../interfaces/ILicenses.sol";
import { Duties, RefundPolicies, Rights } from "./Rights.sol";

/// @title TermsRules
/// @notice The identity of terms, and which terms can be offered: those whose every field is enforced and contradicts no
/// other.
library TermsRules {
    /// @dev A derived asset owes a share under the licence of one of these rights.
    uint32 private constant DERIVING =
        Rights.FINETUNE | Rights.TRAIN | Rights.DISTILL | Rights.DERIVE | Rights.SUBLICENSE;
    uint256 private constant MAX_ROYALTY_BPS = 5_000;
    uint256 private constant BPS = 10_000;
    /// @dev The end of a licence without end.
    uint40 internal constant FOREVER = type(uint40).max;

    /// @notice keccak256(abi.encode(chain id, registry, terms)) without copying the terms field by field.
    /// @dev Assembly because this is half of the cost of reading terms, and every purchase pays it. The fields are not
    /// validated here: terms with dirty bits hash to an id that was never offered, since offers hash decoded terms.
    /// @param registry The contract that keeps the licences
    /// @param terms The terms
    /// @return termsId Their identity
    function idOf(address registry, ILicenses.Terms calldata terms) internal view returns (bytes32 termsId) {
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            mstore(pointer, chainid())
            mstore(add(pointer, 0x20), shr(96, shl(96, registry)))
            calldatacopy(add(pointer, 0x40), terms, 0x300)
            termsId := keccak256(pointer, 0x340)
        }
    }

    /// @notice Reverts unless the terms can be offered.
    /// @param terms The terms
    function requireCoherent(ILicenses.Terms memory terms) internal pure {
        if (terms.rights == 0) revert ILicenses.Licenses_NoRights();
        if (terms.rights > Rights.ALL) revert ILicenses.Licenses_UnknownRights(terms.rights);
        if (terms.duties > Duties.ALL) revert ILicenses.Licenses_UnknownDuties(terms.duties);
        if (terms.slaId != 0) revert ILicenses.Licenses_NotEnforced("slaId");
        bool isResellable = terms.rights & Rights.RESELL != 0;

        // What does not end is not renewed. One period of notice lets every holder renew once more.
        _require(terms.noticePeriod == 0 || (terms.period != 0 && terms.noticePeriod >= terms.period), "noticePeriod");
        // Trials cost nothing, and would take all there is.
        _require(terms.trial == 0 || terms.maxSupply == 0, "trial");
        _require(terms.overageBps == 0 || terms.quota != 0, "overageBps");
        _require(
            terms.resaleRoyaltyBps == 0 || (isResellable && terms.resaleRoyaltyBps <= MAX_ROYALTY_BPS),
            "resaleRoyaltyBps"
        );
        _require(terms.maxResales == 0 || isResellable, "maxResales");
        _require(
            terms.derivativeShareBps == 0 || (terms.rights & DERIVING != 0 && terms.derivativeShareBps <= BPS),
            "derivativeShareBps"
        );
        _requireRefund(terms, isResellable);
        // What is derived stays, so that its price must: by a trial or a refund it would cost nothing.
        bool isDeriving = terms.rights & DERIVING != 0;
        _require(terms.trial == 0 || !isDeriving, "trial");
        _require(terms.refundPolicy == RefundPolicies.NONE || !isDeriving, "refundPolicy");
        // Whom a token is sold to cannot be checked when it moves outside of this protocol.
        _require(terms.checker == address(0) || !isResellable, "checker");
        _require(terms.policyRoot == 0 || terms.checker != address(0), "policyRoot");
    }

    /// @notice Seats of a licence under terms.
    /// @param terms The terms
    /// @return seats At least one
    function seatsOf(ILicenses.Terms calldata terms) internal pure returns (uint16 seats) {
        seats = terms.seats;
        return seats == 0 ? 1 : seats;
    }

    /// @notice Calls of a run after one more period.
    /// @param termsId The terms
    /// @param holder The holder
    /// @param granted Calls before
    /// @param quota Calls of a period
    /// @return sum Their sum
    function grantedAfter(bytes32 termsId, address holder, uint56 granted, uint56 quota)
        internal
        pure
        returns (uint56 sum)
    {
        uint256 wide = uint256(granted) + quota;
        if (wide > type(uint56).max) revert ILicenses.Licenses_QuotaTooLarge(termsId, holder);
        return uint56(wide);
    }

    /// @notice When a period ends. One that ends stays below FOREVER.
    /// @param termsId The terms
    /// @param start When it begins
    /// @param period Its length, 0 without end
    /// @return end Unix time in seconds
    function endOf(bytes32 termsId, uint40 start, uint40 period) internal pure returns (uint40 end) {
        if (period == 0) return FOREVER;
        uint256 wide = uint256(start) + period;
        if (wide >= FOREVER) revert ILicenses.Licenses_PeriodTooLong(termsId, start, period);
        return uint40(wide);
    }

    function _requireRefund(ILicenses.Terms memory terms, bool isResellable) private pure {
        uint8 policy = terms.refundPolicy;
        // One exit: a licence is sold on, or left.
        _require(policy == RefundPolicies.NONE || (policy <= RefundPolicies.LAST && !isResellable), "refundPolicy");
        if (policy == RefundPolicies.FULL_WITHIN_WINDOW) {
            // Within the period, so that only the last payment is ever refundable.
            bool isWithin = terms.period == 0 || terms.refundWindow <= terms.period;
            _require(terms.refundWindow != 0 && isWithin, "refundWindow");
            // A whole refund would give back calls that were made.
            _require(terms.quota == 0, "quota");
        } else {
            _require(terms.refundWindow == 0, "refundWindow");
        }
        if (policy == RefundPolicies.PRO_RATA) {
            _require(terms.period != 0, "period");
            _require(terms.refundPenaltyBps < BPS, "refundPenaltyBps");
        } else {
            _require(terms.refundPenaltyBps == 0, "refundPenaltyBps");
        }
    }

    function _require(bool coherent, bytes32 field) private pure {
        if (!coherent) revert ILicenses.Licenses_Incoherent(field);
    }
}
