// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Rights
/// @notice What a licence permits. A set of rights is the sum of its bits.
library Rights {
    /// @notice Run the model and use its output.
    uint32 internal constant INFER = 1 << 0;
    /// @notice Compute embeddings.
    uint32 internal constant EMBED = 1 << 1;
    /// @notice Measure quality.
    uint32 internal constant EVALUATE = 1 << 2;
    /// @notice Adapt the weights.
    uint32 internal constant FINETUNE = 1 << 3;
    /// @notice Train on the data.
    uint32 internal constant TRAIN = 1 << 4;
    /// @notice Train another model on the output.
    uint32 internal constant DISTILL = 1 << 5;
    /// @notice Publish a derived asset.
    uint32 internal constant DERIVE = 1 << 6;
    /// @notice Sell the licence on.
    uint32 internal constant RESELL = 1 << 7;
    /// @notice Grant licences of one's own.
    uint32 internal constant SUBLICENSE = 1 << 8;
    /// @notice Use for profit.
    uint32 internal constant COMMERCIAL = 1 << 9;
    /// @notice Take a copy of the files away.
    uint32 internal constant EXPORT = 1 << 10;
    /// @notice Every right there is.
    uint32 internal constant ALL = (1 << 11) - 1;
}

/// @title Duties
/// @notice What a licence demands of its holder. A set of duties is the sum of its bits.
library Duties {
    /// @notice Name the source.
    uint32 internal constant ATTRIBUTE = 1 << 0;
    /// @notice Put derived assets under the same terms.
    uint32 internal constant SHARE_ALIKE = 1 << 1;
    /// @notice Keep a log of use.
    uint32 internal constant LOG = 1 << 2;
    /// @notice Delete every copy at the end.
    uint32 internal constant DELETE_ON_EXPIRY = 1 << 3;
    /// @notice Report revenue.
    uint32 internal constant REPORT_REVENUE = 1 << 4;
    /// @notice Use inside a trusted execution environment only.
    uint32 internal constant TEE_ONLY = 1 << 5;
    /// @notice Train with differential privacy.
    uint32 internal constant DP_REQUIRED = 1 << 6;
    /// @notice Have a person review output before it has effect.
    uint32 internal constant HUMAN_REVIEW = 1 << 7;
    /// @notice Every duty there is.
    uint32 internal constant ALL = (1 << 8) - 1;
}

/// @title RefundPolicies
/// @notice What a holder who leaves a licence gets back.
library RefundPolicies {
    /// @notice Nothing.
    uint8 internal constant NONE = 0;
    /// @notice The whole last payment, within a window after it.
    uint8 internal constant FULL_WITHIN_WINDOW = 1;
    /// @notice What is unused of time and calls, less a penalty.
    uint8 internal constant PRO_RATA = 2;
    /// @notice The last of them.
    uint8 internal constant LAST = 2;
}
