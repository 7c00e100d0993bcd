// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC721 } from "solady/src/tokens/ERC721.sol";
import { IResales } from "../../src/interfaces/IResales.sol";
import { Rights } from "../../src/libraries/Rights.sol";
import { ResalesTest } from "./Resales.t.sol";

contract ResalesIssueTest is ResalesTest {
    function _issue(address recipient) internal returns (uint256) {
        vm.prank(relayer);
        return resales.issue(terms, recipient, SALT);
    }

    function test_L6_RevertGiven_NotBought() external {
        // it should revert with {Resales_NotBought}
        _expectToken(IResales.Resales_NotBought.selector);
        _issue(bob);
    }

    function test_RevertWhen_TheRecipientIsZero() external {
        // it should revert with {Resales_NoRecipient}
        vm.expectRevert(IResales.Resales_NoRecipient.selector);
        _issue(address(0));
    }

    function test_RevertWhen_TheTermsDoNotGrantResell() external {
        (terms.rights, terms.resaleRoyaltyBps, terms.maxResales) = (Rights.INFER, 0, 0);
        tokenId = resales.tokenIdOf(_offer(alice), bob, SALT);
        _buy(bob, _holder());

        // it should revert with {Resales_NotResellable}
        vm.expectRevert(abi.encodeWithSelector(IResales.Resales_NotResellable.selector, licenses.idOf(terms)));
        _issue(bob);
    }

    function test_A059_RevertGiven_TheTokenExists() external {
        _buyToken();

        // it should revert with {TokenAlreadyExists}
        vm.expectRevert(ERC721.TokenAlreadyExists.selector);
        _issue(bob);
    }

    function test_A012_GivenBoughtWithoutTheToken() external {
        _buy(bob, _holder());
        uint256 before = dollar.balanceOf(bob);

        // it should emit {Buy} without a payer
        vm.expectEmit(address(resales));
        emit IResales.Buy(tokenId, licenses.idOf(terms), bob, address(0));
        // it should mint the token to the recipient, whoever calls
        assertEq(_issue(bob), tokenId);
        assertEq(resales.ownerOf(tokenId), bob);
        assertTrue(resales.isValid(tokenId, bob));
        // it should take nothing
        assertEq(dollar.balanceOf(bob), before);
        assertEq(dollar.balanceOf(payout), terms.price);
    }
}
