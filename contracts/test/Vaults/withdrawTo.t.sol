// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IVaults } from "../../src/interfaces/IVaults.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

contract VaultsWithdrawToTest is VaultsBase {
    address internal refuge = makeAddr("refuge");

    function setUp() public override {
        super.setUp();
        _configure(asset, seller, _usual());
    }

    function test_RevertWhen_TheSplitHasNoSuchRow() public {
        // it should revert with {Vaults_NoRow}
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NoRow.selector, 2));
        vaults.withdrawTo(_split(_usual(), seller), 2, address(dollar), refuge);
    }

    function testFuzz_RevertWhen_TheCallerIsNotThePayee(address caller) public {
        // it should revert with {Vaults_NotPayee}
        vm.assume(caller != alice);
        _earn(asset, 10e6);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NotPayee.selector, caller, alice));
        vaults.withdrawTo(_split(_usual(), seller), 1, address(dollar), caller);
    }

    function test_RevertWhen_ThereIsNoCredit() public {
        // it should revert with {Vaults_NoCredit}
        IVaults.Split memory split = _split(_usual(), seller);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NoCredit.selector, _idOf(split), 1, address(dollar)));
        vaults.withdrawTo(split, 1, address(dollar), refuge);
    }

    function test_A073_A154_GivenThePayeeIsFrozenByTheToken() public {
        // it should pay where the payee says
        _earn(asset, 10e6);
        dollar.blacklist(alice);
        vm.prank(alice);
        assertEq(vaults.withdrawTo(_split(_usual(), seller), 1, address(dollar), refuge), 3e6);
        assertEq(dollar.balanceOf(refuge), 3e6);
    }

    function test_WhenThePayeeIsTheOwner() public {
        _earn(asset, 10e6);
        IVaults.Split memory split = _split(_usual(), seller);

        // it should emit {Withdraw}
        vm.expectEmit(address(vaults));
        emit IVaults.Withdraw(_idOf(split), address(dollar), seller, 0, refuge, 7e6);
        vm.prank(seller);
        vaults.withdrawTo(split, 0, address(dollar), refuge);

        // it should pay where the owner says
        assertEq(dollar.balanceOf(refuge), 7e6);
    }
}
