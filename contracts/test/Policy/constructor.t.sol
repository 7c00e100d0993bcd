// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { Policy } from "../../src/Policy.sol";
import { IPolicy } from "../../src/interfaces/IPolicy.sol";
import { PolicyTest } from "./Policy.t.sol";

contract PolicyConstructorTest is PolicyTest {
    IPolicy.Parameter[] internal parameters;

    function setUp() public override {
        super.setUp();
        parameters.push(IPolicy.Parameter({ name: WINDOW, value: 2, min: 1, max: 3 }));
    }

    function _deploy() internal returns (Policy) {
        return new Policy({ owner: owner, parameters: parameters, tokens: new address[](0) });
    }

    function test_StartsWithWhatItIsGiven() external view {
        assertEq(policy.owner(), owner);
        assertEq(policy.treasury(), owner);
        assertTrue(policy.isToken(address(dollar)));
        assertEq(policy.valueOf(FEE), 0);
        assertEq(policy.valueOf(WINDOW), 3 days);
        (uint256 min, uint256 max) = policy.boundsOf(FEE);
        assertEq(min, 0);
        assertEq(max, 500);
    }

    function test_EmitsEveryParameter() external {
        vm.expectEmit();
        emit IPolicy.Bound({ name: WINDOW, min: 1, max: 3 });
        vm.expectEmit();
        emit IPolicy.Set({ name: WINDOW, value: 2 });
        vm.expectEmit();
        emit IPolicy.SetTreasury({ treasury: owner });
        _deploy();
    }

    function test_RevertWhen_OwnerIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableInvalidOwner.selector, address(0)));
        new Policy({ owner: address(0), parameters: parameters, tokens: new address[](0) });
    }

    function test_RevertWhen_NameIsEmpty() external {
        parameters[0].name = 0;
        vm.expectRevert(IPolicy.Policy_EmptyName.selector);
        _deploy();
    }

    function test_A097_RevertWhen_ParameterIsGivenTwice() external {
        parameters.push(parameters[0]);
        vm.expectRevert(abi.encodeWithSelector(IPolicy.Policy_DuplicateParameter.selector, WINDOW));
        _deploy();
    }

    function test_A096_RevertWhen_BoundsExcludeEverything() external {
        parameters[0].min = 4;
        vm.expectRevert(abi.encodeWithSelector(IPolicy.Policy_InvalidBounds.selector, WINDOW, uint256(4), uint256(3)));
        _deploy();
    }

    function testFuzz_A096_RevertWhen_ValueIsOutOfBounds(uint256 value) external {
        vm.assume(value < 1 || value > 3);
        parameters[0].value = value;
        vm.expectRevert(
            abi.encodeWithSelector(IPolicy.Policy_OutOfBounds.selector, WINDOW, value, uint256(1), uint256(3))
        );
        _deploy();
    }

    function testFuzz_A096_RevertWhen_FeeBoundExceedsFivePercent(uint256 max) external {
        max = bound(max, 501, type(uint256).max);
        parameters[0] = IPolicy.Parameter({ name: FEE, value: 0, min: 0, max: max });
        vm.expectRevert(abi.encodeWithSelector(IPolicy.Policy_FeeBoundTooHigh.selector, max, uint256(500)));
        _deploy();
    }

    function test_RevertWhen_TokenHasNoCode() external {
        vm.expectRevert(abi.encodeWithSelector(IPolicy.Policy_TokenWithoutCode.selector, stranger));
        new Policy({ owner: owner, parameters: parameters, tokens: _tokens(stranger) });
    }

    function test_RevertGiven_UnknownParameterIsRead() external {
        vm.expectRevert(abi.encodeWithSelector(IPolicy.Policy_UnknownParameter.selector, bytes32("other")));
        policy.valueOf("other");
        vm.expectRevert(abi.encodeWithSelector(IPolicy.Policy_UnknownParameter.selector, bytes32("other")));
        policy.boundsOf("other");
    }

    function test_G1_OwnershipMovesInTwoSteps() external {
        vm.prank(owner);
        policy.transferOwnership(stranger);
        assertEq(policy.owner(), owner);

        vm.prank(stranger);
        policy.acceptOwnership();
        assertEq(policy.owner(), stranger);

        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, owner));
        vm.prank(owner);
        policy.set(FEE, 1);
    }

    /// @dev G3: every value that anybody can reach lies within the bounds given at construction.
    function testFuzz_G3_ValuesStayWithinBounds(address caller, bytes32 name, uint256 value) external {
        vm.prank(caller);
        try policy.set(name, value) {
            assertEq(caller, owner);
        } catch { }
        vm.prank(owner);
        try policy.set(FEE, value) { } catch { }
        assertLe(policy.valueOf(FEE), 500);
        assertGe(policy.valueOf(WINDOW), 1 days);
        assertLe(policy.valueOf(WINDOW), 30 days);
    }
}
