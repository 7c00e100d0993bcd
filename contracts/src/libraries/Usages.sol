// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import { ILicenses } from "../interfaces/ILicenses.sol";

/// @title Usages
/// @notice What two sides sign about the use of a licence.
library Usages {
    // The separator is computed for each statement: they are rare, and {EIP712} is a thirtieth of what a contract may be.
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME_HASH = keccak256("Agorai Licenses");
    bytes32 private constant VERSION_HASH = keccak256("1");
    bytes32 private constant USAGE_TYPEHASH =
        keccak256("Usage(bytes32 termsId,address holder,uint40 start,uint56 used,bool last)");

    /// @notice The EIP-712 digest of a statement.
    /// @param registry The contract that keeps the licences
    /// @param termsId The terms
    /// @param usage The statement
    /// @return The digest
    function digest(address registry, bytes32 termsId, ILicenses.Usage calldata usage) internal view returns (bytes32) {
        bytes32 domain = keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, registry));
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(USAGE_TYPEHASH, termsId, usage)));
    }

    /// @notice Reverts unless an account, with a key or with code, has signed.
    /// @param signer The account
    /// @param hash What it signs
    /// @param signature Its signature
    function requireSigned(address signer, bytes32 hash, bytes calldata signature) internal view {
        if (!SignatureChecker.isValidSignatureNowCalldata(signer, hash, signature)) {
            revert ILicenses.Licenses_InvalidSignature(signer);
        }
    }
}
