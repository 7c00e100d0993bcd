// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC721 } from "solady/src/tokens/ERC721.sol";
import { TokenWrapper } from "../actors/TokenWrapper.sol";
import { ResalesTest } from "./Resales.t.sol";

contract ResalesTransferFromTest is ResalesTest {
    function setUp() public override {
        super.setUp();
        _buyToken();
    }

    function _expectNotApproved() internal {
        vm.expectRevert(ERC721.NotOwnerNorApproved.selector);
        vm.prank(carol);
        resales.transferFrom(bob, carol, tokenId);
    }

    function test_RevertWhen_NeitherOwnerNorApproved() external {
        // it should revert with {NotOwnerNorApproved}
        _expectNotApproved();
    }

    function test_A068_RevertWhen_ApprovedForAnotherToken() external {
        vm.startPrank(bob);
        uint256 other = resales.buy(terms, bob, "other");
        resales.approve(carol, other);
        vm.stopPrank();

        // it should revert with {NotOwnerNorApproved}
        _expectNotApproved();
        vm.prank(carol);
        resales.transferFrom(bob, carol, other);
    }

    function test_A061_WhenTheOwnerMovesIt() external {
        _move(bob, carol);

        // it should make the licence inert
        assertTrue(resales.stateOf(tokenId).isInert);
        assertFalse(resales.isValid(tokenId, carol));
        assertEq(resales.expiresAt(tokenId), NOW + 30 days);
        // it should void the sales of the former owner
        assertEq(resales.stateOf(tokenId).nonce, 1);
        // Giving it back does not help.
        _move(carol, bob);
        assertFalse(resales.isValid(tokenId, bob));
    }

    function test_A059_A061_GivenTheReceiverWraps() external {
        TokenWrapper wrapper = new TokenWrapper();
        vm.prank(bob);
        resales.safeTransferFrom(bob, address(wrapper), tokenId);
        wrapper.sell(carol);

        // it should find the token inert
        assertFalse(wrapper.wasValid());
        vm.prank(carol);
        resales.revive(tokenId);
        // it should give the shares of the wrapper no licence
        assertFalse(resales.isValid(tokenId, carol));
        assertTrue(resales.isValid(tokenId, address(wrapper)));
        assertEq(licenses.licenseOf(licenses.idOf(terms), _holder()).seats, 1);
    }
}
