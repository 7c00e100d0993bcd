// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IResales } from "../../src/interfaces/IResales.sol";
import { ResalesTest } from "./Resales.t.sol";

contract ResalesCancelTest is ResalesTest {
    function setUp() public override {
        super.setUp();
        _buyToken();
    }

    function test_RevertWhen_NotTheOwner() external {
        vm.prank(bob);
        resales.approve(carol, tokenId);

        // it should revert with {Resales_NotOwner}
        vm.expectRevert(abi.encodeWithSelector(IResales.Resales_NotOwner.selector, tokenId, carol));
        vm.prank(carol);
        resales.cancel(tokenId);
    }

    function test_WhenTheOwner() external {
        IResales.Sale memory sale = _sale(30e6);
        bytes memory signature = _signSale(BOB_KEY, sale);
        // it should emit {Cancel}
        vm.expectEmit(address(resales));
        emit IResales.Cancel(tokenId, 1);
        vm.prank(bob);
        resales.cancel(tokenId);

        // it should void every sale it has signed
        vm.expectRevert(abi.encodeWithSelector(IResales.Resales_WrongNonce.selector, tokenId, uint32(1), uint32(0)));
        vm.prank(carol);
        resales.resell(sale, signature, carol);
        // it should leave the licence of use
        assertTrue(resales.isValid(tokenId, bob));
    }
}
