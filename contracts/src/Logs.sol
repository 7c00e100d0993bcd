// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { ILogs } from "./interfaces/ILogs.sol";

/// @title Logs
/// @notice See {ILogs}.
/// @dev There is no owner, and nothing that was anchored or registered can be removed.
contract Logs is ILogs, EIP712 {
    struct Anchor {
        uint64 size;
        bytes32 root;
    }

    /// @notice The EIP-712 type of a head.
    bytes32 public constant HEAD_TYPEHASH =
        keccak256("Head(address seller,uint32 log,uint64 epoch,uint64 size,bytes32 root)");

    mapping(address seller => mapping(address key => Key)) private _keys;
    mapping(address seller => mapping(uint32 log => uint64 epoch)) private _epochs;
    mapping(address seller => mapping(uint32 log => mapping(uint64 epoch => Anchor))) private _anchors;

    constructor() EIP712("Agorai", "1") { }

    /// @inheritdoc ILogs
    function register(address key, uint40 notBefore, uint40 notAfter, uint128 capPerEpoch) external {
        if (key == address(0)) revert Logs_ZeroKey();
        uint40 time = uint40(block.timestamp);
        if (notBefore >= notAfter || notAfter <= time) revert Logs_InvalidPeriod(notBefore, notAfter, time);
        if (_keys[msg.sender][key].notAfter != 0) revert Logs_KnownKey(msg.sender, key);

        _keys[msg.sender][key] = Key({ notBefore: notBefore, notAfter: notAfter, capPerEpoch: capPerEpoch });

        emit Register({
            seller: msg.sender, key: key, notBefore: notBefore, notAfter: notAfter, capPerEpoch: capPerEpoch
        });
    }

    /// @inheritdoc ILogs
    function revoke(address key) external {
        Key storage registration = _keys[msg.sender][key];
        uint40 notAfter = registration.notAfter;
        uint40 time = uint40(block.timestamp);
        if (notAfter == 0) revert Logs_UnknownKey(msg.sender, key);
        if (notAfter <= time) revert Logs_EndedKey(msg.sender, key, notAfter);

        registration.notAfter = time;

        emit Revoke({ seller: msg.sender, key: key, notAfter: time });
    }

    /// @inheritdoc ILogs
    function post(Head calldata head, bytes calldata signature) external {
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(HEAD_TYPEHASH, head)));
        address key = ECDSA.recoverCalldata(digest, signature);
        uint40 time = uint40(block.timestamp);
        if (!isKeyAt(head.seller, key, time)) revert Logs_InvalidSigner(head.seller, key, time);
        uint64 previous = _epochs[head.seller][head.log];
        if (head.epoch != previous + 1) revert Logs_WrongEpoch(head.epoch, previous + 1);
        // A log without head reads as size zero and root zero, so that an empty first head has root zero.
        Anchor storage last = _anchors[head.seller][head.log][previous];
        if (head.size < last.size) revert Logs_ShrunkLog(head.size, last.size);
        if (head.size == last.size && head.root != last.root) revert Logs_ChangedRoot(head.root, last.root);

        _epochs[head.seller][head.log] = head.epoch;
        _anchors[head.seller][head.log][head.epoch] = Anchor({ size: head.size, root: head.root });

        emit Post({ seller: head.seller, log: head.log, epoch: head.epoch, size: head.size, root: head.root, key: key });
    }

    /// @inheritdoc ILogs
    function keyOf(address seller, address key) external view returns (Key memory registration) {
        return _keys[seller][key];
    }

    /// @inheritdoc ILogs
    function headOf(address seller, uint32 log, uint64 epoch) external view returns (uint64 size, bytes32 root) {
        Anchor storage anchor = _anchors[seller][log][epoch];
        return (anchor.size, anchor.root);
    }

    /// @inheritdoc ILogs
    function latestOf(address seller, uint32 log) external view returns (uint64 epoch, uint64 size, bytes32 root) {
        epoch = _epochs[seller][log];
        Anchor storage anchor = _anchors[seller][log][epoch];
        return (epoch, anchor.size, anchor.root);
    }

    /// @inheritdoc ILogs
    function DOMAIN_SEPARATOR() external view returns (bytes32 separator) {
        return _domainSeparatorV4();
    }

    /// @inheritdoc ILogs
    function isKeyAt(address seller, address key, uint40 at) public view returns (bool valid) {
        Key memory registration = _keys[seller][key];
        return registration.notBefore <= at && at < registration.notAfter;
    }
}
