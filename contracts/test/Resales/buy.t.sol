// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { ERC721 } from "solady/src/tokens/ERC721.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { IResales } from "../../src/interfaces/IResales.sol";
import { Rights } from "../../src/libraries/Rights.sol";
import { ReentrantToken } from "../actors/ReentrantToken.sol";
import { ResalesTest } from "./Resales.t.sol";

contract ResalesBuyTest is ResalesTest {
    function _buyFor(address recipient) internal {
        vm.prank(bob);
        resales.buy(terms, recipient, SALT);
    }

    function test_RevertWhen_TheTermsDoNotGrantResell() external {
        (terms.rights, terms.resaleRoyaltyBps, terms.maxResales) = (Rights.INFER, 0, 0);
        _offer(alice);

        // it should revert with {Resales_NotResellable}
        vm.expectRevert(abi.encodeWithSelector(IResales.Resales_NotResellable.selector, licenses.idOf(terms)));
        _buyFor(bob);
    }

    function test_RevertWhen_TheRecipientIsZero() external {
        // it should revert with {Resales_NoRecipient}
        vm.expectRevert(IResales.Resales_NoRecipient.selector);
        _buyFor(address(0));
    }

    function testFuzz_RevertWhen_ThePriceIsTooHigh(uint128 price) external {
        terms.price = uint128(bound(price, uint256(type(uint96).max) + 1, type(uint128).max));
        _offer(alice);

        // it should revert with {Resales_PriceTooHigh}
        vm.expectRevert(abi.encodeWithSelector(IResales.Resales_PriceTooHigh.selector, terms.price));
        _buyFor(bob);
    }

    function test_RevertGiven_OtherTermsBeginWithTheSameBytes() external {
        _buyToken();
        // No such pair is known, so one is written into the storage: rules of terms that differ in the last byte.
        bytes32 registered = licenses.idOf(terms) ^ bytes32(uint256(1));
        bytes32 slot = keccak256(abi.encode(uint256(registered) >> 96, uint256(2)));
        assertEq(vm.load(address(resales), slot), licenses.idOf(terms));
        vm.store(address(resales), slot, registered);

        // it should revert with {Resales_Collision}
        vm.expectRevert(abi.encodeWithSelector(IResales.Resales_Collision.selector, licenses.idOf(terms), registered));
        _buyFor(carol);
    }

    function test_A054_RevertGiven_NotOffered() external {
        vm.prank(alice);
        licenses.close(terms);

        // it should revert with {Licenses_NotOffered}
        _expectNotOffered();
        _buyFor(bob);
        vm.expectRevert(ERC721.TokenDoesNotExist.selector);
        resales.ownerOf(tokenId);
    }

    function test_A059_RevertGiven_BoughtWithThisSalt() external {
        _buyToken();

        // it should revert with {TokenAlreadyExists}
        vm.expectRevert(ERC721.TokenAlreadyExists.selector);
        _buyFor(bob);
    }

    function test_L3_RevertGiven_AllAreSold() external {
        terms.maxSupply = 1;
        bytes32 termsId = _offer(alice);
        _buyFor(bob);

        // it should revert with {Licenses_SoldOut}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_SoldOut.selector, termsId, uint24(1)));
        _buyFor(carol);
    }

    function test_RevertGiven_NotApproved() external {
        vm.prank(bob);
        dollar.approve(address(resales), 0);

        // it should revert with {ERC20InsufficientAllowance}
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, resales, uint256(0), uint256(terms.price)
            )
        );
        _buyFor(bob);
    }

    function test_A055_GivenTheTokenCallsBack() external {
        ReentrantToken token = new ReentrantToken();
        _offerIn(address(token));
        token.mint(bob, 100e6);
        token.mint(address(token), 100e6);
        vm.prank(bob);
        token.approve(address(resales), 100e6);
        token.arm(address(resales), abi.encodeCall(resales.buy, (terms, carol, SALT)));
        _buyFor(bob);

        // it should refuse the second purchase
        assertEq(
            token.outcome(), abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
        assertEq(resales.balanceOf(carol), 0);
        assertEq(token.balanceOf(payout), terms.price);
    }

    function test_L6_A056_WhenEverythingIsInOrder() external {
        bytes32 termsId = licenses.idOf(terms);
        // it should emit {Register} and {Buy}
        vm.expectEmit(address(resales));
        emit IResales.Register(termsId, asset, payout, address(dollar), terms.price);
        vm.expectEmit(address(resales));
        emit IResales.Buy(tokenId, termsId, bob, bob);
        uint256 before = dollar.balanceOf(bob);
        _buyToken();

        // it should move exactly the price to the payout address
        assertEq(before - dollar.balanceOf(bob), terms.price);
        assertEq(dollar.balanceOf(payout), terms.price);
        assertEq(dollar.balanceOf(address(resales)), 0);
        // it should mint the token to the recipient
        assertEq(resales.ownerOf(tokenId), bob);
        assertEq(resales.balanceOf(bob), 1);
        assertTrue(resales.isValid(tokenId, bob));
        assertFalse(resales.isValid(tokenId, carol));
        assertFalse(resales.isValid(tokenId, address(0)));
        // it should keep the licence under an address of the token
        _assertLicense(_holder(), NOW, NOW + 30 days);
        _assertNone(bob);
        assertEq(resales.expiresAt(tokenId), NOW + 30 days);
        assertEq(uint256(termsId) >> 96, tokenId >> 96);
        vm.warp(NOW + 30 days);
        assertFalse(resales.isValid(tokenId, bob));
    }

    function test_TheRulesAreKeptOnce() external {
        _buyToken();
        vm.recordLogs();
        _buyFor(carol);
        // it should keep the rules of the terms once
        assertEq(vm.getRecordedLogs().length, 5, "Transfer, Buy, Licenses.Buy, two of ERC-20");
        IResales.Rules memory rules = resales.rulesOf(tokenId);
        assertEq(rules.termsId, licenses.idOf(terms));
        assertEq(rules.payout, payout);
        assertEq(rules.price, terms.price);
        assertEq(rules.currency, address(dollar));
        assertEq(rules.royaltyBps, 1000);
        assertEq(rules.maxResales, 3);
    }

    function test_A069_GivenAPeriodIsPaid() external {
        _buyToken();
        _buy(bob, _holder());

        // it should extend the licence of the token
        assertEq(resales.expiresAt(tokenId), NOW + 60 days);
    }

    function test_ThePublicFaceIsThatOfATokenWithARoyalty() external {
        _buyToken();
        assertEq(resales.name(), "Agorai Licences");
        assertEq(resales.symbol(), "LICENCE");
        string memory id = vm.toString(licenses.idOf(terms));
        assertEq(resales.tokenURI(tokenId), string.concat("urn:agorai:terms:", id));
        bytes4[5] memory known = [bytes4(0x01ffc9a7), 0x80ac58cd, 0x5b5e139f, 0x2a55205a, 0xffffffff];
        for (uint256 i; i < known.length; ++i) {
            assertEq(resales.supportsInterface(known[i]), i != 4);
        }
        _expectNoToken(abi.encodeCall(resales.tokenURI, (tokenId + 1)));
        _expectNoToken(abi.encodeCall(resales.expiresAt, (tokenId + 1)));
        _expectNoToken(abi.encodeCall(resales.royaltyInfo, (tokenId + 1, 1)));
    }

    function testFuzz_A062_TheRoyaltyIsThatOfTheTerms(uint128 salePrice) external {
        _buyToken();
        (address receiver, uint256 royalty) = resales.royaltyInfo(tokenId, salePrice);
        assertEq(receiver, payout);
        assertEq(royalty, uint256(salePrice) / 10);
    }

    function _expectNoToken(bytes memory data) private {
        (bool success, bytes memory answer) = address(resales).call(data);
        assertFalse(success);
        assertEq(answer, abi.encodeWithSelector(IResales.Resales_NoToken.selector, tokenId + 1));
    }
}
