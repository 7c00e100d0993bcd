// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IResales } from "../../src/interfaces/IResales.sol";
import { OwnWayBuyer } from "../actors/OwnWayBuyer.sol";
import { ResalesTest } from "./Resales.t.sol";

contract ResalesFundTest is ResalesTest {
    function testFuzz_RevertWhen_TheCallerIsNotTheRegistry(address caller) external {
        vm.assume(caller != address(licenses));

        // it should revert with {Resales_NotLicenses}
        vm.expectRevert(abi.encodeWithSelector(IResales.Resales_NotLicenses.selector, caller));
        vm.prank(caller);
        resales.fund(address(dollar), caller, 1, abi.encode(bob));
    }

    function test_A055_WhenTheRegistryAsksForAStranger() external {
        // A stranger buys through the registry and names bob, who has approved the resales, as the payer.
        OwnWayBuyer stranger = new OwnWayBuyer();
        dollar.mint(address(stranger), terms.price);
        uint256 before = dollar.balanceOf(bob);
        bytes memory call = abi.encodeCall(licenses.buyThrough, (terms, carol, abi.encode(bob)));
        stranger.execute(address(licenses), call);

        // it should not be reached
        assertEq(dollar.balanceOf(bob), before);
        assertEq(dollar.balanceOf(address(stranger)), 0);
    }
}
