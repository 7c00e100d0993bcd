// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { TestDollar } from "../../src/TestDollar.sol";
import { SmartWallet } from "../actors/SmartWallet.sol";

/// @notice What the tests of the dollar share.
abstract contract TestDollarTest is Test {
    uint256 internal constant ALICE_KEY = 21;
    uint256 internal constant BOB_KEY = 22;
    uint256 internal constant FUNDS = 100e6;
    bytes32 internal constant NONCE = keccak256("nonce");

    address internal alice = vm.addr(ALICE_KEY);
    address internal bob = vm.addr(BOB_KEY);
    TestDollar internal token;
    SmartWallet internal wallet;
    uint256 internal validAfter;
    uint256 internal validBefore;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        token = new TestDollar(address(this));
        wallet = new SmartWallet(alice);
        token.mint(alice, FUNDS);
        token.mint(address(wallet), FUNDS);
        validAfter = block.timestamp - 1;
        validBefore = block.timestamp + 1;
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Test Dollar"),
                keccak256("2"),
                block.chainid,
                address(token)
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _authorization(bytes32 typeHash, address from, uint256 value) internal view returns (bytes32) {
        return _digest(keccak256(abi.encode(typeHash, from, bob, value, validAfter, validBefore, NONCE)));
    }
}
