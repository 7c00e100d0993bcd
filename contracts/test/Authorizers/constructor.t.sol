// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Authorizers } from "../../src/Authorizers.sol";
import { IAuthorizers } from "../../src/interfaces/IAuthorizers.sol";
import { AuthorizersTest } from "./Authorizers.t.sol";

contract AuthorizersConstructorTest is AuthorizersTest {
    function test_RevertWhen_TheImplementationHasNoCode() external {
        // it should revert with Authorizers_ImplementationWithoutCode
        vm.expectRevert(abi.encodeWithSelector(IAuthorizers.Authorizers_ImplementationWithoutCode.selector, stranger));
        new Authorizers(stranger);
    }

    function test_WhenTheImplementationHasCode() external view {
        // it should keep its address
        assertEq(authorizers.implementation(), address(implementation));
    }
}
