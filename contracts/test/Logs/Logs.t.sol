// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { Logs } from "../../src/Logs.sol";
import { ILogs } from "../../src/interfaces/ILogs.sol";

/// @notice What the tests of the logs share.
abstract contract LogsTest is Test {
    uint256 internal constant RECEIPT_KEY = 0xA11;
    uint40 internal constant START = 1_800_000_000;
    uint40 internal constant END = START + 30 days;
    uint128 internal constant CAP = 500e6;

    address internal seller = makeAddr("seller");
    address internal stranger = makeAddr("stranger");
    address internal key = vm.addr(RECEIPT_KEY);
    Logs internal book;

    function setUp() public virtual {
        vm.warp(START);
        book = new Logs();
    }

    function _register() internal {
        vm.prank(seller);
        book.register({ key: key, notBefore: START, notAfter: END, capPerEpoch: CAP });
    }

    function _sign(uint256 privateKey, ILogs.Head memory head) internal view returns (bytes memory) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Head(address seller,uint32 log,uint64 epoch,uint64 size,bytes32 root)"),
                head.seller,
                head.log,
                head.epoch,
                head.size,
                head.root
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", book.DOMAIN_SEPARATOR(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return abi.encodePacked(r, s, v);
    }
}
