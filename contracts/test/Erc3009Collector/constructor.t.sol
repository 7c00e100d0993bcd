// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { Erc3009Collector } from "../../src/Erc3009Collector.sol";
import { ICollector } from "../../src/interfaces/ICollector.sol";

contract Erc3009CollectorConstructorTest is Test {
    function test_RevertWhen_TheSettlementContractIsZero() external {
        // it should revert with InvalidX402BatchSettlementAddress
        vm.expectRevert(ICollector.InvalidX402BatchSettlementAddress.selector);
        new Erc3009Collector(address(0));
    }

    function test_WhenTheSettlementContractIsNotZero() external {
        // it should keep its address
        assertEq(new Erc3009Collector(address(1)).x402BatchSettlement(), address(1));
    }
}
