// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ICollector } from "./ICollector.sol";

/// @title IAllowanceCollector
/// @notice Collects a deposit from an ERC-20 allowance that the payer gave to this collector.
/// @dev Anyone may call `deposit` with any config that names a payer. Without a signature of the payer an allowance would
/// be open to whoever writes a config with their own voucher key in it. So each deposit carries the payer's signature over
/// `Deposit(bytes32 channelId,address token,uint256 amount,uint256 nonce,uint256 deadline)`, and
/// `collectorData = abi.encode(uint256 nonce, uint256 deadline, bytes signature)`.
interface IAllowanceCollector is ICollector {
    /// @notice The payer voided a nonce.
    /// @param payer The payer.
    /// @param nonce The nonce.
    event Revoke(address indexed payer, uint256 indexed nonce);

    /// @notice The deposit is past its deadline.
    /// @param deadline The last second at which it was valid.
    /// @param timestamp The second of the block.
    error AllowanceCollector_Expired(uint256 deadline, uint256 timestamp);

    /// @notice The nonce was used or revoked.
    /// @param payer The payer.
    /// @param nonce The nonce.
    error AllowanceCollector_NonceUsed(address payer, uint256 nonce);

    /// @notice The signature is not the payer's over this digest.
    /// @param payer The payer.
    /// @param digest The digest that had to be signed.
    error AllowanceCollector_InvalidSignature(address payer, bytes32 digest);

    /// @notice The EIP-712 type hash of `Deposit`.
    /// @return The type hash.
    function DEPOSIT_TYPEHASH() external view returns (bytes32);

    /// @notice 256 nonces of a payer: bit `nonce % 256` of word `nonce / 256` is set once the nonce is used or revoked.
    /// @param payer The payer.
    /// @param word The index of the word.
    /// @return The word of 256 bits.
    function nonces(address payer, uint256 word) external view returns (uint256);

    /// @notice The digest that the payer signs.
    /// @param channelId The channel.
    /// @param token The token.
    /// @param amount The atoms.
    /// @param nonce Any number that the payer did not use before.
    /// @param deadline The last second at which the deposit is valid.
    /// @return The EIP-712 digest.
    function getDepositDigest(bytes32 channelId, address token, uint256 amount, uint256 nonce, uint256 deadline)
        external
        view
        returns (bytes32);

    /// @notice Voids a nonce of the caller, and with it every deposit signed for it.
    /// @dev Requirements:
    /// - The nonce was neither used nor revoked.
    /// @param nonce The nonce.
    function revoke(uint256 nonce) external;
}
