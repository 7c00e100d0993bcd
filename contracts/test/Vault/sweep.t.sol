// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IVault } from "../../src/interfaces/IVault.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

contract VaultSweepTest is VaultsBase {
    IVault internal vault;

    function setUp() public override {
        super.setUp();
        _payAndHarvest(asset, 1);
        vault = IVault(vaults.payoutOf(asset));
        _pay(asset, 10e6);
    }

    function testFuzz_RevertWhen_TheCallerDidNotCreateThePayoutAddress(address caller) public {
        // it should revert with {Vault_NotRegistry}
        vm.assume(caller != address(vaults));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IVault.Vault_NotRegistry.selector, caller, asset));
        vault.sweep(asset, address(dollar), 1);
    }

    function testFuzz_RevertWhen_TheAccountIsNotThatOfThePayoutAddress(uint256 account) public {
        // it should revert with {Vault_NotRegistry}
        vm.assume(account != asset);
        vm.prank(address(vaults));
        vm.expectRevert(abi.encodeWithSelector(IVault.Vault_NotRegistry.selector, address(vaults), account));
        vault.sweep(account, address(dollar), 1);
    }

    function test_RevertWhen_TheImplementationItselfIsCalled() public {
        // it should revert with {Vault_NotRegistry}
        vm.prank(address(vaults));
        vm.expectRevert(abi.encodeWithSelector(IVault.Vault_NotRegistry.selector, address(vaults), asset));
        implementation.sweep(asset, address(dollar), 0);
    }

    function test_WhenTheCreatorCalls() public {
        // it should send the tokens to the creator
        uint256 before = dollar.balanceOf(address(vaults));
        vm.prank(address(vaults));
        vault.sweep(asset, address(dollar), 4e6);
        assertEq(dollar.balanceOf(address(vaults)) - before, 4e6);
        assertEq(dollar.balanceOf(address(vault)), 6e6);
    }
}
