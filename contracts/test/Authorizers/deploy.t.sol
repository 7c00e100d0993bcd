// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAuthorizer } from "../../src/interfaces/IAuthorizer.sol";
import { IAuthorizers } from "../../src/interfaces/IAuthorizers.sol";
import { AuthorizersTest } from "./Authorizers.t.sol";

contract AuthorizersDeployTest is AuthorizersTest {
    function test_RevertWhen_TheSellerIsZero() external {
        // it should revert with Authorizers_ZeroSeller
        vm.expectRevert(IAuthorizers.Authorizers_ZeroSeller.selector);
        authorizers.deploy(address(0));
    }

    function test_GivenTheAuthorizerHasNoCode() external {
        // it should deploy it for its seller, whoever calls
        // it should emit {Deploy} and leave the settler unset
        address authorizer = authorizers.addressOf(seller);
        vm.expectEmit(address(authorizers));
        emit IAuthorizers.Deploy(seller, authorizer);
        vm.prank(stranger);
        assertEq(authorizers.deploy(seller), authorizer);
        assertEq(IAuthorizer(authorizer).seller(), seller);
        assertEq(IAuthorizer(authorizer).registry(), address(authorizers));
        assertEq(authorizers.settlerOf(seller), address(0));
    }

    function test_GivenTheAuthorizerHasCode() external {
        // it should do nothing
        address authorizer = authorizers.deploy(seller);
        vm.recordLogs();
        assertEq(authorizers.deploy(seller), authorizer);
        assertEq(vm.getRecordedLogs().length, 0);
    }
}
