// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";

import { ITestDollar } from "../../src/interfaces/ITestDollar.sol";
import { TestDollarTest } from "./TestDollar.t.sol";

contract TestDollarUnBlacklistTest is TestDollarTest {
    function test_RevertWhen_TheCallerIsNotTheOwner() external {
        // it should revert with OwnableUnauthorizedAccount
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, bob));
        vm.prank(bob);
        token.unBlacklist(alice);
    }

    function test_WhenTheCallerIsTheOwner() external {
        // it should unfreeze the account and emit {UnBlacklisted}
        // it should allow its transfers again
        token.blacklist(alice);
        vm.expectEmit(address(token));
        emit ITestDollar.UnBlacklisted(alice);
        token.unBlacklist(alice);
        vm.prank(alice);
        token.transfer(bob, 1);
        assertEq(token.balanceOf(bob), 1);
    }
}
