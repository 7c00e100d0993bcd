// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { Powers } from "../../src/libraries/Powers.sol";
import { Duties, Rights } from "../../src/libraries/Rights.sol";
import { LicensesTest } from "./Licenses.t.sol";

contract LicensesOfferTest is LicensesTest {
    ILicenses.Terms internal honest;

    function _expectNotAuthorized(address caller) internal {
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotAuthorized.selector, terms.asset, caller));
    }

    function test_RevertWhen_Stranger() external {
        // it should revert with {Licenses_NotAuthorized}
        _expectNotAuthorized(carol);
        _offer(carol);
    }

    function test_A068_RevertWhen_Operator() external {
        vm.startPrank(alice);
        assets.approve(carol, asset);
        assets.setApprovalForAll(carol, true);
        vm.stopPrank();

        // it should revert with {Licenses_NotAuthorized}
        _expectNotAuthorized(carol);
        _offer(carol);
    }

    function test_RevertWhen_DelegateWithoutOffer() external {
        vm.prank(alice);
        assets.setDelegate(asset, carol, Powers.UPDATE | Powers.SPLIT);

        // it should revert with {Licenses_NotAuthorized}
        _expectNotAuthorized(carol);
        _offer(carol);
    }

    function test_A057_RevertWhen_FormerOwnerOrDelegateOfOne() external {
        vm.startPrank(alice);
        assets.setDelegate(asset, carol, Powers.ALL);
        assets.transferFrom(alice, bob, asset);
        vm.stopPrank();
        vm.prank(bob);
        assets.setDelegate(asset, relayer, Powers.ALL);

        // it should revert with {Licenses_NotAuthorized}
        _expectNotAuthorized(alice);
        _offer(alice);
        _expectNotAuthorized(carol);
        _offer(carol);
    }

    function testFuzz_RevertGiven_UnknownAsset(uint256 unknown) external {
        vm.assume(unknown != asset);
        terms.asset = unknown;

        // it should revert with {Licenses_NotAuthorized}
        _expectNotAuthorized(alice);
        _offer(alice);
    }

    function test_RevertWhen_VersionIsZero() external {
        terms.version = 0;

        // it should revert with {Licenses_UnknownVersion}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_UnknownVersion.selector, asset, uint32(0)));
        _offer(alice);
    }

    function testFuzz_RevertWhen_VersionIsBeyondTheLatest(uint32 version) external {
        terms.version = uint32(bound(version, 2, type(uint32).max));

        // it should revert with {Licenses_UnknownVersion}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_UnknownVersion.selector, asset, terms.version));
        _offer(alice);
    }

    function test_RevertWhen_NoRight() external {
        terms.rights = 0;

        // it should revert with {Licenses_NoRights}
        vm.expectRevert(ILicenses.Licenses_NoRights.selector);
        _offer(alice);
    }

    function testFuzz_RevertWhen_RightIsUnknown(uint32 rights) external {
        terms.rights = uint32(bound(rights, Rights.ALL + 1, type(uint32).max));

        // it should revert with {Licenses_UnknownRights}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_UnknownRights.selector, terms.rights));
        _offer(alice);
    }

    function testFuzz_RevertWhen_DutyIsUnknown(uint32 duties) external {
        terms.duties = uint32(bound(duties, Duties.ALL + 1, type(uint32).max));

        // it should revert with {Licenses_UnknownDuties}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_UnknownDuties.selector, terms.duties));
        _offer(alice);
    }

    function testFuzz_RevertWhen_FieldIsNotEnforced(bytes32 slaId) external {
        vm.assume(slaId != 0);
        terms.slaId = slaId;

        // it should revert with {Licenses_NotEnforced}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotEnforced.selector, bytes32("slaId")));
        _offer(alice);
    }

    /// @dev Offers the terms and puts them back. An empty field: they are in order.
    function _judge(bytes32 incoherent) internal {
        if (incoherent != "") {
            vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_Incoherent.selector, incoherent));
        }
        _offer(alice);
        assertEq(licenses.isOffered(terms), incoherent == "");
        terms = honest;
    }

    function testFuzz_A069_NoticeIsAtLeastAPeriod(uint40 period, uint40 notice) external {
        honest = terms;
        (terms.period, terms.noticePeriod) = (period, notice);
        _judge(notice == 0 || (period != 0 && notice >= period) ? bytes32("") : bytes32("noticePeriod"));
    }

    function testFuzz_TrialsAreNotLimitedInNumber(uint40 trial, uint24 maxSupply) external {
        honest = terms;
        (terms.trial, terms.maxSupply) = (trial, maxSupply);
        _judge(trial == 0 || maxSupply == 0 ? bytes32("") : bytes32("trial"));
    }

    function test_L7_ARightToDeriveIsPaidFor() external {
        honest = terms;
        for (uint256 bit; bit < 11; ++bit) {
            uint32 right = uint32(1 << bit);
            if (right == Rights.RESELL) continue;
            uint32 deriving = Rights.FINETUNE | Rights.TRAIN | Rights.DISTILL | Rights.DERIVE | Rights.SUBLICENSE;
            bool derives = right & deriving != 0;
            (terms.rights, terms.trial) = (right, 1 hours);
            _judge(derives ? bytes32("trial") : bytes32(""));
            terms.rights = right;
            _proRata(0);
            _judge(derives ? bytes32("refundPolicy") : bytes32(""));
            terms.rights = right;
            _fullWithin(1 days);
            _judge(derives ? bytes32("refundPolicy") : bytes32(""));
        }
    }

    function testFuzz_OverageNeedsAQuota(uint56 quota, uint16 overageBps) external {
        honest = terms;
        (terms.quota, terms.overageBps) = (quota, overageBps);
        _judge(overageBps == 0 || quota != 0 ? bytes32("") : bytes32("overageBps"));
    }

    function testFuzz_A062_RoyaltiesNeedResellAndAreAtMostHalf(uint16 bps, bool resell) external {
        honest = terms;
        terms.resaleRoyaltyBps = bps;
        if (resell) terms.rights |= Rights.RESELL;
        _judge(bps == 0 || (resell && bps <= 5_000) ? bytes32("") : bytes32("resaleRoyaltyBps"));
    }

    function testFuzz_ResalesNeedResell(uint8 maxResales, bool resell) external {
        honest = terms;
        terms.maxResales = maxResales;
        if (resell) terms.rights |= Rights.RESELL;
        _judge(maxResales == 0 || resell ? bytes32("") : bytes32("maxResales"));
    }

    function testFuzz_L7_SharesNeedARightToDeriveAndAreAtMostAll(uint16 bps, uint32 rights) external {
        honest = terms;
        terms.rights = uint32(bound(rights, 1, Rights.ALL));
        terms.derivativeShareBps = bps;
        uint32 deriving = Rights.FINETUNE | Rights.TRAIN | Rights.DISTILL | Rights.DERIVE | Rights.SUBLICENSE;
        bool fits = bps == 0 || (terms.rights & deriving != 0 && bps <= 10_000);
        _judge(fits ? bytes32("") : bytes32("derivativeShareBps"));
    }

    function testFuzz_A060_OneExit(uint8 policy) external {
        honest = terms;
        terms.rights |= Rights.RESELL;
        terms.refundPolicy = policy;
        terms.refundWindow = policy == 1 ? 1 days : 0;
        _judge(policy == 0 ? bytes32("") : bytes32("refundPolicy"));

        terms.refundPolicy = policy;
        terms.refundWindow = policy == 1 ? 1 days : 0;
        _judge(policy <= 2 ? bytes32("") : bytes32("refundPolicy"));
    }

    function testFuzz_A060_TheWindowLiesWithinAPeriod(uint8 policy, uint40 window, uint40 period) external {
        honest = terms;
        terms.refundPolicy = policy = uint8(bound(policy, 0, 2));
        (terms.refundWindow, terms.period) = (window, uint40(bound(period, 1, type(uint40).max)));
        bool fits = policy == 1 ? window != 0 && window <= terms.period : window == 0;
        _judge(fits ? bytes32("") : bytes32("refundWindow"));

        (terms.refundPolicy, terms.refundWindow, terms.period) = (1, window, 0);
        _judge(window != 0 ? bytes32("") : bytes32("refundWindow"));
    }

    function testFuzz_A060_PenaltiesArePartOfAShare(uint8 policy, uint16 penalty) external {
        honest = terms;
        terms.refundPolicy = policy = uint8(bound(policy, 0, 2));
        terms.refundWindow = policy == 1 ? 1 days : 0;
        terms.refundPenaltyBps = penalty;
        bool fits = policy == 2 ? penalty < 10_000 : penalty == 0;
        _judge(fits ? bytes32("") : bytes32("refundPenaltyBps"));
    }

    function test_A060_AWholeRefundTakesNoCallsBack() external {
        honest = terms;
        _fullWithin(1 days);
        terms.quota = 1;
        // it should revert with {Licenses_Incoherent}
        _judge("quota");
        _proRata(0);
        terms.quota = 1;
        _judge("");
        _proRata(0);
        terms.period = 0;
        _judge("period");
    }

    function testFuzz_CheckersAndRoots(bytes32 root, address checker, bool resell) external {
        honest = terms;
        (terms.policyRoot, terms.checker) = (root, checker);
        if (resell) terms.rights |= Rights.RESELL;
        if (resell && checker != address(0)) _judge("checker");
        else _judge(root == 0 || checker != address(0) ? bytes32("") : bytes32("policyRoot"));
    }

    function test_EachRightCanBeOfferedAlone() external {
        for (uint256 bit; bit < 11; ++bit) {
            terms.rights = uint32(1 << bit);
            _offer(alice);
            assertTrue(licenses.isOffered(terms));
        }
    }

    function test_GivenClosedBefore() external {
        bytes32 termsId = _offer(alice);
        vm.prank(alice);
        licenses.close(terms);
        assertFalse(licenses.isOffered(terms));
        _offer(alice);

        // it should put them on offer again
        assertTrue(licenses.isOffered(terms));
        ILicenses.Offering memory offering = licenses.offeringOf(termsId);
        assertEq(offering.mark, 1);
        assertEq(offering.closedAt, 0);
        assertEq(offering.payout, payout);
    }

    function test_A058_RevertGiven_CurrencyIsNotAllowed() external {
        terms.currency = address(licenses);

        // it should revert with {Licenses_CurrencyNotAllowed}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_CurrencyNotAllowed.selector, address(licenses)));
        _offer(alice);
    }

    function testFuzz_RevertWhen_PricesAreOthers(bytes32 hash) external {
        bytes32 actual = keccak256(abi.encode(prices));
        vm.assume(hash != actual);
        terms.pricesHash = hash;

        // it should revert with {Licenses_PricesMismatch}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_PricesMismatch.selector, hash, actual));
        _offer(alice);
    }

    function testFuzz_WhenOwner(uint32 rights, uint32 duties, uint128 price, uint40 period, uint128 perCall) external {
        terms.rights = uint32(bound(rights, 1, Rights.ALL));
        terms.duties = uint32(bound(duties, 0, Duties.ALL));
        terms.price = price;
        terms.period = period;
        prices.perCall = perCall;
        terms.pricesHash = keccak256(abi.encode(prices));
        bytes32 termsId = licenses.idOf(terms);
        assertFalse(licenses.isOffered(terms));

        // it should emit {Offer}
        vm.expectEmit(address(licenses));
        emit ILicenses.Offer({ termsId: termsId, asset: asset, seller: alice, terms: terms, prices: prices });
        assertEq(_offer(alice), termsId);

        // it should put the terms on offer
        assertTrue(licenses.isOffered(terms));
    }

    function test_WhenDelegateWithOffer() external {
        vm.prank(alice);
        assets.setDelegate(asset, carol, Powers.OFFER);
        bytes32 termsId = licenses.idOf(terms);

        // it should emit {Offer} with the owner as seller
        vm.expectEmit(address(licenses));
        emit ILicenses.Offer({ termsId: termsId, asset: asset, seller: alice, terms: terms, prices: prices });
        _offer(carol);
    }

    function test_A057_GivenTransferredLater() external {
        _offer(alice);
        vm.prank(alice);
        assets.transferFrom(alice, carol, asset);

        // it should stand no more
        assertFalse(licenses.isOffered(terms));

        vm.prank(carol);
        assets.transferFrom(carol, alice, asset);
        assertFalse(licenses.isOffered(terms), "an offer was revived");
        _offer(alice);
        assertTrue(licenses.isOffered(terms));
    }

    function test_A058_GivenCurrencyIsNoLongerAllowedLater() external {
        _offer(alice);
        vm.prank(governor);
        policy.setToken(address(dollar), false);

        // it should stand
        assertTrue(licenses.isOffered(terms));
        _buy(bob, bob);
        assertEq(dollar.balanceOf(payout), terms.price);
    }

    function testFuzz_IdIsTheHashOfChainContractAndTerms(uint64 chain, uint128 price, bytes32 textHash) external {
        vm.chainId(bound(chain, 1, type(uint64).max));
        terms.price = price;
        terms.textHash = textHash;
        assertEq(licenses.idOf(terms), keccak256(abi.encode(block.chainid, address(licenses), terms)));
        assertEq(abi.encode(terms).length, 24 * 32);
    }

    /// @dev The hash does not validate fields, so another encoding of the same terms must not pass for an offer.
    function testFuzz_DirtyBitsAreOtherTermsThatNobodyCanOffer(uint8 shift) external {
        bytes memory data = abi.encodeCall(licenses.idOf, (terms));
        uint256 dirt = uint256(1) << bound(shift, 32, 255);
        assembly ("memory-safe") {
            // The version, the second word after the selector, has 32 bits.
            let word := add(data, 0x44)
            mstore(word, or(mload(word), dirt))
        }
        (bool success, bytes memory id) = address(licenses).call(data);
        assertTrue(success);
        assertNotEq(abi.decode(id, (bytes32)), licenses.idOf(terms));
        (success,) = address(licenses).call(abi.encodePacked(licenses.offer.selector, _tail(data), abi.encode(prices)));
        assertFalse(success);
    }

    function _tail(bytes memory data) private pure returns (bytes memory tail) {
        tail = new bytes(data.length - 4);
        for (uint256 i; i < tail.length; ++i) {
            tail[i] = data[i + 4];
        }
    }

    function test_A097_NothingIsOwnableOrMovable() external {
        string[6] memory functions = [
            "owner()",
            "initialize()",
            "transferOwnership(address)",
            "upgradeToAndCall(address,bytes)",
            "transferFrom(address,address,uint256)",
            "withdraw(address,uint256)"
        ];
        for (uint256 i; i < functions.length; ++i) {
            (bool success,) =
                address(licenses).call(abi.encodePacked(bytes4(keccak256(bytes(functions[i]))), new bytes(96)));
            assertFalse(success);
        }
        assertEq(address(licenses.ASSETS()), address(assets));
        assertEq(address(licenses.POLICY()), address(policy));
        assertEq(address(licenses.PAYOUTS()), address(payouts));
        assertEq(address(licenses.ESCROWS()), address(escrows));
    }
}
