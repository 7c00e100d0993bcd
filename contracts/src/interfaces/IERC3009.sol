// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IERC3009
/// @notice Transfers by signed authorization (EIP-3009), with the `bytes` signatures that smart accounts need.
/// Amounts are token atoms, times are seconds.
interface IERC3009 {
    /// @notice An authorization was used.
    /// @param authorizer The account that signed.
    /// @param nonce Its nonce.
    event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);

    /// @notice An authorization was cancelled.
    /// @param authorizer The account that signed.
    /// @param nonce Its nonce.
    event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce);

    /// @notice Whether an authorization was used or cancelled.
    /// @param authorizer The account that signed.
    /// @param nonce Its nonce.
    /// @return True when it can never be used again.
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool);

    /// @notice Executes a signed transfer; anyone may call.
    /// @dev Requirements:
    /// - The time is after `validAfter` and before `validBefore`.
    /// - The nonce is neither used nor cancelled.
    /// - The signature is by `from`.
    /// @param from The payer.
    /// @param to The payee.
    /// @param value The atoms.
    /// @param validAfter The second after which it is valid.
    /// @param validBefore The second before which it is valid.
    /// @param nonce Chosen by the payer.
    /// @param signature By `from`, ECDSA or ERC-1271.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes memory signature
    ) external;

    /// @notice The same with a split ECDSA signature.
    /// @param from The payer.
    /// @param to The payee.
    /// @param value The atoms.
    /// @param validAfter The second after which it is valid.
    /// @param validBefore The second before which it is valid.
    /// @param nonce Chosen by the payer.
    /// @param v The recovery byte of the signature.
    /// @param r The first half of the signature.
    /// @param s The second half of the signature.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Executes a signed transfer to the caller, so that nobody else can execute it first.
    /// @dev Requirements: as for {transferWithAuthorization}, and
    /// - The caller is `to`.
    /// @param from The payer.
    /// @param to The payee and caller.
    /// @param value The atoms.
    /// @param validAfter The second after which it is valid.
    /// @param validBefore The second before which it is valid.
    /// @param nonce Chosen by the payer.
    /// @param signature By `from`, ECDSA or ERC-1271.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes memory signature
    ) external;

    /// @notice The same with a split ECDSA signature.
    /// @param from The payer.
    /// @param to The payee and caller.
    /// @param value The atoms.
    /// @param validAfter The second after which it is valid.
    /// @param validBefore The second before which it is valid.
    /// @param nonce Chosen by the payer.
    /// @param v The recovery byte of the signature.
    /// @param r The first half of the signature.
    /// @param s The second half of the signature.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Voids an authorization that was not used.
    /// @dev Requirements:
    /// - The nonce is neither used nor cancelled.
    /// - The signature is by `authorizer`.
    /// @param authorizer The account that signed the authorization.
    /// @param nonce Its nonce.
    /// @param signature By `authorizer`, ECDSA or ERC-1271.
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes memory signature) external;

    /// @notice The same with a split ECDSA signature.
    /// @param authorizer The account that signed the authorization.
    /// @param nonce Its nonce.
    /// @param v The recovery byte of the signature.
    /// @param r The first half of the signature.
    /// @param s The second half of the signature.
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external;
}
