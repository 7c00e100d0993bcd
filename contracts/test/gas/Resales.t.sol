// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IResales } from "../../src/interfaces/IResales.sol";
import { ResalesTest } from "../Resales/Resales.t.sol";
import { PlainToken } from "../actors/PlainToken.sol";

/// @notice Gas of whole transactions, base fee and calldata included, written to `contracts/snapshots`.
/// @dev Each call is its own transaction. The token is a plain ERC-20, and balances of money that a transaction raises
/// are not zero before.
/// forge-config: default.isolate = true
contract ResalesGasTest is ResalesTest {
    string internal constant GROUP = "Resales";

    function setUp() public override {
        super.setUp();
        PlainToken plain = new PlainToken();
        _offerIn(address(plain));
        address[4] memory accounts = [bob, carol, relayer, payout];
        for (uint256 i; i < accounts.length; ++i) {
            plain.mint(accounts[i], 1000e6);
            vm.startPrank(accounts[i]);
            plain.approve(address(resales), type(uint256).max);
            plain.approve(address(licenses), type(uint256).max);
            vm.stopPrank();
        }
        tokenId = resales.tokenIdOf(licenses.idOf(terms), bob, SALT);
    }

    function test_Buy() external {
        vm.prank(carol);
        resales.buy(terms, carol, SALT);
        vm.snapshotGasLastCall(GROUP, "buy, first under the terms");
        vm.prank(bob);
        resales.buy(terms, bob, SALT);
        vm.snapshotGasLastCall(GROUP, "buy, first token of an owner");
        vm.prank(bob);
        resales.buy(terms, bob, "other");
        vm.snapshotGasLastCall(GROUP, "buy, later token of an owner");
        _buy(bob, _holder());
        vm.snapshotGasLastCall(GROUP, "renewal of a token, by Licenses.buy");
    }

    function test_Resell() external {
        // Buyer and seller have other tokens.
        vm.prank(bob);
        resales.buy(terms, bob, "other");
        vm.prank(carol);
        resales.buy(terms, carol, "other");
        _buyToken();
        IResales.Sale memory sale = _sale(30e6);
        bytes memory signature = _signSale(BOB_KEY, sale);
        vm.prank(carol);
        resales.resell(sale, signature, carol);
        vm.snapshotGasLastCall(GROUP, "resell");
        sale = _sale(30e6);
        signature = _signSale(CAROL_KEY, sale);
        vm.prank(relayer);
        resales.resell(sale, signature, relayer);
        vm.snapshotGasLastCall(GROUP, "resell, first token of the buyer");
        vm.prank(relayer);
        resales.transferFrom(relayer, bob, tokenId);
        vm.snapshotGasLastCall(GROUP, "transferFrom, last token of the sender");
        vm.prank(bob);
        resales.revive(tokenId);
        vm.snapshotGasLastCall(GROUP, "revive");
        vm.prank(bob);
        resales.cancel(tokenId);
        vm.snapshotGasLastCall(GROUP, "cancel");
    }
}
