// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IERC3009
/// @notice The part of ERC-3009 that a payee calls, with the signature as bytes so that contracts can sign too (ERC-1271).
interface IERC3009 {
    /// @notice Moves tokens under a signed authorization.
    ///
    /// Requirements:
    /// - The caller must be `to`, so that nobody else can submit the authorization.
    /// - `validAfter` < now < `validBefore`, and `nonce` must be unused by `from`.
    ///
    /// @param from The account that signed
    /// @param to The receiver
    /// @param value Amount in atoms
    /// @param validAfter Unix time in seconds after which the authorization counts
    /// @param validBefore Unix time in seconds before which the authorization counts
    /// @param nonce A number `from` uses once
    /// @param signature The signature of `from`
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;
}
