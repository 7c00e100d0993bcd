// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { TestDollar } from "../../src/TestDollar.sol";
import { IPolicy } from "../../src/interfaces/IPolicy.sol";
import { PolicyTest } from "./Policy.t.sol";

contract PolicySetTokenTest is PolicyTest {
    function test_A096_RevertWhen_CallerIsNotOwner() external {
        // it should revert with {OwnableUnauthorizedAccount}
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
        policy.setToken(address(dollar), false);
    }

    function test_A096_RevertWhen_AllowingATokenWithoutCode() external {
        // it should revert with {Policy_TokenWithoutCode}
        vm.expectRevert(abi.encodeWithSelector(IPolicy.Policy_TokenWithoutCode.selector, stranger));
        vm.prank(owner);
        policy.setToken(stranger, true);
    }

    function test_WhenAllowing() external {
        TestDollar other = new TestDollar(address(this));
        assertFalse(policy.isToken(address(other)));

        // it should emit {SetToken}
        vm.expectEmit(address(policy));
        emit IPolicy.SetToken({ token: address(other), allowed: true });
        vm.prank(owner);
        policy.setToken(address(other), true);

        // it should allow the token
        assertTrue(policy.isToken(address(other)));
    }

    function test_WhenNoLongerAllowing() external {
        // A token that destroyed its own code can still be removed.
        vm.etch(address(dollar), "");

        // it should emit {SetToken}
        vm.expectEmit(address(policy));
        emit IPolicy.SetToken({ token: address(dollar), allowed: false });
        vm.prank(owner);
        policy.setToken(address(dollar), false);

        // it should not allow the token
        assertFalse(policy.isToken(address(dollar)));
    }
}
