// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IChannels } from "../../src/interfaces/IChannels.sol";
import { IVaults } from "../../src/interfaces/IVaults.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

contract VaultsClaimTest is VaultsBase {
    function testFuzz_RevertWhen_TheCallerIsNotTheOwner(address caller) public {
        // it should revert with {Vaults_NotAuthorized}
        vm.assume(caller != seller);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NotAuthorized.selector, asset, caller));
        vaults.claim(asset, new IChannels.VoucherClaim[](0));
    }

    function test_L5_GivenTheAssetHasChangedHands() public {
        // it should let the new owner claim and not the former one
        IChannels.VoucherClaim[] memory rows = _claimable(asset, 5e6);
        vm.startPrank(seller);
        assets.transferFrom(seller, heir, asset);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NotAuthorized.selector, asset, seller));
        vaults.claim(asset, rows);
        vm.stopPrank();
        vm.prank(heir);
        vaults.claim(asset, rows);
        assertEq(vaults.harvest(asset, address(dollar)), 5e6);
    }

    function test_RevertWhen_ARowIsInvalid() public {
        // it should revert with the error of the channels
        IChannels.VoucherClaim[] memory rows = _claimable(asset, 5e6);
        rows[0].totalClaimed += 1;
        vm.prank(seller);
        vm.expectRevert(IChannels.ClaimExceedsCeiling.selector);
        vaults.claim(asset, rows);
    }

    function testFuzz_WhenTheOwnerClaims(uint128 amount, bool ofSeller) public {
        amount = uint128(bound(amount, 1, 1e30));
        uint256 account = ofSeller ? _accountOf(seller) : asset;
        IChannels.VoucherClaim[] memory rows = _claimable(account, amount);
        vm.prank(seller);
        vaults.claim(account, rows);

        // it should deploy the payout address when it has no code
        assertGt(vaults.payoutOf(account).code.length, 0);

        // it should claim without any settler
        (uint128 claimed,) = channels.receivers(vaults.payoutOf(account), address(dollar));
        assertEq(claimed, amount);
    }
}
