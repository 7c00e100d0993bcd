// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { IPolicy } from "../../src/interfaces/IPolicy.sol";
import { PolicyTest } from "./Policy.t.sol";

contract PolicySetTreasuryTest is PolicyTest {
    function test_A096_RevertWhen_CallerIsNotOwner() external {
        // it should revert with {OwnableUnauthorizedAccount}
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
        policy.setTreasury(stranger);
    }

    function test_A096_RevertWhen_AccountIsZero() external {
        // it should revert with {Policy_NoTreasury}
        vm.expectRevert(IPolicy.Policy_NoTreasury.selector);
        vm.prank(owner);
        policy.setTreasury(address(0));
    }

    function testFuzz_WhenAccountIsNotZero(address account) external {
        vm.assume(account != address(0));

        // it should emit {SetTreasury}
        vm.expectEmit(address(policy));
        emit IPolicy.SetTreasury({ treasury: account });
        vm.prank(owner);
        policy.setTreasury(account);

        // it should store the account
        assertEq(policy.treasury(), account);
    }
}
