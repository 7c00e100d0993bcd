// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { ERC721 } from "solady/src/tokens/ERC721.sol";
import { IResales } from "../../src/interfaces/IResales.sol";
import { ReentrantToken } from "../actors/ReentrantToken.sol";
import { SmartWallet } from "../actors/SmartWallet.sol";
import { ResalesTest } from "./Resales.t.sol";

contract ResalesResellTest is ResalesTest {
    function setUp() public override {
        super.setUp();
        _buyToken();
    }

    function _resell(IResales.Sale memory sale, bytes memory signature) internal {
        vm.prank(carol);
        resales.resell(sale, signature, carol);
    }

    function _expectNonce(uint32 nonce, uint32 given) internal {
        vm.expectRevert(abi.encodeWithSelector(IResales.Resales_WrongNonce.selector, tokenId, nonce, given));
    }

    function _expectInvalid() internal {
        vm.expectRevert(abi.encodeWithSelector(IResales.Resales_InvalidSignature.selector, tokenId, bob));
    }

    function test_RevertGiven_NoToken() external {
        ++tokenId;
        (IResales.Sale memory sale, bytes memory signature) = (_sale(30e6), _signSale(BOB_KEY, _sale(30e6)));

        // it should revert with {Resales_NoToken}
        _expectToken(IResales.Resales_NoToken.selector);
        _resell(sale, signature);
    }

    function test_A061_RevertGiven_Inert() external {
        _move(bob, carol);
        _move(carol, bob);
        (IResales.Sale memory sale, bytes memory signature) = (_sale(30e6), _signSale(BOB_KEY, _sale(30e6)));

        // it should revert with {Resales_Inert}
        _expectToken(IResales.Resales_Inert.selector);
        _resell(sale, signature);
    }

    function test_RevertWhen_AnotherNonce() external {
        IResales.Sale memory sale = _sale(30e6);
        bytes memory signature = _signSale(BOB_KEY, sale);
        vm.prank(bob);
        resales.cancel(tokenId);

        // it should revert with {Resales_WrongNonce}
        _expectNonce(1, 0);
        _resell(sale, signature);
    }

    function test_RevertWhen_TheSaleHasExpired() external {
        IResales.Sale memory sale = _sale(30e6);
        bytes memory signature = _signSale(BOB_KEY, sale);
        vm.warp(sale.validUntil + 1);

        // it should revert with {Resales_Expired}
        vm.expectRevert(abi.encodeWithSelector(IResales.Resales_Expired.selector, tokenId, sale.validUntil));
        _resell(sale, signature);
        vm.warp(sale.validUntil);
        _resell(sale, signature);
    }

    function testFuzz_A061_RevertWhen_BelowTheRoyalty(uint128 price) external {
        price = uint128(bound(price, 0, terms.price / 10 - 1));
        (IResales.Sale memory sale, bytes memory signature) = (_sale(price), _signSale(BOB_KEY, _sale(price)));

        // it should revert with {Resales_BelowRoyalty}
        vm.expectRevert(
            abi.encodeWithSelector(IResales.Resales_BelowRoyalty.selector, tokenId, price, uint256(terms.price) / 10)
        );
        _resell(sale, signature);
    }

    function test_RevertWhen_TheOwnerHasNotSigned() external {
        (IResales.Sale memory sale, bytes memory signature) = (_sale(30e6), _signSale(CAROL_KEY, _sale(30e6)));

        // it should revert with {Resales_InvalidSignature}
        _expectInvalid();
        _resell(sale, signature);
    }

    function test_A054_RevertWhen_TheBuyerChangesThePrice() external {
        IResales.Sale memory sale = _sale(30e6);
        bytes memory signature = _signSale(BOB_KEY, sale);
        sale.price -= 1;

        // it should revert with {Resales_InvalidSignature}
        _expectInvalid();
        _resell(sale, signature);
        sale.price += 1;
        vm.chainId(block.chainid + 1);
        _expectInvalid();
        _resell(sale, signature);
    }

    function test_A060_RevertGiven_AFormerOwnerSigned() external {
        IResales.Sale memory sale = _sale(30e6);
        bytes memory signature = _signSale(BOB_KEY, sale);
        _resell(sale, signature);
        _resell(CAROL_KEY, bob, 30e6);

        // it should revert with {Resales_WrongNonce}
        _expectNonce(2, 0);
        _resell(sale, signature);
    }

    function test_A061_RevertGiven_AsOftenAsItMay() external {
        _resell(BOB_KEY, carol, 30e6);
        _resell(CAROL_KEY, bob, 30e6);
        _resell(BOB_KEY, carol, 30e6);
        IResales.Sale memory sale = _sale(30e6);
        bytes memory signature = _signSale(CAROL_KEY, sale);

        // it should revert with {Resales_TooManyResales}
        vm.expectRevert(abi.encodeWithSelector(IResales.Resales_TooManyResales.selector, tokenId, uint8(3)));
        vm.prank(bob);
        resales.resell(sale, signature, bob);
        assertEq(resales.stateOf(tokenId).resales, 3);
    }

    function test_RevertWhen_TheRecipientIsZero() external {
        (IResales.Sale memory sale, bytes memory signature) = (_sale(30e6), _signSale(BOB_KEY, _sale(30e6)));

        // it should revert with {TransferToZeroAddress}
        vm.expectRevert(ERC721.TransferToZeroAddress.selector);
        vm.prank(carol);
        resales.resell(sale, signature, address(0));
    }

    function test_A055_GivenTheTokenCallsBack() external {
        ReentrantToken token = new ReentrantToken();
        _offerIn(address(token));
        tokenId = resales.tokenIdOf(licenses.idOf(terms), bob, SALT);
        token.mint(bob, 100e6);
        token.mint(carol, 100e6);
        token.mint(address(token), 100e6);
        vm.prank(bob);
        token.approve(address(resales), 100e6);
        vm.prank(carol);
        token.approve(address(resales), 100e6);
        _buyToken();
        (IResales.Sale memory sale, bytes memory signature) = (_sale(30e6), _signSale(BOB_KEY, _sale(30e6)));
        token.arm(address(resales), abi.encodeCall(resales.resell, (sale, signature, relayer)));
        _resell(sale, signature);

        // it should refuse the second sale
        assertEq(
            token.outcome(), abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
        assertEq(resales.ownerOf(tokenId), carol);
    }

    function testFuzz_A061_L6_WhenEverythingIsInOrder(uint128 price) external {
        price = uint128(bound(price, terms.price / 10, type(uint64).max));
        _fundResales(carol, price);
        uint256 royalty = uint256(price > terms.price ? price : terms.price) / 10;
        (uint256 sellers, uint256 buyers) = (dollar.balanceOf(bob), dollar.balanceOf(carol));
        IResales.Sale memory sale = _sale(price);
        bytes memory signature = _signSale(BOB_KEY, sale);

        // it should emit {Resell}
        vm.expectEmit(address(resales));
        emit IResales.Resell(tokenId, bob, carol, carol, price, royalty);
        _resell(sale, signature);

        // it should pay the royalty of the higher of both prices to the payout address
        assertEq(dollar.balanceOf(payout), terms.price + royalty);
        // it should pay the rest to the seller
        assertEq(dollar.balanceOf(bob) - sellers, price - royalty);
        assertEq(buyers - dollar.balanceOf(carol), price);
        // it should move the token, which stays of use
        assertEq(resales.ownerOf(tokenId), carol);
        assertTrue(resales.isValid(tokenId, carol));
        assertFalse(resales.isValid(tokenId, bob));
        // it should void what was signed before
        assertEq(resales.stateOf(tokenId).nonce, 1);
        assertEq(resales.stateOf(tokenId).resales, 1);
        // it should leave the licence as it is
        _assertLicense(_holder(), NOW, NOW + 30 days);
    }

    function test_WhenTheTermsHaveNoRoyalty() external {
        (terms.resaleRoyaltyBps, terms.maxResales) = (0, 0);
        _offer(alice);
        tokenId = resales.tokenIdOf(licenses.idOf(terms), bob, SALT);
        _buyToken();
        uint256 before = dollar.balanceOf(bob);
        _resell(BOB_KEY, carol, 7);

        // it should pay everything to the seller
        assertEq(dollar.balanceOf(bob) - before, 7);
        // it should go on beyond what is counted
        for (uint256 i; i < 150; ++i) {
            _resell(CAROL_KEY, bob, 0);
            _resell(BOB_KEY, carol, 0);
        }
        assertEq(resales.stateOf(tokenId).resales, 255);
        assertEq(resales.stateOf(tokenId).nonce, 301);
        assertTrue(resales.isValid(tokenId, carol));
    }

    function test_WhenTheOwnerIsAContract() external {
        SmartWallet wallet = new SmartWallet(bob);
        vm.prank(bob);
        resales.buy(terms, address(wallet), SALT);
        tokenId = resales.tokenIdOf(licenses.idOf(terms), address(wallet), SALT);
        _resell(BOB_KEY, carol, 30e6);

        // it should accept its signature
        assertEq(resales.ownerOf(tokenId), carol);
        assertEq(dollar.balanceOf(address(wallet)), 27e6);

        wallet.setMode(SmartWallet.Mode.Revert);
        vm.prank(bob);
        resales.buy(terms, address(wallet), "other");
        tokenId = resales.tokenIdOf(licenses.idOf(terms), address(wallet), "other");
        (IResales.Sale memory sale, bytes memory signature) = (_sale(30e6), _signSale(BOB_KEY, _sale(30e6)));
        vm.expectRevert(abi.encodeWithSelector(IResales.Resales_InvalidSignature.selector, tokenId, address(wallet)));
        _resell(sale, signature);
    }
}
