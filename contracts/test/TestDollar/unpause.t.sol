// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";

import { ITestDollar } from "../../src/interfaces/ITestDollar.sol";
import { TestDollarTest } from "./TestDollar.t.sol";

contract TestDollarUnpauseTest is TestDollarTest {
    function test_RevertWhen_TheCallerIsNotTheOwner() external {
        // it should revert with OwnableUnauthorizedAccount
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, bob));
        vm.prank(bob);
        token.unpause();
    }

    function test_WhenTheCallerIsTheOwner() external {
        // it should allow transfers again
        // it should emit {Unpause}
        token.pause();
        vm.expectEmit(address(token));
        emit ITestDollar.Unpause();
        token.unpause();
        vm.prank(alice);
        token.transfer(bob, 1);
        assertEq(token.balanceOf(bob), 1);
    }
}
