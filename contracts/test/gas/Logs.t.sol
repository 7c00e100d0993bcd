// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { Logs } from "../../src/Logs.sol";
import { ILogs } from "../../src/interfaces/ILogs.sol";

/// @notice What calls cost, without the 21,000 of a transaction and its calldata.
contract LogsGasTest is Test {
    Logs internal book;
    address internal key = vm.addr(0xA11);

    function setUp() public {
        vm.warp(1_800_000_000);
        book = new Logs();
    }

    function test_Logs() public {
        vm.cool(address(book));
        book.register({ key: key, notBefore: 0, notAfter: type(uint40).max, capPerEpoch: 1 });
        vm.snapshotGasLastCall("Logs", "register");
        _post(1);
        vm.snapshotGasLastCall("Logs", "post: first head");
        _post(2);
        vm.snapshotGasLastCall("Logs", "post: next head");
        vm.cool(address(book));
        book.revoke(key);
        vm.snapshotGasLastCall("Logs", "revoke");
    }

    function _post(uint64 epoch) private {
        ILogs.Head memory head = ILogs.Head(address(this), 0, epoch, epoch * 1000, keccak256(abi.encode(epoch)));
        bytes32 structHash = keccak256(abi.encode(book.HEAD_TYPEHASH(), head));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", book.DOMAIN_SEPARATOR(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(0xA11, digest);
        vm.cool(address(book));
        book.post(head, abi.encodePacked(r, s, v));
    }
}
