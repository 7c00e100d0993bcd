// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { ReentrantToken } from "../actors/ReentrantToken.sol";
import { LicensesTest } from "./Licenses.t.sol";

contract LicensesLeaveTest is LicensesTest {
    function _expect(bytes4 selector, address holder) internal {
        vm.expectRevert(abi.encodeWithSelector(selector, licenses.idOf(terms), holder));
    }

    function _start() internal {
        _offer(alice);
        _buy(bob, bob);
    }

    function test_RevertWhen_TheTermsHaveNoRefund() external {
        _start();

        // it should revert with {Licenses_NotRefundable}
        _expect(ILicenses.Licenses_NotRefundable.selector, bob);
        _leave(bob);
    }

    function test_RevertWhen_TheReceiverIsZero() external {
        _proRata(0);
        _start();

        // it should revert with {Licenses_NoRecipient}
        vm.expectRevert(ILicenses.Licenses_NoRecipient.selector);
        vm.prank(bob);
        licenses.leave(terms, address(0));
    }

    function test_RevertGiven_NoLicence() external {
        _proRata(0);
        _start();

        // it should revert with {Licenses_NotRunning}
        _expect(ILicenses.Licenses_NotRunning.selector, carol);
        _leave(carol);
    }

    function test_RevertGiven_Ended() external {
        _proRata(0);
        _start();
        vm.warp(NOW + 30 days);

        // it should revert with {Licenses_NotRunning}
        _expect(ILicenses.Licenses_NotRunning.selector, bob);
        _leave(bob);
    }

    function test_A060_RevertGiven_LeftBefore() external {
        _fullWithin(7 days);
        _start();
        _leave(bob);

        // it should revert with {Licenses_NotRunning}
        _expect(ILicenses.Licenses_NotRunning.selector, bob);
        _leave(bob);
        assertEq(dollar.balanceOf(bob), 1_000_000e6);
    }

    function testFuzz_A060_RevertGiven_TheWindowHasPassed(uint256 elapsed) external {
        _fullWithin(7 days);
        _start();
        vm.warp(NOW + bound(elapsed, 7 days, 30 days - 1));

        // it should revert with {Licenses_NotRefundable}
        _expect(ILicenses.Licenses_NotRefundable.selector, bob);
        _leave(bob);
    }

    function testFuzz_GivenTheWindowIsOpen(uint256 elapsed, uint40 period, uint40 window) external {
        terms.period = uint40(bound(period, 0, 1000 days));
        _fullWithin(uint40(bound(window, 1, terms.period == 0 ? 1000 days : terms.period)));
        _start();
        vm.warp(NOW + bound(elapsed, 0, terms.refundWindow - 1));

        // it should refund the last payment whole
        assertEq(_leave(bob), terms.price);
        assertEq(dollar.balanceOf(bob), 1_000_000e6);
        assertEq(_held(bob), 0);
        assertFalse(_isValid(bob, block.timestamp));
    }

    function test_A060_GivenARenewalInTheWindow() external {
        _fullWithin(7 days);
        _start();
        vm.warp(NOW + 5 days);
        _buy(bob, bob);
        assertEq(licenses.release(terms, bob), terms.price, "the first payment is not final");
        vm.warp(NOW + 12 days - 1);

        // it should refund the renewal alone
        assertEq(_leave(bob), terms.price);
        assertEq(dollar.balanceOf(payout), terms.price);
        assertEq(_held(bob), 0);
    }

    function testFuzz_WhenTheRefundIsProRata(uint64 price, uint40 period, uint256 elapsed, uint16 penalty) external {
        terms.price = price;
        terms.period = uint40(bound(period, 1, 1000 days));
        _proRata(uint16(bound(penalty, 0, 9_999)));
        _fund(bob, price);
        uint256 before = dollar.balanceOf(bob);
        _start();
        uint40 at = uint40(NOW + bound(elapsed, 0, terms.period - 1));
        vm.warp(at);
        uint256 unused = uint256(price) * (NOW + terms.period - at) / terms.period;
        uint256 refund = unused * (10_000 - terms.refundPenaltyBps) / 10_000;

        // it should emit {Leave}
        vm.expectEmit(address(licenses));
        emit ILicenses.Leave(licenses.idOf(terms), bob, bob, at, refund);
        // it should refund what is unused less the penalty, rounded down
        assertEq(_leave(bob), refund);
        assertEq(before - dollar.balanceOf(bob), price - refund);
        // it should end the licence now
        assertFalse(_isValid(bob, at));
        assertEq(_license(bob).end, at);
        assertEq(_license(bob).seats, 0);
        // it should keep what is not refunded for the seller
        assertEq(_held(bob), price - refund);
        if (refund != price) licenses.release(terms, bob);
        assertEq(dollar.balanceOf(payout), price - refund);
    }

    function testFuzz_GivenSeveralPeriods(uint256 count, uint256 elapsed, bool released) external {
        count = bound(count, 1, 6);
        _proRata(0);
        _start();
        for (uint256 i = 1; i < count; ++i) {
            _buy(bob, bob);
        }
        uint256 at = NOW + bound(elapsed, 1, count * 30 days - 1);
        vm.warp(at);
        if (released && licenses.refundableOf(terms, bob) != count * terms.price) licenses.release(terms, bob);

        // it should refund all of the unused time
        assertEq(_leave(bob), uint256(terms.price) * (NOW + count * 30 days - at) / 30 days);
        if (_held(bob) != 0) licenses.release(terms, bob);
        assertEq(dollar.balanceOf(bob) + dollar.balanceOf(payout), 1_000_000e6);
    }

    function testFuzz_A060_GivenATrialBefore(uint256 elapsed, uint40 quota) external {
        (terms.trial, terms.quota) = (20 days, quota);
        _proRata(0);
        _offer(alice);
        vm.prank(bob);
        licenses.startTrial(terms, "");
        _buy(bob, bob);
        elapsed = bound(elapsed, 0, 50 days - 1);
        vm.warp(NOW + elapsed);
        uint256 unused = elapsed < 20 days ? terms.price : uint256(terms.price) * (50 days - elapsed) / 30 days;
        if (quota != 0) {
            _announce(bob);
            vm.warp(block.timestamp + 3 days);
        }

        // it should refund no more than was paid
        assertEq(_leave(bob), unused);
    }

    function test_GivenSomebodyElsePaid() external {
        _proRata(0);
        _offer(alice);
        _buy(bob, carol);
        vm.prank(carol);
        licenses.leave(terms, relayer);

        // it should refund to whom the holder names
        assertEq(dollar.balanceOf(relayer), terms.price);
    }

    function test_A154_GivenThePayoutIsFrozen() external {
        _proRata(0);
        _start();
        dollar.blacklist(payout);
        vm.warp(NOW + 15 days);

        // it should refund all the same
        assertEq(_leave(bob), terms.price / 2);
    }

    function test_RevertGiven_NotAnnounced() external {
        terms.quota = 10;
        _proRata(0);
        _start();

        // it should revert with {Licenses_LeaveTooEarly}
        vm.expectRevert(
            abi.encodeWithSelector(ILicenses.Licenses_LeaveTooEarly.selector, licenses.idOf(terms), bob, uint256(0))
        );
        _leave(bob);
    }

    function testFuzz_RevertGiven_AnnouncedAMomentAgo(uint256 waited) external {
        terms.quota = 10;
        _proRata(0);
        _start();
        uint256 leaveAt = _announce(bob);
        vm.warp(NOW + bound(waited, 0, 3 days - 1));

        // it should revert with {Licenses_LeaveTooEarly}
        vm.expectRevert(
            abi.encodeWithSelector(ILicenses.Licenses_LeaveTooEarly.selector, licenses.idOf(terms), bob, leaveAt)
        );
        _leave(bob);
    }

    function testFuzz_GivenTheSellerIsSilent(uint256 elapsed, uint256 waited) external {
        terms.quota = 10;
        _proRata(0);
        _start();
        uint256 at = NOW + bound(elapsed, 0, 30 days - 1);
        vm.warp(at);
        _announce(bob);
        vm.warp(at + bound(waited, 3 days, 400 days));

        // it should refund the time unused at the announcement
        assertEq(_leave(bob), uint256(terms.price) * (NOW + 30 days - at) / 30 days);
        assertEq(_license(bob).end, at, "the end moved");
    }

    function testFuzz_A060_GivenTheSellerSubmits(uint56 used, uint256 elapsed) external {
        terms.quota = 1000;
        _proRata(0);
        _start();
        uint256 at = NOW + bound(elapsed, 0, 30 days - 1);
        vm.warp(at);
        _announce(bob);
        used = uint56(bound(used, 0, 1000));
        _settle(NOW, used);
        vm.warp(at + 3 days);
        uint256 ofTime = uint256(terms.price) * (NOW + 30 days - at) / 30 days;
        uint256 ofCalls = uint256(terms.price) * (1000 - used) / 1000;

        // it should refund the calls that are unused
        assertEq(_leave(bob), ofCalls < ofTime ? ofCalls : ofTime);
    }

    function test_A060_GivenNothingIsUnused() external {
        terms.quota = 1000;
        _proRata(0);
        _start();
        _settle(NOW, 1000);
        _announce(bob);
        vm.warp(NOW + 3 days);

        // it should let the holder go without a refund
        assertEq(_leave(bob), 0);
        assertEq(_held(bob), terms.price);
        _buy(bob, bob);
        _assertLicense(bob, NOW + 3 days, NOW + 33 days);
        assertEq(licenses.release(terms, bob), terms.price);
    }

    function test_L3_WhenTheTermsLimitTheirNumber() external {
        terms.maxSupply = 1;
        _fullWithin(1 days);
        _start();
        bytes32 termsId = licenses.idOf(terms);
        assertEq(licenses.offeringOf(termsId).sold, 1);
        _leave(bob);

        // it should give back the place
        assertEq(licenses.offeringOf(termsId).sold, 0);
        _buy(bob, carol);
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_SoldOut.selector, termsId, uint24(1)));
        _buy(bob, bob);
    }

    function test_A055_A060_GivenTheTokenCallsBack() external {
        ReentrantToken token = new ReentrantToken();
        _fullWithin(1 days);
        _offerIn(address(token));
        token.mint(address(token), 10 * uint256(terms.price));
        token.mint(bob, terms.price);
        vm.prank(bob);
        token.approve(address(licenses), terms.price);
        // The token is the holder itself.
        vm.prank(bob);
        licenses.buy(terms, address(token), "");
        token.arm(address(licenses), abi.encodeCall(licenses.leave, (terms, carol)));
        vm.prank(address(token));
        licenses.leave(terms, carol);

        // it should refund once
        assertFalse(token.success());
        assertEq(
            token.outcome(), abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
        assertEq(token.balanceOf(carol), terms.price);
    }
}
