// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { OwnWayBuyer } from "../actors/OwnWayBuyer.sol";
import { LicensesTest } from "./Licenses.t.sol";

contract LicensesBuyThroughTest is LicensesTest {
    OwnWayBuyer internal buyer;

    function setUp() public override {
        super.setUp();
        buyer = new OwnWayBuyer();
        dollar.mint(address(buyer), 100e6);
        _offer(alice);
    }

    function _buyThrough() internal {
        buyer.execute(address(licenses), abi.encodeCall(licenses.buyThrough, (terms, bob, "context")));
    }

    function test_A054_RevertGiven_NotOffered() external {
        terms.price -= 1;

        // it should revert with {Licenses_NotOffered}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotOffered.selector, licenses.idOf(terms)));
        _buyThrough();
    }

    function test_RevertWhen_TheTermsHaveARefund() external {
        _proRata(0);
        _offer(alice);

        // it should revert with {Licenses_Refundable}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_Refundable.selector, licenses.idOf(terms)));
        _buyThrough();
    }

    function testFuzz_L6_RevertWhen_TheCallerBringsLess(uint256 short) external {
        short = bound(short, 1, terms.price);
        buyer.payLess(short);

        // it should revert with {Licenses_WrongAmount}
        vm.expectRevert(
            abi.encodeWithSelector(
                ILicenses.Licenses_WrongAmount.selector, dollar, uint256(terms.price), terms.price - short
            )
        );
        _buyThrough();
        _assertNone(bob);
    }

    function test_L6_RevertWhen_OtherMoneyReachesThePayout() external {
        // A contract that holds money of the seller, as channels and escrows do, pays it out during the purchase.
        OwnWayBuyer debtor = new OwnWayBuyer();
        dollar.mint(address(debtor), terms.price);
        bytes memory pay = abi.encodeCall(dollar.transfer, (payout, terms.price));
        buyer.arm(address(debtor), abi.encodeCall(debtor.execute, (address(dollar), pay)));
        buyer.payLess(terms.price);

        // it should revert with {Licenses_WrongAmount}
        vm.expectRevert(
            abi.encodeWithSelector(ILicenses.Licenses_WrongAmount.selector, dollar, uint256(terms.price), uint256(0))
        );
        _buyThrough();
        _assertNone(bob);
    }

    function test_RevertWhen_TheCallerHasNoCode() external {
        // it should revert
        vm.expectRevert();
        vm.prank(bob);
        licenses.buyThrough(terms, bob, "");
        assertEq(dollar.balanceOf(bob), 1_000_000e6, "an allowance was used");
    }

    function test_A055_WhenTheCallerCallsBack() external {
        buyer.arm(address(licenses), abi.encodeCall(licenses.buyThrough, (terms, carol, "")));
        _buyThrough();

        // it should refuse the second purchase
        assertEq(
            buyer.outcome(), abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
        _assertNone(carol);
    }

    function test_L6_WhenTheCallerBringsThePrice() external {
        _buyThrough();

        // it should ask for it once, with the data
        assertEq(buyer.asked(), "context");
        assertEq(dollar.balanceOf(payout), terms.price);
        assertEq(dollar.balanceOf(address(buyer)), 100e6 - terms.price);
        // it should give the licence to the recipient
        _assertLicense(bob, NOW, NOW + 30 days);
    }

    function test_WhenThePriceIsZero() external {
        terms.price = 0;
        _offer(alice);
        _buyThrough();

        // it should ask for nothing
        assertEq(buyer.asked(), "");
        _assertLicense(bob, NOW, NOW + 30 days);
    }
}
