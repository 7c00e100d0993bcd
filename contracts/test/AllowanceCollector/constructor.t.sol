// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { AllowanceCollector } from "../../src/AllowanceCollector.sol";
import { ICollector } from "../../src/interfaces/ICollector.sol";

contract AllowanceCollectorConstructorTest is Test {
    function test_RevertWhen_TheSettlementContractIsZero() external {
        // it should revert with InvalidX402BatchSettlementAddress
        vm.expectRevert(ICollector.InvalidX402BatchSettlementAddress.selector);
        new AllowanceCollector(address(0));
    }

    function test_WhenTheSettlementContractIsNotZero() external {
        // it should keep its address
        assertEq(new AllowanceCollector(address(1)).x402BatchSettlement(), address(1));
    }
}
