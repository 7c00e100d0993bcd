// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { Escrows } from "../../src/Escrows.sol";
import { TestDollar } from "../../src/TestDollar.sol";
import { OwnWayBuyer } from "../actors/OwnWayBuyer.sol";

/// @notice What the tests of escrows share: a controller with money.
abstract contract EscrowsTest is Test {
    bytes32 internal constant ID = "id";

    Escrows internal escrows;
    TestDollar internal dollar;
    OwnWayBuyer internal controller;
    address internal alice = makeAddr("alice");

    function setUp() public virtual {
        escrows = new Escrows();
        dollar = new TestDollar(address(this));
        controller = new OwnWayBuyer();
        dollar.mint(address(controller), type(uint128).max);
    }

    function _deposit(OwnWayBuyer from, address token, uint256 amount) internal {
        from.execute(address(escrows), abi.encodeCall(escrows.deposit, (token, ID, amount, "context")));
    }

    function _pay(OwnWayBuyer from, address token, address to, uint256 amount) internal {
        from.execute(address(escrows), abi.encodeCall(escrows.pay, (token, ID, to, amount)));
    }

    function _held(OwnWayBuyer account, address token) internal view returns (uint256) {
        return escrows.heldOf(address(account), token, ID);
    }
}
