// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { IResales } from "../../src/interfaces/IResales.sol";
import { ResalesTest } from "./Resales.t.sol";

contract ResalesReviveTest is ResalesTest {
    function setUp() public override {
        super.setUp();
        _buyToken();
    }

    function _revive(address payer) internal {
        vm.prank(payer);
        resales.revive(tokenId);
    }

    function test_RevertGiven_NoToken() external {
        ++tokenId;

        // it should revert with {Resales_NoToken}
        _expectToken(IResales.Resales_NoToken.selector);
        _revive(carol);
    }

    function test_RevertGiven_NothingIsOwed() external {
        // it should revert with {Resales_NotInert}
        _expectToken(IResales.Resales_NotInert.selector);
        _revive(bob);
    }

    function test_A061_RevertGiven_AsOftenAsItMay() external {
        for (uint256 i; i < 3; ++i) {
            (address from, address to) = i % 2 == 0 ? (bob, carol) : (carol, bob);
            _move(from, to);
            _revive(to);
        }
        _move(carol, bob);

        // it should revert with {Resales_TooManyResales}
        vm.expectRevert(abi.encodeWithSelector(IResales.Resales_TooManyResales.selector, tokenId, uint8(3)));
        _revive(bob);
        assertFalse(resales.isValid(tokenId, bob));
    }

    function test_RevertGiven_NotApproved() external {
        _move(bob, relayer);

        // it should revert with {ERC20InsufficientAllowance}
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, resales, uint256(0), uint256(2e6))
        );
        _revive(relayer);
    }

    function test_A061_GivenATransferOutside() external {
        _move(bob, carol);
        assertFalse(resales.isValid(tokenId, carol), "of use before the royalty was paid");
        assertFalse(resales.isValid(tokenId, bob));
        uint256 before = dollar.balanceOf(carol);
        // it should emit {Revive}
        vm.expectEmit(address(resales));
        emit IResales.Revive(tokenId, carol, 2e6);
        _revive(carol);

        // it should take the royalty on the price of a period
        assertEq(before - dollar.balanceOf(carol), 2e6);
        assertEq(dollar.balanceOf(payout), terms.price + 2e6);
        // it should make the licence of use to the present owner
        assertTrue(resales.isValid(tokenId, carol));
        // it should count as a resale
        assertEq(resales.stateOf(tokenId).resales, 1);
    }

    function test_GivenSeveralTransfers() external {
        _move(bob, carol);
        _move(carol, relayer);
        _move(relayer, carol);
        _revive(bob);

        // it should take the royalty once
        assertEq(dollar.balanceOf(payout), terms.price + 2e6);
        assertTrue(resales.isValid(tokenId, carol));
        assertEq(resales.stateOf(tokenId).resales, 1);
    }
}
