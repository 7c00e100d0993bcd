// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { Assets } from "../../src/Assets.sol";
import { Escrows } from "../../src/Escrows.sol";
import { Licenses } from "../../src/Licenses.sol";
import { Policy } from "../../src/Policy.sol";
import { TestDollar } from "../../src/TestDollar.sol";
import { IAssets } from "../../src/interfaces/IAssets.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { IPolicy } from "../../src/interfaces/IPolicy.sol";
import { RefundPolicies, Rights } from "../../src/libraries/Rights.sol";
import { PayoutBook } from "../actors/PayoutBook.sol";

/// @notice What the tests of licences share: alice sells one model, bob has dollars.
abstract contract LicensesTest is Test {
    uint40 internal constant NOW = 1_800_000_000;
    uint40 internal constant FOREVER = type(uint40).max;
    uint256 internal constant BOB_KEY = 0xB0B;

    address internal governor = makeAddr("governor");
    uint256 internal constant ALICE_KEY = uint256(keccak256("alice"));
    address internal alice = makeAddr("alice");
    address internal bob = vm.addr(BOB_KEY);
    address internal carol = makeAddr("carol");
    address internal relayer = makeAddr("relayer");
    address internal payout;

    TestDollar internal dollar;
    Policy internal policy;
    Assets internal assets;
    PayoutBook internal payouts;
    Escrows internal escrows;
    Licenses internal licenses;
    uint256 internal asset;
    ILicenses.Prices internal prices;
    ILicenses.Terms internal terms;

    function setUp() public virtual {
        vm.warp(NOW);
        dollar = new TestDollar(address(this));
        address[] memory tokens = new address[](1);
        tokens[0] = address(dollar);
        policy = new Policy({ owner: governor, parameters: new IPolicy.Parameter[](0), tokens: tokens });
        assets = new Assets();
        payouts = new PayoutBook();
        escrows = new Escrows();
        licenses = new Licenses({ assets: assets, policy: policy, payouts: payouts, escrows: escrows });
        asset = _publish(alice, "root");
        payout = payouts.payoutOf(asset);
        _setTerms();
        _fund(bob, 1_000_000e6);
    }

    function _setTerms() private {
        prices = ILicenses.Prices({
            perCall: 1000e6, perInputToken: 150_000, perOutputToken: 600_000, perSecond: 0, perImage: 0, perByte: 0
        });
        terms.asset = asset;
        terms.version = 1;
        terms.rights = Rights.INFER | Rights.COMMERCIAL;
        terms.price = 20e6;
        terms.pricesHash = keccak256(abi.encode(prices));
        terms.currency = address(dollar);
        terms.period = 30 days;
        terms.seats = 1;
        terms.textHash = keccak256("text");
    }

    function _publish(address publisher, bytes32 root) internal returns (uint256) {
        vm.prank(publisher);
        return assets.publish(
            IAssets.Publication({ kind: IAssets.Kind.Model, manifestRoot: root, salt: 0, uri: "ipfs://card" }),
            new IAssets.Attachment[](0)
        );
    }

    function _fund(address account, uint256 amount) internal {
        dollar.mint(account, amount);
        vm.prank(account);
        dollar.approve(address(licenses), type(uint256).max);
    }

    function _offer(address caller) internal returns (bytes32 termsId) {
        vm.prank(caller);
        return licenses.offer(terms, prices);
    }

    function _buy(address caller, address recipient) internal returns (uint40 end) {
        vm.prank(caller);
        return licenses.buy(terms, recipient, "");
    }

    function _proRata(uint16 penaltyBps) internal {
        (terms.refundPolicy, terms.refundPenaltyBps) = (RefundPolicies.PRO_RATA, penaltyBps);
    }

    function _fullWithin(uint40 window) internal {
        (terms.refundPolicy, terms.refundWindow) = (RefundPolicies.FULL_WITHIN_WINDOW, window);
    }

    function _usage(uint40 start, uint56 used, bool last) internal view returns (ILicenses.Usage memory) {
        return ILicenses.Usage({ holder: bob, start: start, used: used, last: last });
    }

    function _sign(uint256 key, ILicenses.Usage memory usage) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, licenses.usageDigestOf(licenses.idOf(terms), usage));
        return abi.encodePacked(r, s, v);
    }

    function _settle(uint40 start, uint56 used) internal {
        ILicenses.Usage memory usage = _usage(start, used, false);
        licenses.settleUsage(terms, usage, _sign(BOB_KEY, usage), alice, _sign(ALICE_KEY, usage));
    }

    function _leave(address holder) internal returns (uint256) {
        vm.prank(holder);
        return licenses.leave(terms, holder);
    }

    function _announce(address holder) internal returns (uint256) {
        vm.prank(holder);
        return licenses.announceLeave(terms);
    }

    function _held(address holder) internal view returns (uint256) {
        bytes32 id = keccak256(abi.encode(licenses.idOf(terms), holder));
        return escrows.heldOf(address(licenses), terms.currency, id);
    }

    function _offerIn(address currency) internal returns (bytes32 termsId) {
        vm.prank(governor);
        policy.setToken(currency, true);
        terms.currency = currency;
        return _offer(alice);
    }

    function _license(address holder) internal view returns (ILicenses.License memory) {
        return licenses.licenseOf(licenses.idOf(terms), holder);
    }

    function _isValid(address holder, uint256 at) internal view returns (bool) {
        return licenses.isValid(licenses.idOf(terms), holder, uint40(at));
    }

    function _assertLicense(address holder, uint256 start, uint256 end) internal view {
        ILicenses.License memory license = _license(holder);
        assertEq(license.start, start, "start");
        assertEq(license.end, end, "end");
        assertEq(license.seats, 1, "seats");
    }

    function _assertNone(address holder) internal view {
        assertEq(_license(holder).end, 0, "has a licence");
    }
}
