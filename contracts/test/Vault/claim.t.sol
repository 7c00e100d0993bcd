// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IChannels } from "../../src/interfaces/IChannels.sol";
import { IVault } from "../../src/interfaces/IVault.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

contract VaultClaimTest is VaultsBase {
    function test_RevertWhen_TheCallerDidNotCreateThePayoutAddress() public {
        // it should revert with {Vault_NotRegistry}
        _payAndHarvest(asset, 1);
        IVault vault = IVault(vaults.payoutOf(asset));
        IChannels.VoucherClaim[] memory rows = _claimable(asset, 5e6);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IVault.Vault_NotRegistry.selector, seller, asset));
        vault.claim(asset, rows);
    }

    function test_WhenTheCreatorCalls() public {
        // it should claim as the receiver of the channel
        _payAndHarvest(asset, 1);
        IVault vault = IVault(vaults.payoutOf(asset));
        IChannels.VoucherClaim[] memory rows = _claimable(asset, 5e6);
        vm.prank(address(vaults));
        vault.claim(asset, rows);
        (uint128 claimed,) = channels.receivers(address(vault), address(dollar));
        assertEq(claimed, 5e6);
    }
}
