// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { MerkleProof } from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @title Receipts
/// @notice The format of receipts, quotes and credit notes, and who signed one. Frozen: other languages compute the same
/// hashes.
/// @dev All signatures are EIP-712 in the domain of {ILogs}. What a key signs is not a receipt but the Merkle root over a
/// batch of up to 64 of them. A leaf is the hash of 25 words and an inner node the hash of two, so that neither can pass
/// for the other.
library Receipts {
    /*//////////////////////////////////////////////////////////////////////////
                                       TYPES
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice What a seller states about one call.
    /// @param seller Whose receipt keys sign.
    /// @param rail 0 free, 1 channel, 2 exact, 3 licence, 4 job.
    /// @param account Channel id, nonce of the exact payment, licence id or job id.
    /// @param payer Who paid.
    /// @param agent The key that authorised the call, zero when it is the payer.
    /// @param requestId The id of the request.
    /// @param seq The number of the receipt in its account, gapless from one.
    /// @param prev The struct hash of the account's previous receipt, zero for the first.
    /// @param requestHash The salted hash of the request.
    /// @param responseHash The salted hash of the response.
    /// @param asset The asset that was used.
    /// @param version Its version.
    /// @param manifestRoot The Merkle root of the files that were loaded.
    /// @param quoteHash The struct hash of the quote that priced the call.
    /// @param token The token it was paid in.
    /// @param payTo The account that the money goes to.
    /// @param inputUnits The units received.
    /// @param outputUnits The units delivered.
    /// @param price The atoms charged for this call.
    /// @param cumulative The atoms charged on the account so far, this call included.
    /// @param startedAt The start of the call, in unix milliseconds.
    /// @param ttftMs Milliseconds to the first unit delivered.
    /// @param totalMs Milliseconds to the end.
    /// @param status 0 OK, 1 IDLE, 2 CLIENT_ABORT, 3 PROVIDER_ERROR, 4 TIMEOUT.
    struct Receipt {
        address seller;
        uint8 rail;
        bytes32 account;
        address payer;
        address agent;
        bytes32 requestId;
        uint64 seq;
        bytes32 prev;
        bytes32 requestHash;
        bytes32 responseHash;
        uint256 asset;
        uint32 version;
        bytes32 manifestRoot;
        bytes32 quoteHash;
        address token;
        address payTo;
        uint64 inputUnits;
        uint64 outputUnits;
        uint128 price;
        uint128 cumulative;
        uint64 startedAt;
        uint32 ttftMs;
        uint32 totalMs;
        uint8 status;
    }

    /// @notice The prices at which a seller offers to serve, in atoms per million units.
    /// @param seller Whose receipt keys sign.
    /// @param asset The asset.
    /// @param version Its version.
    /// @param termsId The terms of the offer.
    /// @param manifestRoot The Merkle root of the files that will be loaded.
    /// @param token The token to be paid in.
    /// @param payTo The account that the money goes to.
    /// @param perCall Atoms per million calls.
    /// @param perInputToken Atoms per million input tokens.
    /// @param perOutputToken Atoms per million output tokens.
    /// @param perSecond Atoms per million seconds.
    /// @param perImage Atoms per million images.
    /// @param perByte Atoms per million request bytes.
    /// @param validUntil The last unix second at which the quote can be used.
    /// @param nonce Distinguishes quotes.
    struct Quote {
        address seller;
        uint256 asset;
        uint32 version;
        bytes32 termsId;
        bytes32 manifestRoot;
        address token;
        address payTo;
        uint128 perCall;
        uint128 perInputToken;
        uint128 perOutputToken;
        uint128 perSecond;
        uint128 perImage;
        uint128 perByte;
        uint64 validUntil;
        bytes32 nonce;
    }

    /// @notice What a seller gives back of a receipt's price.
    /// @param receipt The struct hash of the receipt.
    /// @param amount The cumulative credit, in atoms.
    struct CreditNote {
        bytes32 receipt;
        uint128 amount;
    }

    /*//////////////////////////////////////////////////////////////////////////
                                     CONSTANTS
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice The EIP-712 type of a receipt.
    bytes32 internal constant RECEIPT_TYPEHASH = keccak256(
        "Receipt(address seller,uint8 rail,bytes32 account,address payer,address agent,bytes32 requestId,uint64 seq,"
        "bytes32 prev,bytes32 requestHash,bytes32 responseHash,uint256 asset,uint32 version,bytes32 manifestRoot,"
        "bytes32 quoteHash,address token,address payTo,uint64 inputUnits,uint64 outputUnits,uint128 price,"
        "uint128 cumulative,uint64 startedAt,uint32 ttftMs,uint32 totalMs,uint8 status)"
    );

    /// @notice The EIP-712 type of the root over a batch of receipts.
    bytes32 internal constant BATCH_TYPEHASH = keccak256("ReceiptBatch(bytes32 root)");

    /// @notice The EIP-712 type of a quote.
    bytes32 internal constant QUOTE_TYPEHASH = keccak256(
        "Quote(address seller,uint256 asset,uint32 version,bytes32 termsId,bytes32 manifestRoot,address token,"
        "address payTo,uint128 perCall,uint128 perInputToken,uint128 perOutputToken,uint128 perSecond,"
        "uint128 perImage,uint128 perByte,uint64 validUntil,bytes32 nonce)"
    );

    /// @notice The EIP-712 type of a credit note.
    bytes32 internal constant CREDIT_NOTE_TYPEHASH = keccak256("CreditNote(bytes32 receipt,uint128 amount)");

    /// @notice The longest path from a receipt to the root of its batch: 64 receipts.
    uint256 internal constant MAX_PATH = 6;

    /*//////////////////////////////////////////////////////////////////////////
                                       ERRORS
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice The path belongs to a batch of more than 64 receipts.
    error Receipts_LongPath(uint256 length, uint256 limit);

    /*//////////////////////////////////////////////////////////////////////////
                                     FUNCTIONS
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice The EIP-712 struct hash of a receipt.
    /// @param receipt The receipt.
    /// @return structHash Its hash.
    function hash(Receipt memory receipt) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(RECEIPT_TYPEHASH, receipt));
    }

    /// @notice The EIP-712 struct hash of a quote.
    /// @param quote The quote.
    /// @return structHash Its hash.
    function hashQuote(Quote memory quote) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(QUOTE_TYPEHASH, quote));
    }

    /// @notice The EIP-712 struct hash of a credit note.
    /// @param note The credit note.
    /// @return structHash Its hash.
    function hashCreditNote(CreditNote memory note) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(CREDIT_NOTE_TYPEHASH, note));
    }

    /// @notice The EIP-712 struct hash of the root over a batch of receipts.
    /// @param root The Merkle root; of a batch of one it is the receipt's struct hash.
    /// @return structHash Its hash.
    function hashBatch(bytes32 root) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(BATCH_TYPEHASH, root));
    }

    /// @notice The key that signed the batch a receipt is in.
    /// @dev Reverts with an error of OpenZeppelin's ECDSA unless the signature has 65 bytes and a low s.
    /// @param domainSeparator The separator of the {ILogs} domain.
    /// @param receipt The receipt.
    /// @param path The siblings from the receipt to the root of the batch, empty for a batch of one.
    /// @param signature The signature of the batch.
    /// @return key The signer.
    function recover(bytes32 domainSeparator, Receipt memory receipt, bytes32[] memory path, bytes memory signature)
        internal
        pure
        returns (address key)
    {
        return recoverHashed(domainSeparator, hash(receipt), path, signature);
    }

    /// @notice Like {recover}, for a receipt whose struct hash is already known.
    /// @param domainSeparator The separator of the {ILogs} domain.
    /// @param receiptHash The struct hash of the receipt.
    /// @param path The siblings from the receipt to the root of the batch, empty for a batch of one.
    /// @param signature The signature of the batch.
    /// @return key The signer.
    function recoverHashed(bytes32 domainSeparator, bytes32 receiptHash, bytes32[] memory path, bytes memory signature)
        internal
        pure
        returns (address key)
    {
        if (path.length > MAX_PATH) revert Receipts_LongPath(path.length, MAX_PATH);
        bytes32 root = MerkleProof.processProof(path, receiptHash);
        return ECDSA.recover(MessageHashUtils.toTypedDataHash(domainSeparator, hashBatch(root)), signature);
    }

    /// @notice The key that signed a credit note.
    /// @dev Reverts with an error of OpenZeppelin's ECDSA unless the signature has 65 bytes and a low s.
    /// @param domainSeparator The separator of the {ILogs} domain.
    /// @param note The credit note.
    /// @param signature The signature.
    /// @return key The signer.
    function recoverCreditNote(bytes32 domainSeparator, CreditNote memory note, bytes memory signature)
        internal
        pure
        returns (address key)
    {
        return ECDSA.recover(MessageHashUtils.toTypedDataHash(domainSeparator, hashCreditNote(note)), signature);
    }
}
