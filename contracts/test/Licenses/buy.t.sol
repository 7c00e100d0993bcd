// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Vm } from "forge-std/Test.sol";
import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { IAssets } from "../../src/interfaces/IAssets.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { FeeToken } from "../actors/FeeToken.sol";
import { OddChecker } from "../actors/OddChecker.sol";
import { OddToken } from "../actors/OddToken.sol";
import { ReentrantToken } from "../actors/ReentrantToken.sol";
import { LicensesTest } from "./Licenses.t.sol";

contract LicensesBuyTest is LicensesTest {
    function setUp() public override {
        super.setUp();
        _offer(alice);
    }

    function _expectNotOffered() internal {
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotOffered.selector, licenses.idOf(terms)));
    }

    function _expectWrongAmount(uint256 arrived) internal {
        vm.expectRevert(
            abi.encodeWithSelector(
                ILicenses.Licenses_WrongAmount.selector, terms.currency, uint256(terms.price), arrived
            )
        );
    }

    function test_RevertWhen_RecipientIsZero() external {
        // it should revert with {Licenses_NoRecipient}
        vm.expectRevert(ILicenses.Licenses_NoRecipient.selector);
        _buy(bob, address(0));
    }

    function testFuzz_L6_A054_RevertGiven_NeverOffered(uint128 price) external {
        vm.assume(price != terms.price);
        terms.price = price;

        // it should revert with {Licenses_NotOffered}
        _expectNotOffered();
        _buy(bob, bob);
    }

    function test_A054_RevertGiven_Closed() external {
        // The purchase is pending while the seller raises the price.
        ILicenses.Terms memory named = terms;
        vm.prank(alice);
        licenses.close(terms);
        terms.price = 40e6;
        _offer(alice);
        terms = named;

        // it should revert with {Licenses_NotOffered}
        _expectNotOffered();
        _buy(bob, bob);
        assertEq(dollar.balanceOf(bob), 1_000_000e6);
    }

    function test_A054_TheSellerCannotRaiseThePriceOfNamedTerms() external {
        terms.price = 40e6;
        _offer(alice);
        terms.price = 20e6;
        _buy(bob, bob);
        assertEq(dollar.balanceOf(payout), 20e6);
    }

    function test_L5_A057_RevertGiven_Transferred() external {
        vm.prank(alice);
        assets.transferFrom(alice, carol, asset);

        // it should revert with {Licenses_NotOffered}
        _expectNotOffered();
        _buy(bob, bob);
    }

    function test_RevertGiven_LicenceWithoutEnd() external {
        terms.period = 0;
        _offer(alice);
        _buy(bob, bob);

        // it should revert with {Licenses_AlreadyForever}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_AlreadyForever.selector, licenses.idOf(terms), bob));
        _buy(bob, bob);
        assertEq(dollar.balanceOf(payout), terms.price);
    }

    function testFuzz_A069_RevertWhen_PeriodIsTooLong(uint40 period) external {
        terms.period = uint40(bound(period, FOREVER - NOW, FOREVER));
        _offer(alice);

        // it should revert with {Licenses_PeriodTooLong}
        vm.expectRevert(
            abi.encodeWithSelector(ILicenses.Licenses_PeriodTooLong.selector, licenses.idOf(terms), NOW, terms.period)
        );
        _buy(bob, bob);
    }

    function test_A069_ThePeriodCanEndAtTheLastSecond() external {
        terms.period = FOREVER - NOW - 1;
        _offer(alice);
        assertEq(_buy(bob, bob), FOREVER - 1);

        vm.expectRevert(
            abi.encodeWithSelector(
                ILicenses.Licenses_PeriodTooLong.selector, licenses.idOf(terms), FOREVER - 1, terms.period
            )
        );
        _buy(bob, bob);
    }

    function test_RevertGiven_NotApproved() external {
        vm.prank(bob);
        dollar.approve(address(licenses), terms.price - 1);

        // it should revert with {ERC20InsufficientAllowance}
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, licenses, terms.price - 1, terms.price
            )
        );
        _buy(bob, bob);
        _assertNone(bob);
    }

    function testFuzz_A151_RevertGiven_TokenKeepsAFee(uint128 price) external {
        terms.price = uint128(bound(price, 100, type(uint128).max));
        FeeToken token = new FeeToken();
        _offerIn(address(token));
        token.mint(bob, terms.price);
        vm.prank(bob);
        token.approve(address(licenses), terms.price);

        // it should revert with {Licenses_WrongAmount}
        _expectWrongAmount(terms.price - terms.price / 100);
        _buy(bob, bob);
        _assertNone(bob);
    }

    function test_A014_RevertGiven_TokenAnswersFalse() external {
        OddToken token = new OddToken(OddToken.Answer.False);
        _offerIn(address(token));
        token.mint(bob, terms.price);

        // it should revert with {SafeERC20FailedOperation}
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token)));
        _buy(bob, bob);
        _assertNone(bob);
    }

    function test_A014_TokensThatAnswerNothingOrTooMuchAreCounted() external {
        OddToken.Answer[2] memory answers = [OddToken.Answer.Nothing, OddToken.Answer.Huge];
        for (uint256 i; i < answers.length; ++i) {
            OddToken token = new OddToken(answers[i]);
            _offerIn(address(token));
            token.mint(bob, terms.price);
            _buy(bob, bob);
            assertEq(token.balanceOf(payout), terms.price);
        }
    }

    function test_RevertGiven_PayerIsThePayoutAddress() external {
        _fund(payout, terms.price);

        // it should revert with {Licenses_WrongAmount}
        _expectWrongAmount(0);
        _buy(payout, bob);
    }

    function test_A055_GivenTokenCallsBack() external {
        ReentrantToken token = new ReentrantToken();
        _offerIn(address(token));
        token.mint(bob, terms.price);
        token.mint(address(token), terms.price);
        vm.prank(bob);
        token.approve(address(licenses), terms.price);
        token.arm(address(licenses), abi.encodeCall(licenses.buy, (terms, carol, "")));
        _buy(bob, bob);

        // it should refuse the second purchase
        assertFalse(token.success());
        assertEq(
            token.outcome(), abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
        _assertNone(carol);
        _assertLicense(bob, NOW, NOW + 30 days);
        assertEq(token.balanceOf(payout), terms.price);
    }

    function testFuzz_L6_WhenEverythingIsInOrder(uint128 price, uint40 period) external {
        terms.price = uint128(bound(price, 1, type(uint64).max));
        terms.period = uint40(bound(period, 1, FOREVER - NOW - 1));
        _fund(bob, terms.price);
        uint256 before = dollar.balanceOf(bob);
        bytes32 termsId = _offer(alice);

        // it should emit {Buy}
        vm.expectEmit(address(licenses));
        emit ILicenses.Buy({ termsId: termsId, holder: bob, payer: bob, start: NOW, end: NOW + terms.period });
        vm.recordLogs();
        uint40 end = _buy(bob, bob);

        // it should move exactly the price in one transfer to the payout address
        assertEq(before - dollar.balanceOf(bob), terms.price);
        assertEq(dollar.balanceOf(payout), terms.price);
        assertEq(dollar.balanceOf(address(licenses)), 0);
        assertEq(_transfers(vm.getRecordedLogs()), 1);
        // it should start now and end one period later
        assertEq(end, NOW + terms.period);
        _assertLicense(bob, NOW, NOW + uint256(terms.period));
    }

    function testFuzz_A069_GivenValidLicence(uint256 elapsed) external {
        _buy(bob, bob);
        vm.warp(NOW + bound(elapsed, 0, 30 days - 1));

        // it should extend the licence from its end
        assertEq(_buy(bob, bob), NOW + 60 days);
        _assertLicense(bob, NOW, NOW + 60 days);
        assertTrue(_isValid(bob, NOW + 30 days));
    }

    function test_A069_GivenTheLicenceEndsNow() external {
        _buy(bob, bob);
        vm.warp(NOW + 30 days);
        assertFalse(_isValid(bob, block.timestamp));
        _buy(bob, bob);

        // it should continue without a gap
        _assertLicense(bob, NOW, NOW + 60 days);
    }

    function testFuzz_A069_GivenLapsedLicence(uint256 elapsed) external {
        _buy(bob, bob);
        uint256 later = NOW + bound(elapsed, 30 days + 1, 100 * 365 days);
        vm.warp(later);
        _buy(bob, bob);

        // it should start anew
        _assertLicense(bob, later, later + 30 days);
        assertFalse(_isValid(bob, later - 1));
    }

    function test_WhenSomebodyElsePays() external {
        _buy(bob, carol);

        // it should give the licence to the recipient
        _assertLicense(carol, NOW, NOW + 30 days);
        _assertNone(bob);
    }

    function testFuzz_WhenPeriodIsZero(uint40 at) external {
        terms.period = 0;
        _offer(alice);

        // it should never end
        assertEq(_buy(bob, bob), FOREVER);
        at = uint40(bound(at, NOW, FOREVER - 1));
        assertTrue(_isValid(bob, at));
        assertFalse(_isValid(bob, NOW - 1));
    }

    function test_WhenPriceIsZero() external {
        terms.price = 0;
        _offer(alice);
        vm.recordLogs();
        _buy(relayer, bob);

        // it should move nothing
        assertEq(_transfers(vm.getRecordedLogs()), 0);
        _assertLicense(bob, NOW, NOW + 30 days);
    }

    function test_L4_A066_ALicenceKeepsTheVersionItWasSoldFor() external {
        bytes32 termsId = licenses.idOf(terms);
        _buy(bob, bob);
        vm.prank(alice);
        assets.update(asset, "root 2", "ipfs://card", new IAssets.Attachment[](0));

        assertEq(licenses.idOf(terms), termsId);
        assertEq(terms.version, 1);
        assertTrue(_isValid(bob, NOW));
        assertEq(assets.versionOf(asset), 2);

        terms.version = 2;
        _assertNone(bob);
    }

    function test_A067_ASaleOfTheAssetLeavesLicencesAlone() external {
        _buy(bob, bob);
        vm.prank(alice);
        assets.transferFrom(alice, carol, asset);
        assertTrue(_isValid(bob, NOW + 30 days - 1));

        // The new owner can offer the same terms, which lets the holder renew.
        _offer(carol);
        _buy(bob, bob);
        _assertLicense(bob, NOW, NOW + 60 days);
    }

    function testFuzz_L3_RevertGiven_AllAreSold(uint24 maxSupply) external {
        terms.maxSupply = uint24(bound(maxSupply, 1, 5));
        terms.price = 0;
        bytes32 termsId = _offer(alice);
        for (uint160 i = 1; i <= terms.maxSupply; ++i) {
            _buy(bob, address(i));
        }

        // it should revert with {Licenses_SoldOut}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_SoldOut.selector, termsId, terms.maxSupply));
        _buy(bob, bob);
        // it should count holders and not periods
        vm.warp(NOW + 100 days);
        _buy(bob, address(1));
        _buy(bob, address(1));
        assertEq(licenses.offeringOf(termsId).sold, terms.maxSupply);
        // Closing and offering again sells no more.
        vm.startPrank(alice);
        licenses.close(terms);
        licenses.offer(terms, prices);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_SoldOut.selector, termsId, terms.maxSupply));
        _buy(bob, bob);
    }

    function test_RevertGiven_TheCheckerDoesNotAdmit() external {
        OddChecker checker = new OddChecker(OddChecker.Answer.Yes);
        (terms.checker, terms.policyRoot) = (address(checker), "root");
        bytes32 termsId = _offer(alice);
        for (uint8 answer = 1; answer <= uint8(OddChecker.Answer.Write); ++answer) {
            checker.setAnswer(OddChecker.Answer(answer));
            // it should revert with {Licenses_NotAdmitted}
            vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotAdmitted.selector, termsId, bob));
            _buy(bob, bob);
        }
        terms.checker = carol;
        termsId = _offer(alice);
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotAdmitted.selector, termsId, bob));
        _buy(bob, bob);
    }

    function test_WhenTheTermsHaveAChecker() external {
        OddChecker checker = new OddChecker(OddChecker.Answer.Yes);
        (terms.checker, terms.policyRoot) = (address(checker), "root");
        bytes32 termsId = _offer(alice);

        // it should ask it with what the buyer shows
        vm.expectCall(address(checker), abi.encodeCall(checker.check, (termsId, "root", carol, "shown")), 2);
        vm.prank(bob);
        licenses.buy(terms, carol, "shown");
        checker.setAnswer(OddChecker.Answer.No);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotAdmitted.selector, termsId, carol));
        licenses.buy(terms, carol, "shown");
    }

    function test_RevertWhen_TheQuotaIsTooLarge() external {
        terms.quota = type(uint56).max - 1;
        bytes32 termsId = _offer(alice);
        _buy(bob, bob);

        // it should revert with {Licenses_QuotaTooLarge}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_QuotaTooLarge.selector, termsId, bob));
        _buy(bob, bob);
    }

    function testFuzz_L2_WhenTheTermsHaveAQuota(uint40 quota, uint256 count) external {
        terms.quota = quota;
        _offer(alice);
        count = bound(count, 1, 5);
        for (uint256 i = 1; i <= count; ++i) {
            _buy(bob, bob);
            // it should add one quota with each period of a run
            assertEq(_license(bob).quotaGranted, i * quota);
        }
        vm.warp(NOW + 30 days * count + 1);
        _buy(bob, bob);
        assertEq(_license(bob).quotaGranted, quota, "a new run begins with one");
    }

    function testFuzz_WhenTheTermsHaveSeats(uint16 seats) external {
        terms.seats = seats;
        _offer(alice);
        _buy(bob, bob);

        // it should store them
        assertEq(_license(bob).seats, seats == 0 ? 1 : seats);
    }

    function testFuzz_L6_WhenTheTermsHaveARefund(uint64 price, bool pro) external {
        terms.price = price;
        _fund(bob, price);
        if (pro) _proRata(100);
        else _fullWithin(30 days);
        _offer(alice);
        uint256 before = dollar.balanceOf(bob);
        _buy(bob, carol);

        // it should put the price into escrow
        assertEq(before - dollar.balanceOf(bob), price);
        assertEq(_held(carol), price);
        assertEq(dollar.balanceOf(address(escrows)), price);
        assertEq(dollar.balanceOf(payout), 0);
        _assertLicense(carol, NOW, NOW + 30 days);
    }

    function _close(uint40 notice) private {
        terms.noticePeriod = notice;
        _offer(alice);
        _buy(bob, bob);
        vm.prank(alice);
        licenses.close(terms);
    }

    function test_RevertGiven_ClosedAndNoLicence() external {
        _close(60 days);

        // it should revert with {Licenses_NotOffered}
        _expectNotOffered();
        _buy(bob, carol);
    }

    function testFuzz_RevertGiven_ClosedAndLapsed(uint256 elapsed) external {
        _close(60 days);
        vm.warp(NOW + bound(elapsed, 30 days + 1, 365 days));

        // it should revert with {Licenses_NotOffered}
        _expectNotOffered();
        _buy(bob, bob);
    }

    function test_A069_RevertGiven_ClosedAndBeyondTheNotice() external {
        _close(60 days);
        _buy(bob, bob);
        _buy(bob, bob);
        assertEq(_license(bob).end, NOW + 90 days);

        // it should revert with {Licenses_NotOffered}
        _expectNotOffered();
        _buy(bob, bob);
    }

    function test_L5_RevertGiven_ClosedAndTransferred() external {
        _close(60 days);
        vm.prank(alice);
        assets.transferFrom(alice, carol, asset);

        // it should revert with {Licenses_NotOffered}
        _expectNotOffered();
        _buy(bob, bob);
    }

    function testFuzz_A069_GivenTheNewPeriodBeginsWithinTheNotice(uint256 elapsed, uint40 notice) external {
        _close(uint40(bound(notice, 30 days, 90 days)));
        vm.warp(NOW + bound(elapsed, 0, 30 days));
        _buy(bob, bob);

        // it should extend the licence at the same price
        _assertLicense(bob, NOW, NOW + 60 days);
        assertEq(dollar.balanceOf(payout), 2 * uint256(terms.price));
    }

    /// @dev A plain model of periods against the contract: every atom paid is one period, and none overlap.
    function testFuzz_A069_L1_RenewalsMatchAModel(uint32[] calldata pauses, uint40 period) external {
        terms.period = uint40(bound(period, 1, 400 days));
        _offer(alice);
        (uint256 start, uint256 end, uint256 count) = (0, 0, pauses.length < 8 ? pauses.length : 8);
        for (uint256 i; i < count; ++i) {
            vm.warp(block.timestamp + pauses[i] % (2 * uint256(terms.period)));
            if (block.timestamp > end) start = end = block.timestamp;
            end += terms.period;
            assertEq(_buy(bob, bob), end);
            _assertLicense(bob, start, end);
            assertEq(dollar.balanceOf(payout), (i + 1) * terms.price);
            assertTrue(_isValid(bob, start) && _isValid(bob, end - 1) && _isValid(bob, block.timestamp));
            assertFalse(_isValid(bob, start - 1) || _isValid(bob, end));
        }
    }

    function _transfers(Vm.Log[] memory logs) private pure returns (uint256 count) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IERC20.Transfer.selector) ++count;
        }
    }
}
