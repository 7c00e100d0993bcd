// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { Powers } from "../../src/libraries/Powers.sol";
import { Duties, Rights } from "../../src/libraries/Rights.sol";
import { LicensesTest } from "./Licenses.t.sol";

contract LicensesOfferTest is LicensesTest {
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

    function testFuzz_RevertWhen_FieldIsNotEnforced(uint256 value) external {
        ILicenses.Terms memory honest = terms;
        // Words 8 to 15, 17 to 21 and 23 of the encoding, with the widest value of each.
        uint8[14] memory words = [8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23];
        uint256[14] memory widths = [uint256(40), 40, 128, 16, 16, 32, 16, 8, 8, 40, 16, 256, 256, 160];
        bytes32[14] memory fields = [
            bytes32("noticePeriod"),
            "trial",
            "quota",
            "overageBps",
            "seats",
            "maxSupply",
            "resaleRoyaltyBps",
            "maxResales",
            "refundPolicy",
            "refundWindow",
            "refundPenaltyBps",
            "slaId",
            "policyRoot",
            "checker"
        ];
        for (uint256 i; i < words.length; ++i) {
            uint256 max = widths[i] == 256 ? type(uint256).max : (uint256(1) << widths[i]) - 1;
            bytes memory encoding = abi.encode(honest);
            _write(encoding, words[i], bound(value, fields[i] == "seats" ? 2 : 1, max));
            terms = abi.decode(encoding, (ILicenses.Terms));

            // it should revert with {Licenses_NotEnforced}
            vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotEnforced.selector, fields[i]));
            _offer(alice);
        }
    }

    function testFuzz_L7_RevertWhen_TheDerivativeShareExceedsTheWhole(uint16 share) external {
        terms.derivativeShareBps = share;
        if (share > 10_000) {
            // it should revert with {Licenses_NotEnforced}
            vm.expectRevert(
                abi.encodeWithSelector(ILicenses.Licenses_NotEnforced.selector, bytes32("derivativeShareBps"))
            );
        }
        _offer(alice);
    }

    function testFuzz_RevertWhen_RightIsNotEnforced(uint32 rights) external {
        terms.rights = uint32(bound(rights, 1, Rights.ALL));
        bool enforced = terms.rights & Rights.RESELL == 0;
        if (!enforced) {
            vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotEnforced.selector, bytes32("rights")));
        }
        _offer(alice);
        assertEq(licenses.isOffered(terms), enforced);
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
        rights = uint32(bound(rights, 1, Rights.ALL)) & ~Rights.RESELL;
        terms.rights = rights == 0 ? Rights.INFER : rights;
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
    }

    function _write(bytes memory encoding, uint256 word, uint256 value) private pure {
        assembly ("memory-safe") {
            mstore(add(add(encoding, 0x20), mul(word, 0x20)), value)
        }
    }
}
