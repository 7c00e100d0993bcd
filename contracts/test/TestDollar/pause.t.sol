// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";

import { ITestDollar } from "../../src/interfaces/ITestDollar.sol";
import { TestDollarTest } from "./TestDollar.t.sol";

contract TestDollarPauseTest is TestDollarTest {
    function test_RevertWhen_TheCallerIsNotTheOwner() external {
        // it should revert with OwnableUnauthorizedAccount
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, bob));
        vm.prank(bob);
        token.pause();
    }

    function test_WhenTheCallerIsTheOwner() external {
        // it should stop transfers and approvals
        // it should emit {Pause}
        vm.expectEmit(address(token));
        emit ITestDollar.Pause();
        token.pause();
        assertTrue(token.paused());
        vm.startPrank(alice);
        vm.expectRevert(ITestDollar.TestDollar_Paused.selector);
        token.transfer(bob, 1);
        vm.expectRevert(ITestDollar.TestDollar_Paused.selector);
        token.approve(bob, 1);
        vm.stopPrank();
    }
}
