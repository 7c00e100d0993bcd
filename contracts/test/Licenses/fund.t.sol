// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { OwnWayBuyer } from "../actors/OwnWayBuyer.sol";
import { LicensesTest } from "./Licenses.t.sol";

contract LicensesFundTest is LicensesTest {
    function testFuzz_RevertWhen_TheCallerIsNotTheEscrow(address caller) external {
        vm.assume(caller != address(escrows));

        // it should revert with {Licenses_NotEscrows}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotEscrows.selector, caller));
        vm.prank(caller);
        licenses.fund(address(dollar), caller, 1, abi.encode(bob));
    }

    function test_A055_TheEscrowAsksNobodyButItsCaller() external {
        // A stranger makes the escrow ask, and names bob, who has approved the licences, as the payer.
        OwnWayBuyer stranger = new OwnWayBuyer();
        dollar.mint(address(stranger), 1);
        bytes memory call = abi.encodeCall(escrows.deposit, (address(dollar), "id", 1, abi.encode(bob)));
        stranger.execute(address(escrows), call);
        assertEq(dollar.balanceOf(bob), 1_000_000e6);
        assertEq(dollar.balanceOf(address(stranger)), 0);
    }

    function test_WhenTheEscrowAsks() external {
        _proRata(0);
        _offer(alice);
        _buy(bob, carol);

        // it should move what the payer of the purchase approved
        assertEq(dollar.balanceOf(bob), 1_000_000e6 - terms.price);
        assertEq(dollar.balanceOf(address(escrows)), terms.price);
    }
}
