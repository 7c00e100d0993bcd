// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC721Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IVaults } from "../../src/interfaces/IVaults.sol";
import { FeeToken } from "../actors/FeeToken.sol";
import { ReentrantToken } from "../actors/ReentrantToken.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

contract VaultsHarvestTest is VaultsBase {
    function test_RevertWhen_TheAccountIsZero() public {
        // it should revert with {Vaults_ZeroAccount}
        vm.expectRevert(IVaults.Vaults_ZeroAccount.selector);
        vaults.harvest(0, address(dollar));
    }

    function test_RevertWhen_TheAssetDoesNotExist() public {
        // it should revert with {ERC721NonexistentToken}
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, asset + 1));
        vaults.harvest(asset + 1, address(dollar));
    }

    function test_RevertWhen_TheAmountDoesNotFit128Bits() public {
        // it should revert with {SafeCastOverflowedUintDowncast}
        uint256 amount = uint256(type(uint128).max) + 1;
        _pay(asset, amount);
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, amount));
        vaults.harvest(asset, address(dollar));
    }

    function test_A074_WhenTheTokenCallsBack() public {
        // it should refuse every way in
        IVaults.Split memory split = _split(_usual(), seller);
        bytes[] memory ways = new bytes[](6);
        ways[0] = abi.encodeCall(vaults.harvest, (asset, address(dollar)));
        ways[1] = abi.encodeCall(vaults.mature, (asset, address(dollar), _idOf(split)));
        ways[2] = abi.encodeCall(vaults.withdraw, (split, 0, address(dollar)));
        ways[3] = abi.encodeCall(vaults.withdrawTo, (split, 0, address(dollar), alice));
        ways[4] = abi.encodeCall(vaults.configure, (asset, _usual(), WINDOW, new address[](0), _nothing()));
        ways[5] = abi.encodeCall(vaults.refund, (_note(_receipt(asset, 1), 1), asset, _termsOf(split)));
        for (uint256 i = 0; i < ways.length; ++i) {
            ReentrantToken token = new ReentrantToken();
            token.mint(vaults.payoutOf(asset), 100);
            token.arm(address(vaults), ways[i]);
            assertEq(vaults.harvest(asset, address(token)), 100);
            assertFalse(token.success());
            assertEq(bytes4(token.outcome()), ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        }
    }

    function testFuzz_GivenTheAccountWasNeverConfigured(uint16 fee) public {
        fee = uint16(bound(fee, 1, 500));
        _setFee(fee);
        IVaults.Split memory split = IVaults.Split(_none(), _ownerOnly(10_000 - fee), seller, treasury, fee, FLOOR);
        assertEq(vaults.splitIdOf(asset), _idOf(split), "the view names the default before it is taken");

        // it should emit {Configure}
        vm.expectEmit(address(vaults));
        emit IVaults.Configure(asset, _idOf(split), seller, split.payees, treasury, fee, FLOOR);
        vaults.harvest(asset, address(dollar));

        // it should take the default with the fee of that moment
        _setFee(0);
        assertEq(vaults.splitIdOf(asset), _idOf(split));
    }

    function test_GivenNothingArrived() public {
        _configure(asset, seller, _usual());

        // it should record nothing and deploy nothing
        vm.recordLogs();
        assertEq(vaults.harvest(asset, address(dollar)), 0);
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(vaults.payoutOf(asset).code.length, 0);

        // it should let mature what has waited
        _payAndHarvest(asset, 10e6);
        skip(2 * uint256(WINDOW));
        assertEq(vaults.harvest(asset, address(dollar)), 0);
        assertEq(vaults.accruedOf(vaults.splitIdOf(asset), address(dollar)), 10e6);
    }

    function test_GivenMoneyWasClaimedFromChannels() public {
        // it should settle and take it
        vm.startPrank(seller);
        vaults.claim(asset, _claimable(asset, 7e6));
        vm.stopPrank();
        _pay(asset, 3e6);
        assertEq(vaults.harvest(asset, address(dollar)), 10e6);
        assertEq(dollar.balanceOf(address(vaults)), 10e6);
    }

    function test_A151_GivenTheTokenTakesAFee() public {
        // it should record what arrived
        FeeToken token = new FeeToken();
        token.mint(vaults.payoutOf(asset), 1000);
        assertEq(vaults.harvest(asset, address(token)), 990);
        (uint128 immature,) = vaults.pendingOf(asset, address(token), vaults.splitIdOf(asset));
        assertEq(immature, token.balanceOf(address(vaults)));
    }

    function test_A075_GivenTokensWereDonatedToTheContractItself() public {
        // it should not count them
        dollar.mint(address(vaults), 99e6);
        _pay(asset, 1e6);
        assertEq(vaults.harvest(asset, address(dollar)), 1e6);
    }

    function test_A075_GivenEtherWasForcedOntoThePayoutAddress() public {
        // it should go on as before
        vm.deal(vaults.payoutOf(asset), 1 ether);
        _pay(asset, 1e6);
        assertEq(vaults.harvest(asset, address(dollar)), 1e6);
    }

    function test_L5_GivenTheAssetHasChangedHands() public {
        _configure(asset, seller, _usual());
        _payAndHarvest(asset, 10e6);
        vm.prank(seller);
        assets.transferFrom(seller, heir, asset);
        _payAndHarvest(asset, 4e6);

        // it should put the money under the new owner
        (uint128 ofHeir,) = vaults.pendingOf(asset, address(dollar), _idOf(_split(_usual(), heir)));
        assertEq(ofHeir, 4e6);

        // it should leave the former owner what was harvested before
        (uint128 ofSeller,) = vaults.pendingOf(asset, address(dollar), _idOf(_split(_usual(), seller)));
        assertEq(ofSeller, 10e6);
    }

    function test_A077_GivenTheAccountsPayEachOtherInACircle() public {
        // it should move the money once a call
        uint256 other = _publish(seller, "other");
        IVaults.Split memory split = _split(_ownerOnly(10_000), seller);
        IVaults.Split memory back = _split(_ownerOnly(10_000), seller);
        split.payees[0].account = vaults.payoutOf(other);
        back.payees[0].account = vaults.payoutOf(asset);
        _configure(asset, seller, split.payees);
        _configure(other, seller, back.payees);

        _earn(asset, 10e6);
        vaults.withdraw(split, 0, address(dollar));
        assertEq(dollar.balanceOf(vaults.payoutOf(other)), 10e6);
        _earn(other, 0);
        vaults.withdraw(back, 0, address(dollar));
        assertEq(dollar.balanceOf(vaults.payoutOf(asset)), 10e6);
        assertEq(dollar.balanceOf(address(vaults)), 0);
    }

    function testFuzz_GivenAFullRingHasPassed(uint128[9] memory amounts) public {
        // it should hold what arrived within the window and mature the rest
        _configure(asset, seller, _usual());
        bytes32 splitId = _idOf(_split(_usual(), seller));
        for (uint256 i = 0; i < amounts.length; ++i) {
            amounts[i] = uint128(bound(amounts[i], 1, 1e30));
            _payAndHarvest(asset, amounts[i]);
            skip(1 days);
        }
        // The first day's bucket matured after eight days, just when its slot was needed again.
        (uint128 immature, uint128 matured) = vaults.pendingOf(asset, address(dollar), splitId);
        assertEq(vaults.accruedOf(splitId, address(dollar)), amounts[0]);
        assertEq(matured, amounts[1]);
        uint128 waiting;
        for (uint256 i = 2; i < amounts.length; ++i) {
            waiting += amounts[i];
        }
        assertEq(immature, waiting);
    }

    function testFuzz_GivenMoneyArrived(uint128 amount, uint128 more) public {
        amount = uint128(bound(amount, 1, type(uint128).max / 2));
        more = uint128(bound(more, 1, type(uint128).max / 2));
        _configure(asset, seller, _usual());
        bytes32 splitId = _idOf(_split(_usual(), seller));
        address payout = vaults.payoutOf(asset);
        _pay(asset, amount);
        assertEq(payout.code.length, 0);

        // it should emit {Harvest}
        uint40 index = uint40(block.timestamp) / 1 days;
        vm.expectEmit(address(vaults));
        emit IVaults.Harvest(asset, address(dollar), splitId, amount, index, payout);
        assertEq(vaults.harvest(asset, address(dollar)), amount);

        // it should deploy the payout address at the first harvest only
        assertGt(payout.code.length, 0);
        _payAndHarvest(asset, more);

        // it should put the money into the current bucket
        (uint128 immature, uint128 matured) = vaults.pendingOf(asset, address(dollar), splitId);
        assertEq(immature, amount + more);
        assertEq(matured, 0);
    }
}
