// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Vm } from "forge-std/Test.sol";

import { IAuthorizers } from "../../src/interfaces/IAuthorizers.sol";
import { AuthorizersTest } from "./Authorizers.t.sol";

contract AuthorizersRegisterTest is AuthorizersTest {
    function testFuzz_GivenTheAuthorizerHasNoCode(address someSeller, address someSettler) external {
        // it should deploy it at its known address
        // it should set the settler and emit {Deploy} and {Register}
        vm.assume(someSeller != address(0));
        address authorizer = authorizers.addressOf(someSeller);
        assertEq(authorizer.code.length, 0);
        vm.expectEmit(address(authorizers));
        emit IAuthorizers.Deploy(someSeller, authorizer);
        vm.expectEmit(address(authorizers));
        emit IAuthorizers.Register(someSeller, someSettler, authorizer);
        vm.prank(someSeller);
        assertEq(authorizers.register(someSettler), authorizer);
        assertGt(authorizer.code.length, 0);
        assertEq(authorizers.settlerOf(someSeller), someSettler);
    }

    function test_GivenTheAuthorizerHasCode() external {
        // it should replace the settler only
        vm.startPrank(seller);
        address authorizer = authorizers.register(settler);
        vm.recordLogs();
        assertEq(authorizers.register(stranger), authorizer);
        vm.stopPrank();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], IAuthorizers.Register.selector);
        assertEq(authorizers.settlerOf(seller), stranger);
    }

    function test_WhenTheSettlerIsZero() external {
        // it should revoke the settler
        vm.startPrank(seller);
        authorizers.register(settler);
        authorizers.register(address(0));
        vm.stopPrank();
        assertEq(authorizers.settlerOf(seller), address(0));
    }

    function testFuzz_WhenSellersDiffer(address first, address second) external view {
        // it should give each its own authorizer
        vm.assume(first != second);
        assertNotEq(authorizers.addressOf(first), authorizers.addressOf(second));
    }
}
