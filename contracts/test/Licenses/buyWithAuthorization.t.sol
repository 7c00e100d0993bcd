// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { ITestDollar } from "../../src/interfaces/ITestDollar.sol";
import { ReplayToken } from "../actors/ReplayToken.sol";
import { SmartWallet } from "../actors/SmartWallet.sol";
import { LicensesTest } from "./Licenses.t.sol";

contract LicensesBuyWithAuthorizationTest is LicensesTest {
    bytes32 internal constant SALT = "salt";

    function setUp() public override {
        super.setUp();
        _offer(alice);
        // The payer has approved nothing: only the signature pays.
        vm.prank(bob);
        dollar.approve(address(licenses), 0);
    }

    function _digest(address from, address recipient) internal view returns (bytes32) {
        bytes32 nonce = licenses.authorizationNonceOf(licenses.idOf(terms), recipient, SALT);
        bytes32 structHash = keccak256(
            abi.encode(
                dollar.RECEIVE_WITH_AUTHORIZATION_TYPEHASH(),
                from,
                address(licenses),
                uint256(terms.price),
                uint256(0),
                uint256(NOW + 1 hours),
                nonce
            )
        );
        return keccak256(abi.encodePacked(hex"1901", dollar.DOMAIN_SEPARATOR(), structHash));
    }

    function _sign(address from, address recipient) internal view returns (ILicenses.Authorization memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(BOB_KEY, _digest(from, recipient));
        return ILicenses.Authorization({
            from: from, validAfter: 0, validBefore: NOW + 1 hours, salt: SALT, signature: abi.encodePacked(r, s, v)
        });
    }

    function _relay(address recipient, ILicenses.Authorization memory authorization) internal returns (uint40) {
        vm.prank(relayer);
        return licenses.buyWithAuthorization(terms, recipient, authorization, "");
    }

    function _expectInvalidSignature(address from, address recipient) internal {
        vm.expectRevert(
            abi.encodeWithSelector(ITestDollar.TestDollar_InvalidSignature.selector, from, _digest(from, recipient))
        );
    }

    function test_RevertGiven_NotOffered() external {
        terms.price = 1;
        ILicenses.Authorization memory authorization = _sign(bob, carol);

        // it should revert with {Licenses_NotOffered}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotOffered.selector, licenses.idOf(terms)));
        _relay(carol, authorization);
    }

    function test_RevertWhen_RecipientIsZero() external {
        ILicenses.Authorization memory authorization = _sign(bob, address(0));

        // it should revert with {Licenses_NoRecipient}
        vm.expectRevert(ILicenses.Licenses_NoRecipient.selector);
        _relay(address(0), authorization);
    }

    function testFuzz_A012_RevertWhen_OtherRecipient(address other) external {
        vm.assume(other != carol && other != address(0));
        ILicenses.Authorization memory authorization = _sign(bob, carol);

        // it should revert with {TestDollar_InvalidSignature}
        _expectInvalidSignature(bob, other);
        _relay(other, authorization);
    }

    function test_A012_A054_RevertWhen_OtherTerms() external {
        ILicenses.Authorization memory authorization = _sign(bob, carol);
        // The same price for another text.
        terms.textHash = "worse";
        _offer(alice);

        // it should revert with {TestDollar_InvalidSignature}
        _expectInvalidSignature(bob, carol);
        _relay(carol, authorization);
    }

    function test_A012_RevertWhen_OtherPayer() external {
        ILicenses.Authorization memory authorization = _sign(bob, carol);
        _fund(alice, 100e6);
        authorization.from = alice;

        // it should revert with {TestDollar_InvalidSignature}
        _expectInvalidSignature(alice, carol);
        _relay(carol, authorization);
    }

    function test_A012_WhenSubmittedToTheToken() external {
        ILicenses.Authorization memory authorization = _sign(bob, carol);
        bytes32 nonce = licenses.authorizationNonceOf(licenses.idOf(terms), carol, SALT);
        vm.expectRevert(
            abi.encodeWithSelector(ITestDollar.TestDollar_CallerNotPayee.selector, relayer, address(licenses))
        );
        vm.prank(relayer);
        dollar.receiveWithAuthorization(
            bob, address(licenses), terms.price, 0, NOW + 1 hours, nonce, authorization.signature
        );

        // it should leave the money with the payer
        assertEq(dollar.balanceOf(bob), 1_000_000e6);
        _relay(carol, authorization);
        _assertLicense(carol, NOW, NOW + 30 days);
    }

    function test_RevertGiven_Used() external {
        ILicenses.Authorization memory authorization = _sign(bob, carol);
        _relay(carol, authorization);
        bytes32 nonce = licenses.authorizationNonceOf(licenses.idOf(terms), carol, SALT);

        // it should revert with {TestDollar_AuthorizationUsedOrCanceled}
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_AuthorizationUsedOrCanceled.selector, bob, nonce));
        _relay(carol, authorization);
        _assertLicense(carol, NOW, NOW + 30 days);
    }

    function test_RevertGiven_Expired() external {
        ILicenses.Authorization memory authorization = _sign(bob, carol);
        vm.warp(NOW + 1 hours);

        // it should revert with {TestDollar_Expired}
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_Expired.selector, NOW + 1 hours, NOW + 1 hours));
        _relay(carol, authorization);
    }

    function test_A014_RevertGiven_TokenIgnoresAUsedAuthorization() external {
        ReplayToken token = new ReplayToken();
        vm.prank(governor);
        policy.setToken(address(token), true);
        terms.currency = address(token);
        _offer(alice);
        token.mint(bob, 2 * uint256(terms.price));
        // A donation must not pay for anybody.
        token.mint(address(licenses), terms.price);
        ILicenses.Authorization memory authorization = _sign(bob, carol);
        _relay(carol, authorization);

        // it should revert with {Licenses_WrongAmount}
        vm.expectRevert(
            abi.encodeWithSelector(ILicenses.Licenses_WrongAmount.selector, token, uint256(terms.price), uint256(0))
        );
        _relay(carol, authorization);
        assertEq(token.balanceOf(payout), terms.price);
        assertEq(token.balanceOf(address(licenses)), terms.price);
    }

    function testFuzz_L6_WhenEverythingIsInOrder(uint64 price, address recipient) external {
        vm.assume(recipient != address(0));
        terms.price = price;
        _offer(alice);
        dollar.mint(bob, price);
        uint256 before = dollar.balanceOf(bob);
        ILicenses.Authorization memory authorization = _sign(bob, recipient);

        // it should emit {Buy} with the signer as payer
        vm.expectEmit(address(licenses));
        emit ILicenses.Buy({
            termsId: licenses.idOf(terms), holder: recipient, payer: bob, start: NOW, end: NOW + 30 days
        });
        _relay(recipient, authorization);

        // it should move exactly the price to the payout address
        assertEq(before - dollar.balanceOf(bob), price);
        assertEq(dollar.balanceOf(payout), price);
        assertEq(dollar.balanceOf(address(licenses)), 0);
        // it should give the licence to the recipient
        _assertLicense(recipient, NOW, NOW + 30 days);
    }

    function test_L6_WhenTheTermsHaveARefund() external {
        _proRata(0);
        _offer(alice);
        _relay(carol, _sign(bob, carol));

        // it should put the price into escrow
        assertEq(_held(carol), terms.price);
        assertEq(dollar.balanceOf(address(escrows)), terms.price);
        assertEq(dollar.balanceOf(address(licenses)), 0);
        assertEq(_leave(carol), terms.price);
    }

    function test_WhenPayerIsAContract() external {
        SmartWallet wallet = new SmartWallet(bob);
        _fund(address(wallet), 100e6);
        _relay(carol, _sign(address(wallet), carol));

        // it should accept its signature
        _assertLicense(carol, NOW, NOW + 30 days);
        assertEq(dollar.balanceOf(address(wallet)), 100e6 - terms.price);
    }

    function test_WhenPriceIsZeroAndSigned() external {
        terms.price = 0;
        _offer(alice);
        _relay(carol, _sign(bob, carol));

        // it should give the licence to the recipient
        _assertLicense(carol, NOW, NOW + 30 days);
    }

    function test_RevertWhen_PriceIsZeroAndNotSigned() external {
        terms.price = 0;
        _offer(alice);
        ILicenses.Authorization memory authorization = _sign(bob, carol);
        authorization.from = alice;

        // it should revert with {TestDollar_InvalidSignature}
        _expectInvalidSignature(alice, carol);
        _relay(carol, authorization);
    }
}
