// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AllowList } from "../../src/AllowList.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { PlainToken } from "../actors/PlainToken.sol";
import { LicensesTest } from "../Licenses/Licenses.t.sol";

/// @notice Gas of whole transactions, base fee and calldata included, written to `contracts/snapshots`.
/// @dev Each call is its own transaction. The token is a plain ERC-20 except for the authorization, and balances that a
/// transaction raises are not zero before, except where a name says so.
/// forge-config: default.isolate = true
contract LicensesGasTest is LicensesTest {
    string internal constant GROUP = "Licenses";

    function setUp() public override {
        super.setUp();
        PlainToken plain = new PlainToken();
        vm.prank(governor);
        policy.setToken(address(plain), true);
        plain.mint(bob, 1_000_000e6);
        vm.prank(bob);
        plain.approve(address(licenses), type(uint256).max);
        terms.currency = address(plain);
    }

    function test_Offer() external {
        _offer(alice);
        vm.snapshotGasLastCall(GROUP, "offer");
        vm.prank(alice);
        licenses.close(terms);
        vm.snapshotGasLastCall(GROUP, "close");
    }

    function test_Buy() external {
        _offer(alice);
        _buy(bob, carol);
        vm.snapshotGasLastCall(GROUP, "buy, first of a holder and of a payout address");
        _buy(bob, bob);
        vm.snapshotGasLastCall(GROUP, "buy, first of a holder");
        _buy(bob, bob);
        vm.snapshotGasLastCall(GROUP, "buy, renewal");
    }

    function test_BuyWithoutPayment() external {
        terms.price = 0;
        _offer(alice);
        _buy(bob, bob);
        vm.snapshotGasLastCall(GROUP, "buy for nothing, first of a holder");
    }

    function test_BuyWithAuthorization() external {
        terms.currency = address(dollar);
        bytes32 termsId = _offer(alice);
        _buy(bob, bob);
        ILicenses.Authorization memory authorization = _authorization(termsId, carol, "1");
        vm.prank(relayer);
        licenses.buyWithAuthorization(terms, carol, authorization, "");
        vm.snapshotGasLastCall(GROUP, "buyWithAuthorization, first of a holder");
        authorization = _authorization(termsId, carol, "2");
        vm.prank(relayer);
        licenses.buyWithAuthorization(terms, carol, authorization, "");
        vm.snapshotGasLastCall(GROUP, "buyWithAuthorization, renewal");
    }

    function test_Escrowed() external {
        _proRata(0);
        _offer(alice);
        _buy(bob, carol);
        _buy(bob, bob);
        vm.snapshotGasLastCall(GROUP, "buy refundable, first of a holder");
        _buy(bob, bob);
        vm.snapshotGasLastCall(GROUP, "buy refundable, renewal");
        PlainToken(terms.currency).mint(payout, 1);
        vm.warp(NOW + 1 days);
        vm.prank(relayer);
        licenses.release(terms, bob);
        vm.snapshotGasLastCall(GROUP, "release");
        _leave(bob);
        vm.snapshotGasLastCall(GROUP, "leave");
    }

    function test_Quota() external {
        terms.quota = 1000;
        _proRata(0);
        _offer(alice);
        _buy(bob, bob);
        _settle(NOW, 10);
        vm.snapshotGasLastCall(GROUP, "settleUsage");
        _announce(bob);
        vm.snapshotGasLastCall(GROUP, "announceLeave");
    }

    function test_Limits() external {
        (terms.maxSupply, terms.noticePeriod, terms.seats, terms.quota) = (10, 30 days, 5, 1000);
        (terms.checker, terms.policyRoot) = (address(new AllowList()), _leafOf(bob));
        _offer(alice);
        PlainToken(terms.currency).mint(payout, 1);
        bytes memory path = abi.encode(new bytes32[](0));
        vm.prank(bob);
        licenses.buy(terms, bob, path);
        vm.snapshotGasLastCall(GROUP, "buy under every limit, first of a holder");
        vm.prank(bob);
        licenses.buy(terms, bob, path);
        vm.snapshotGasLastCall(GROUP, "buy under every limit, renewal");
    }

    function test_Trial() external {
        terms.trial = 7 days;
        _offer(alice);
        vm.prank(bob);
        licenses.startTrial(terms, "");
        vm.snapshotGasLastCall(GROUP, "startTrial");
    }

    function _leafOf(address account) private pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(account))));
    }

    function _authorization(bytes32 termsId, address recipient, bytes32 salt)
        internal
        view
        returns (ILicenses.Authorization memory)
    {
        bytes32 structHash = keccak256(
            abi.encode(
                dollar.RECEIVE_WITH_AUTHORIZATION_TYPEHASH(),
                bob,
                address(licenses),
                uint256(terms.price),
                uint256(0),
                uint256(NOW + 1 hours),
                licenses.authorizationNonceOf(termsId, recipient, salt)
            )
        );
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(BOB_KEY, keccak256(abi.encodePacked(hex"1901", dollar.DOMAIN_SEPARATOR(), structHash)));
        return ILicenses.Authorization(bob, 0, NOW + 1 hours, salt, abi.encodePacked(r, s, v));
    }
}
