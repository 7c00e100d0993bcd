// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { IResales } from "../../src/interfaces/IResales.sol";
import { ITestDollar } from "../../src/interfaces/ITestDollar.sol";
import { Rights } from "../../src/libraries/Rights.sol";
import { ResalesTest } from "./Resales.t.sol";

contract ResalesBuyWithAuthorizationTest is ResalesTest {
    function _digest(address holder) internal view returns (bytes32) {
        bytes32 nonce = licenses.authorizationNonceOf(licenses.idOf(terms), holder, "1");
        bytes32 structHash = keccak256(
            abi.encode(
                dollar.RECEIVE_WITH_AUTHORIZATION_TYPEHASH(),
                bob,
                address(licenses),
                uint256(terms.price),
                uint256(0),
                uint256(NOW + 1 hours),
                nonce
            )
        );
        return keccak256(abi.encodePacked(hex"1901", dollar.DOMAIN_SEPARATOR(), structHash));
    }

    function _authorization() internal view returns (ILicenses.Authorization memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(BOB_KEY, _digest(_holder()));
        return ILicenses.Authorization(bob, 0, NOW + 1 hours, "1", abi.encodePacked(r, s, v));
    }

    function _relay(address recipient, ILicenses.Authorization memory authorization) internal {
        vm.prank(relayer);
        resales.buyWithAuthorization(terms, recipient, SALT, authorization);
    }

    function test_A012_RevertWhen_AnotherRecipient() external {
        ILicenses.Authorization memory authorization = _authorization();
        address holder = resales.holderOf(resales.tokenIdOf(licenses.idOf(terms), relayer, SALT));

        // it should revert with {TestDollar_InvalidSignature}
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_InvalidSignature.selector, bob, _digest(holder)));
        _relay(relayer, authorization);
    }

    function test_RevertWhen_TheTermsDoNotGrantResell() external {
        (terms.rights, terms.resaleRoyaltyBps, terms.maxResales) = (Rights.INFER, 0, 0);
        _offer(alice);

        // it should revert with {Resales_NotResellable}
        ILicenses.Authorization memory authorization = _authorization();
        vm.expectRevert(abi.encodeWithSelector(IResales.Resales_NotResellable.selector, licenses.idOf(terms)));
        _relay(bob, authorization);
    }

    function test_A012_GivenThePaymentWasUsedInTheRegistry() external {
        ILicenses.Authorization memory authorization = _authorization();
        uint256 before = dollar.balanceOf(bob);
        vm.prank(carol);
        licenses.buyWithAuthorization(terms, _holder(), authorization, "");
        _relay(bob, authorization);

        // it should mint the token all the same, for one price
        assertEq(resales.ownerOf(tokenId), bob);
        assertTrue(resales.isValid(tokenId, bob));
        assertEq(before - dollar.balanceOf(bob), terms.price);
    }

    function test_L6_WhenEverythingIsInOrder() external {
        uint256 before = dollar.balanceOf(bob);
        _relay(bob, _authorization());

        // it should take the price from who signed
        assertEq(before - dollar.balanceOf(bob), terms.price);
        assertEq(dollar.balanceOf(payout), terms.price);
        // it should mint the token to the recipient
        assertEq(resales.ownerOf(tokenId), bob);
        assertTrue(resales.isValid(tokenId, bob));
    }
}
