// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Resales } from "../../src/Resales.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { IResales } from "../../src/interfaces/IResales.sol";
import { Rights } from "../../src/libraries/Rights.sol";
import { LicensesTest } from "../Licenses/Licenses.t.sol";

/// @notice What the tests of resales share: alice sells licences that can be sold on, bob has a token of one.
abstract contract ResalesTest is LicensesTest {
    bytes32 internal constant SALT = "salt";
    uint256 internal constant CAROL_KEY = uint256(keccak256("carol"));

    Resales internal resales;
    uint256 internal tokenId;

    function setUp() public virtual override {
        super.setUp();
        resales = new Resales({ licenses: licenses, payouts: payouts });
        terms.rights |= Rights.RESELL;
        (terms.resaleRoyaltyBps, terms.maxResales) = (1000, 3);
        _offer(alice);
        tokenId = resales.tokenIdOf(licenses.idOf(terms), bob, SALT);
        _fundResales(bob, 1000e6);
        _fundResales(carol, 1000e6);
    }

    function _fundResales(address account, uint256 amount) internal {
        dollar.mint(account, amount);
        vm.prank(account);
        dollar.approve(address(resales), type(uint256).max);
    }

    function _buyToken() internal {
        vm.prank(bob);
        assertEq(resales.buy(terms, bob, SALT), tokenId);
    }

    function _sale(uint128 price) internal view returns (IResales.Sale memory) {
        return IResales.Sale({
            tokenId: tokenId,
            price: price,
            nonce: resales.stateOf(tokenId).nonce,
            validUntil: uint40(block.timestamp + 1 hours)
        });
    }

    function _signSale(uint256 key, IResales.Sale memory sale) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, resales.saleDigestOf(sale));
        return abi.encodePacked(r, s, v);
    }

    /// @dev The owner of the token sells it to `buyer`.
    function _resell(uint256 ownerKey, address buyer, uint128 price) internal {
        IResales.Sale memory sale = _sale(price);
        bytes memory signature = _signSale(ownerKey, sale);
        vm.prank(buyer);
        resales.resell(sale, signature, buyer);
    }

    function _move(address from, address to) internal {
        vm.prank(from);
        resales.transferFrom(from, to, tokenId);
    }

    function _expectToken(bytes4 selector) internal {
        vm.expectRevert(abi.encodeWithSelector(selector, tokenId));
    }

    function _holder() internal view returns (address) {
        return resales.holderOf(tokenId);
    }

    function _expectNotOffered() internal {
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotOffered.selector, licenses.idOf(terms)));
    }
}
