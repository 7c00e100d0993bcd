// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ILogs
/// @notice The keys that sign a seller's receipts, and the anchored heads of its receipt logs. Times are unix seconds,
/// amounts are token atoms.
/// @dev The EIP-712 domain of this contract {name "Agorai", version "1", chainId, verifyingContract} is the one domain
/// of heads, receipt batches, quotes and credit notes.
interface ILogs {
    /*//////////////////////////////////////////////////////////////////////////
                                       TYPES
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice The powers of a receipt key. One storage slot.
    /// @param notBefore The first second at which the key is valid. It may lie in the past.
    /// @param notAfter The first second at which the key is no longer valid; zero for a key never registered.
    /// @param capPerEpoch The atoms of one token that credit notes of this key may return in one day.
    struct Key {
        uint40 notBefore;
        uint40 notAfter;
        uint128 capPerEpoch;
    }

    /// @notice The state of a receipt log at the end of an epoch, signed by a receipt key as EIP-712 `Head`.
    /// @param seller The owner of the log.
    /// @param log The number of the log; a seller may keep several.
    /// @param epoch The epoch, counted from one without gaps.
    /// @param size The number of receipts in the log.
    /// @param root The Merkle root over those receipts.
    struct Head {
        address seller;
        uint32 log;
        uint64 epoch;
        uint64 size;
        bytes32 root;
    }

    /*//////////////////////////////////////////////////////////////////////////
                                       EVENTS
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice A seller registered a receipt key.
    /// @param seller The seller.
    /// @param key The key.
    /// @param notBefore The first second at which the key is valid.
    /// @param notAfter The first second at which it is no longer valid.
    /// @param capPerEpoch The atoms of one token that its credit notes may return in one day.
    event Register(address indexed seller, address indexed key, uint40 notBefore, uint40 notAfter, uint128 capPerEpoch);

    /// @notice A seller ended a receipt key early. What the key signed before stays valid.
    /// @param seller The seller.
    /// @param key The key.
    /// @param notAfter The second of the revocation.
    event Revoke(address indexed seller, address indexed key, uint40 notAfter);

    /// @notice The head of a log was anchored.
    /// @param seller The owner of the log.
    /// @param log The number of the log.
    /// @param epoch The epoch.
    /// @param size The number of receipts.
    /// @param root The Merkle root over them.
    /// @param key The receipt key that signed the head.
    event Post(
        address indexed seller, uint32 indexed log, uint64 indexed epoch, uint64 size, bytes32 root, address key
    );

    /*//////////////////////////////////////////////////////////////////////////
                                       ERRORS
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice The zero address cannot be a key.
    error Logs_ZeroKey();

    /// @notice The period is empty or already over.
    error Logs_InvalidPeriod(uint40 notBefore, uint40 notAfter, uint40 time);

    /// @notice The seller has registered this key before.
    error Logs_KnownKey(address seller, address key);

    /// @notice The seller never registered this key.
    error Logs_UnknownKey(address seller, address key);

    /// @notice The key has already ended.
    error Logs_EndedKey(address seller, address key, uint40 notAfter);

    /// @notice The signer is not a valid key of the seller at this time.
    error Logs_InvalidSigner(address seller, address signer, uint40 time);

    /// @notice The epoch does not follow the last anchored one.
    error Logs_WrongEpoch(uint64 epoch, uint64 expected);

    /// @notice The log would shrink.
    error Logs_ShrunkLog(uint64 size, uint64 previous);

    /// @notice The log has the same size but another root.
    error Logs_ChangedRoot(bytes32 root, bytes32 previous);

    /*//////////////////////////////////////////////////////////////////////////
                                     FUNCTIONS
    //////////////////////////////////////////////////////////////////////////*/

    /// @notice Registers a receipt key of the caller.
    /// @dev Requirements:
    /// - `key` is not zero and was never registered by the caller, not even when it was revoked since
    /// - `notBefore < notAfter` and `notAfter` lies in the future
    /// @param key The key.
    /// @param notBefore The first second at which the key is valid.
    /// @param notAfter The first second at which it is no longer valid.
    /// @param capPerEpoch The atoms of one token that its credit notes may return in one day.
    function register(address key, uint40 notBefore, uint40 notAfter, uint128 capPerEpoch) external;

    /// @notice Ends a receipt key of the caller now. What it signed for earlier times stays valid.
    /// @dev Requirements:
    /// - the caller registered `key`, and the key has not ended
    /// @param key The key.
    function revoke(address key) external;

    /// @notice Anchors the head of a log. Anyone may submit it.
    /// @dev Requirements:
    /// - `signature` is a 65 byte signature with low s of the EIP-712 `Head` by a key of the seller that is valid now
    /// - the epoch is the last one plus one, the first is one
    /// - the log does not shrink, and an equal size has an equal root; a log without head has size zero and root zero
    /// @param head The head.
    /// @param signature The signature.
    function post(Head calldata head, bytes calldata signature) external;

    /// @notice The registration of a key; all zero when there is none.
    /// @param seller The seller.
    /// @param key The key.
    /// @return registration Its validity and cap.
    function keyOf(address seller, address key) external view returns (Key memory registration);

    /// @notice Whether a key of a seller is valid at a time.
    /// @param seller The seller.
    /// @param key The key.
    /// @param at The second asked about.
    /// @return valid True when `notBefore <= at < notAfter`.
    function isKeyAt(address seller, address key, uint40 at) external view returns (bool valid);

    /// @notice The head anchored for an epoch; all zero when there is none.
    /// @param seller The owner of the log.
    /// @param log The number of the log.
    /// @param epoch The epoch.
    /// @return size The number of receipts.
    /// @return root The Merkle root over them.
    function headOf(address seller, uint32 log, uint64 epoch) external view returns (uint64 size, bytes32 root);

    /// @notice The last head anchored for a log; all zero when there is none.
    /// @param seller The owner of the log.
    /// @param log The number of the log.
    /// @return epoch The epoch.
    /// @return size The number of receipts.
    /// @return root The Merkle root over them.
    function latestOf(address seller, uint32 log) external view returns (uint64 epoch, uint64 size, bytes32 root);

    /// @notice The EIP-712 domain separator of heads, receipt batches, quotes and credit notes.
    /// @return separator The separator.
    function DOMAIN_SEPARATOR() external view returns (bytes32 separator);
}
