// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";

import { ITestDollar } from "../../src/interfaces/ITestDollar.sol";
import { TestDollarTest } from "./TestDollar.t.sol";

contract TestDollarBlacklistTest is TestDollarTest {
    function test_RevertWhen_TheCallerIsNotTheOwner() external {
        // it should revert with OwnableUnauthorizedAccount
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, bob));
        vm.prank(bob);
        token.blacklist(alice);
    }

    function test_WhenTheCallerIsTheOwner() external {
        // it should freeze the account and emit {Blacklisted}
        // it should stop transfers, allowances and spending by the account
        vm.prank(bob);
        token.approve(alice, 1);
        vm.expectEmit(address(token));
        emit ITestDollar.Blacklisted(alice);
        token.blacklist(alice);
        assertTrue(token.isBlacklisted(alice));

        bytes memory reason = abi.encodeWithSelector(ITestDollar.TestDollar_Blacklisted.selector, alice);
        vm.startPrank(alice);
        vm.expectRevert(reason);
        token.transfer(bob, 1);
        vm.expectRevert(reason);
        token.approve(bob, 1);
        vm.expectRevert(reason);
        token.transferFrom(bob, address(this), 1);
        vm.stopPrank();
        vm.expectRevert(reason);
        token.transfer(alice, 0);
        vm.expectRevert(reason);
        token.approve(alice, 0);
    }
}
