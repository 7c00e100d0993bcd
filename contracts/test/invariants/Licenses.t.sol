// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { Assets } from "../../src/Assets.sol";
import { Escrows } from "../../src/Escrows.sol";
import { Licenses } from "../../src/Licenses.sol";
import { Policy } from "../../src/Policy.sol";
import { TestDollar } from "../../src/TestDollar.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { IPolicy } from "../../src/interfaces/IPolicy.sol";
import { PayoutBook } from "../actors/PayoutBook.sol";
import { LicensesHandler } from "./LicensesHandler.sol";

/// @notice The invariants of licences and of the powers behind them, after every call of a stateful run.
/// @dev The handler bounds its arguments itself, so a dictionary of values seen would only cost time.
/// forge-config: default.invariant.runs = 32
/// forge-config: default.invariant.include-storage = false
/// forge-config: default.invariant.include-push-bytes = false
/// forge-config: default.invariant.show-metrics = false
contract LicensesInvariants is Test {
    Licenses internal licenses;
    Assets internal assets;
    TestDollar internal dollar;
    PayoutBook internal payouts;
    LicensesHandler internal handler;

    function setUp() external {
        vm.warp(1_800_000_000);
        dollar = new TestDollar(address(this));
        assets = new Assets();
        payouts = new PayoutBook();
        address[] memory tokens = new address[](1);
        tokens[0] = address(dollar);
        Policy policy = new Policy({ owner: address(this), parameters: new IPolicy.Parameter[](0), tokens: tokens });
        licenses = new Licenses({ assets: assets, policy: policy, payouts: payouts, escrows: new Escrows() });
        handler = new LicensesHandler(licenses, assets, dollar);
        targetContract(address(handler));
    }

    /// @dev A licence is valid at a time exactly when that time was paid for in the present run of periods. The window is
    /// computed anew from the times of all payments.
    function invariant_L1_ALicenceIsValidExactlyWhilePaid() external view {
        (,, uint256 count) = handler.counts();
        if (count != 0) _checkWindow(handler.calls() % count);
    }

    /// @dev The terms of a licence and the root of the version they name never change.
    function invariant_L4_TermsAndVersionOfALicenceNeverChange() external view {
        (uint256 assetCount, uint256 termsCount,) = handler.counts();
        _checkTerms(handler.calls() % termsCount);
        _checkVersions(handler.assetIds(handler.calls() % assetCount));
    }

    /// @dev After a transfer nobody but the new owner and its own delegates can update, delegate, offer or close, and
    /// nothing offered before can be bought.
    function invariant_L5_OnlyTheOwnerAndItsDelegatesHavePower() external view {
        (uint256 assetCount, uint256 termsCount,) = handler.counts();
        assertEq(handler.unauthorized(), 0, "an unauthorized call succeeded");
        _checkPowers(handler.assetIds(handler.calls() % assetCount));
        _checkOffer(handler.calls() % termsCount);
    }

    /// @dev What was paid is the price of the terms, once a purchase, and all of it reached the payout address.
    function invariant_L6_WhatIsPaidIsThePrice() external view {
        (uint256 assetCount,,) = handler.counts();
        uint256 paid;
        for (uint256 i; i < assetCount; ++i) {
            uint256 asset = handler.assetIds(i);
            assertEq(dollar.balanceOf(payouts.payoutOf(asset)), handler.paidFor(asset), "payout");
            paid += handler.paidFor(asset);
        }
        uint256 left;
        for (uint256 i; i < handler.PEOPLE(); ++i) {
            address who = handler.person(i);
            assertEq(handler.minted(who) - dollar.balanceOf(who), handler.paidBy(who), "payer");
            left += dollar.balanceOf(who);
        }
        assertEq(dollar.balanceOf(address(licenses)), 0, "custody");
        assertEq(paid + left, dollar.totalSupply(), "conservation");
    }

    /// @dev After each call one record is checked in turn; at the end of a run every record is.
    function afterInvariant() external view {
        (uint256 assetCount, uint256 termsCount, uint256 count) = handler.counts();
        for (uint256 i; i < count; ++i) {
            _checkWindow(i);
        }
        for (uint256 i; i < termsCount; ++i) {
            _checkTerms(i);
            _checkOffer(i);
        }
        for (uint256 i; i < assetCount; ++i) {
            _checkVersions(handler.assetIds(i));
            _checkPowers(handler.assetIds(i));
        }
        assertEq(_holders(), count, "a licence nobody paid for");
    }

    function _checkWindow(uint256 index) private view {
        LicensesHandler.Purchases memory bought = handler.purchases(index);
        bytes32 termsId = handler.termsIds(bought.termsIndex);
        (uint40 start, uint40 end) = _window(bought.times, handler.periodOf(bought.termsIndex));
        assertFalse(licenses.isValid(termsId, bought.holder, start - 1), "valid before it was paid");
        assertTrue(licenses.isValid(termsId, bought.holder, start), "not valid at the start");
        assertTrue(licenses.isValid(termsId, bought.holder, end - 1), "not valid in the last second");
        assertFalse(licenses.isValid(termsId, bought.holder, end), "valid after the end");
    }

    function _checkTerms(uint256 index) private view {
        ILicenses.Terms memory terms = handler.terms(index);
        bytes32 hash = keccak256(abi.encode(block.chainid, address(licenses), terms));
        assertEq(licenses.idOf(terms), hash, "another hash");
        assertEq(handler.termsIds(index), hash, "the hash was another one");
    }

    function _checkVersions(uint256 asset) private view {
        bytes32[] memory roots = handler.roots(asset);
        assertEq(assets.versionOf(asset), roots.length, "versions");
        for (uint32 version = 1; version <= roots.length; ++version) {
            assertEq(assets.rootOf(asset, version), roots[version - 1], "a version was overwritten");
        }
    }

    function _checkPowers(uint256 asset) private view {
        assertEq(assets.ownerOf(asset), handler.ownerOf(asset), "owner");
        assertEq(assets.ownerEpochOf(asset), handler.epochOf(asset), "epoch");
        for (uint256 i; i < handler.PEOPLE(); ++i) {
            address who = handler.person(i);
            for (uint8 power = 1; power <= 4; power *= 2) {
                assertEq(assets.isAuthorized(asset, who, power), handler.mayUse(asset, who, power), "power");
            }
        }
    }

    function _checkOffer(uint256 index) private view {
        assertEq(licenses.isOffered(handler.terms(index)), handler.stands(index), "offer");
    }

    function _holders() private view returns (uint256 holders) {
        (, uint256 termsCount,) = handler.counts();
        for (uint256 i; i < termsCount; ++i) {
            for (uint256 j; j < handler.PEOPLE(); ++j) {
                if (licenses.licenseOf(handler.termsIds(i), handler.person(j)).end != 0) ++holders;
            }
        }
    }

    function _window(uint40[] memory times, uint40 period) private pure returns (uint40 start, uint40 end) {
        for (uint256 i; i < times.length; ++i) {
            if (times[i] > end) (start, end) = (times[i], times[i]);
            end = period == 0 ? type(uint40).max : end + period;
        }
    }
}
