// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Powers
/// @notice What the owner of an asset can let another account do. A set of powers is the sum of its bits.
library Powers {
    /// @notice Append a version.
    uint8 internal constant UPDATE = 1 << 0;
    /// @notice Make and close offers, and state with a holder how much of a licence was used.
    uint8 internal constant OFFER = 1 << 1;
    /// @notice Configure how revenue is shared.
    uint8 internal constant SPLIT = 1 << 2;
    /// @notice Every power there is.
    uint8 internal constant ALL = UPDATE | OFFER | SPLIT;
}
