// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { IPolicy } from "../../src/interfaces/IPolicy.sol";
import { PolicyTest } from "./Policy.t.sol";

contract PolicySetTest is PolicyTest {
    function test_A096_RevertWhen_CallerIsNotOwner() external {
        // it should revert with {OwnableUnauthorizedAccount}
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
        policy.set(FEE, 1);
    }

    function test_A096_RevertGiven_UnknownParameter() external {
        // it should revert with {Policy_UnknownParameter}
        vm.expectRevert(abi.encodeWithSelector(IPolicy.Policy_UnknownParameter.selector, bytes32("other")));
        vm.prank(owner);
        policy.set("other", 1);
    }

    function testFuzz_A096_RevertWhen_Below(uint256 value) external {
        // it should revert with {Policy_OutOfBounds}
        value = bound(value, 0, 1 days - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPolicy.Policy_OutOfBounds.selector, WINDOW, value, uint256(1 days), uint256(30 days)
            )
        );
        vm.prank(owner);
        policy.set(WINDOW, value);
    }

    function testFuzz_A096_RevertWhen_Above(uint256 value) external {
        // it should revert with {Policy_OutOfBounds}
        value = bound(value, 501, type(uint256).max);
        vm.expectRevert(
            abi.encodeWithSelector(IPolicy.Policy_OutOfBounds.selector, FEE, value, uint256(0), uint256(500))
        );
        vm.prank(owner);
        policy.set(FEE, value);
    }

    function testFuzz_A096_WhenWithin(uint256 value) external {
        value = bound(value, 1 days, 30 days);

        // it should emit {Set}
        vm.expectEmit(address(policy));
        emit IPolicy.Set({ name: WINDOW, value: value });
        vm.prank(owner);
        policy.set(WINDOW, value);

        // it should store the value
        assertEq(policy.valueOf(WINDOW), value);
        // it should keep the bounds
        (uint256 min, uint256 max) = policy.boundsOf(WINDOW);
        assertEq(min, 1 days);
        assertEq(max, 30 days);
        // it should touch no other parameter
        assertEq(policy.valueOf(FEE), 0);
    }

    function test_A096_BothBoundsAreInclusive() external {
        vm.startPrank(owner);
        policy.set(FEE, 500);
        assertEq(policy.valueOf(FEE), 500);
        policy.set(FEE, 0);
        assertEq(policy.valueOf(FEE), 0);
        policy.set(WINDOW, 1 days);
        policy.set(WINDOW, 30 days);
        assertEq(policy.valueOf(WINDOW), 30 days);
    }
}
