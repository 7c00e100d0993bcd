// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { Powers } from "../../src/libraries/Powers.sol";
import { SmartWallet } from "../actors/SmartWallet.sol";
import { LicensesTest } from "./Licenses.t.sol";

contract LicensesSettleUsageTest is LicensesTest {
    uint256 internal constant CAROL_KEY = uint256(keccak256("carol"));
    ILicenses.Usage internal usage;

    function setUp() public override {
        super.setUp();
        terms.quota = 1000;
        _offer(alice);
        _buy(bob, bob);
        usage = _usage(NOW, 400, false);
    }

    function _settle(bytes memory holderSignature, address seller, bytes memory sellerSignature) internal {
        vm.prank(relayer);
        licenses.settleUsage(terms, usage, holderSignature, seller, sellerSignature);
    }

    function _settleBoth() internal {
        _settle(_sign(BOB_KEY, usage), alice, _sign(ALICE_KEY, usage));
    }

    function _expectInvalid(address signer) internal {
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_InvalidSignature.selector, signer));
    }

    function test_L2_RevertWhen_TheHolderHasNotSigned() external {
        bytes memory seller = _sign(ALICE_KEY, usage);

        // it should revert with {Licenses_InvalidSignature}
        _expectInvalid(bob);
        _settle(seller, alice, seller);
    }

    function test_L2_RevertWhen_TheSellerHasNotSigned() external {
        bytes memory holder = _sign(BOB_KEY, usage);

        // it should revert with {Licenses_InvalidSignature}
        _expectInvalid(alice);
        _settle(holder, alice, holder);
    }

    function test_RevertWhen_TheSellerIsAStranger() external {
        bytes memory holder = _sign(BOB_KEY, usage);
        bytes memory seller = _sign(CAROL_KEY, usage);
        vm.prank(alice);
        assets.setDelegate(asset, carol, Powers.UPDATE | Powers.SPLIT);

        // it should revert with {Licenses_NotAuthorized}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotAuthorized.selector, asset, carol));
        _settle(holder, carol, seller);
    }

    function test_L5_A057_RevertGiven_TheSellerSoldTheAsset() external {
        bytes memory holder = _sign(BOB_KEY, usage);
        bytes memory seller = _sign(ALICE_KEY, usage);
        vm.prank(alice);
        assets.transferFrom(alice, carol, asset);

        // it should revert with {Licenses_NotAuthorized}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotAuthorized.selector, asset, alice));
        _settle(holder, alice, seller);
    }

    function test_RevertWhen_TheStatementIsAboutSomethingElse() external {
        (bytes memory holder, bytes memory seller) = (_sign(BOB_KEY, usage), _sign(ALICE_KEY, usage));
        bytes32 digest = licenses.usageDigestOf(licenses.idOf(terms), usage);
        terms.price += 1;
        // it should revert with {Licenses_InvalidSignature}
        _expectInvalid(bob);
        _settle(holder, alice, seller);
        terms.price -= 1;
        vm.chainId(block.chainid + 1);
        assertNotEq(licenses.usageDigestOf(licenses.idOf(terms), usage), digest);
        vm.chainId(block.chainid - 1);
        assertEq(licenses.usageDigestOf(licenses.idOf(terms), usage), digest);
        assertEq(digest, _digest(licenses.idOf(terms)), "not EIP-712");
    }

    function testFuzz_RevertWhen_AnotherRun(uint40 start) external {
        vm.assume(start != NOW);
        usage.start = start;
        (bytes memory holder, bytes memory seller) = (_sign(BOB_KEY, usage), _sign(ALICE_KEY, usage));

        // it should revert with {Licenses_OtherRun}
        vm.expectRevert(
            abi.encodeWithSelector(ILicenses.Licenses_OtherRun.selector, licenses.idOf(terms), bob, NOW, start)
        );
        _settle(holder, alice, seller);
    }

    function testFuzz_L2_RevertWhen_LessThanBefore(uint56 first, uint56 second) external {
        first = uint56(bound(first, 1, 1000));
        usage.used = first;
        _settleBoth();
        usage.used = uint56(bound(second, 0, first - 1));
        (bytes memory holder, bytes memory seller) = (_sign(BOB_KEY, usage), _sign(ALICE_KEY, usage));

        // it should revert with {Licenses_UsageDecreased}
        vm.expectRevert(
            abi.encodeWithSelector(
                ILicenses.Licenses_UsageDecreased.selector, licenses.idOf(terms), bob, first, usage.used
            )
        );
        _settle(holder, alice, seller);
        assertEq(_license(bob).quotaSettled, first);
    }

    function testFuzz_L1_RevertWhen_MoreThanWasBought(uint56 used) external {
        usage.used = uint56(bound(used, 1001, type(uint56).max));
        (bytes memory holder, bytes memory seller) = (_sign(BOB_KEY, usage), _sign(ALICE_KEY, usage));

        // it should revert with {Licenses_UsageAboveQuota}
        vm.expectRevert(
            abi.encodeWithSelector(
                ILicenses.Licenses_UsageAboveQuota.selector, licenses.idOf(terms), bob, uint56(1000), usage.used
            )
        );
        _settle(holder, alice, seller);
    }

    function testFuzz_L2_WhenBothHaveSigned(uint56 used, bool last) external {
        usage.used = uint56(bound(used, 0, 1000));
        usage.last = last;
        // it should emit {SettleUsage}
        (bytes memory holder, bytes memory seller) = (_sign(BOB_KEY, usage), _sign(ALICE_KEY, usage));
        vm.expectEmit(address(licenses));
        emit ILicenses.SettleUsage(licenses.idOf(terms), bob, alice, NOW, usage.used, last);
        _settle(holder, alice, seller);

        // it should record what was used
        assertEq(_license(bob).quotaSettled, usage.used);
        // it should leave everything else as it is
        assertEq(_license(bob).quotaGranted, 1000);
        _assertLicense(bob, NOW, NOW + 30 days);
    }

    function test_WhenTheSellerIsADelegate() external {
        vm.prank(alice);
        assets.setDelegate(asset, carol, Powers.OFFER);
        _settle(_sign(BOB_KEY, usage), carol, _sign(CAROL_KEY, usage));

        // it should record what was used
        assertEq(_license(bob).quotaSettled, 400);
    }

    function test_WhenBothAreContracts() external {
        (SmartWallet buyer, SmartWallet seller) = (new SmartWallet(bob), new SmartWallet(alice));
        vm.prank(alice);
        assets.setDelegate(asset, address(seller), Powers.OFFER);
        usage.holder = address(buyer);
        _buy(bob, address(buyer));
        _settle(_sign(BOB_KEY, usage), address(seller), _sign(ALICE_KEY, usage));

        // it should record what was used
        assertEq(_license(address(buyer)).quotaSettled, 400);

        buyer.setMode(SmartWallet.Mode.Revert);
        usage.used = 500;
        (bytes memory first, bytes memory second) = (_sign(BOB_KEY, usage), _sign(ALICE_KEY, usage));
        _expectInvalid(address(buyer));
        _settle(first, address(seller), second);
    }

    function test_L2_GivenALaterRun() external {
        _settleBoth();
        bytes memory old = _sign(BOB_KEY, usage);
        vm.warp(NOW + 31 days);
        _buy(bob, bob);

        // it should begin at zero
        assertEq(_license(bob).quotaSettled, 0);
        assertEq(_license(bob).quotaGranted, 1000);
        bytes memory seller = _sign(ALICE_KEY, usage);
        vm.expectRevert(
            abi.encodeWithSelector(ILicenses.Licenses_OtherRun.selector, licenses.idOf(terms), bob, NOW + 31 days, NOW)
        );
        _settle(old, alice, seller);
    }

    function _digest(bytes32 termsId) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Agorai Licenses"),
                keccak256("1"),
                block.chainid,
                address(licenses)
            )
        );
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Usage(bytes32 termsId,address holder,uint40 start,uint56 used,bool last)"),
                termsId,
                usage.holder,
                usage.start,
                usage.used,
                usage.last
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }
}
