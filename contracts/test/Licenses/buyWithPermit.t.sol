// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { PlainToken } from "../actors/PlainToken.sol";
import { LicensesTest } from "./Licenses.t.sol";

contract LicensesBuyWithPermitTest is LicensesTest {
    bytes32 private constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    function setUp() public override {
        super.setUp();
        _offer(alice);
        vm.prank(bob);
        dollar.approve(address(licenses), 0);
    }

    function _permit(uint256 value, uint256 deadline) internal view returns (ILicenses.Permit memory) {
        bytes32 structHash =
            keccak256(abi.encode(PERMIT_TYPEHASH, bob, address(licenses), value, dollar.nonces(bob), deadline));
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(BOB_KEY, keccak256(abi.encodePacked(hex"1901", dollar.DOMAIN_SEPARATOR(), structHash)));
        return ILicenses.Permit({ value: value, deadline: deadline, v: v, r: r, s: s });
    }

    function _buyWith(address caller, ILicenses.Permit memory permit) internal returns (uint40) {
        vm.prank(caller);
        return licenses.buyWithPermit(terms, carol, permit, "");
    }

    function _expectNoAllowance() internal {
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, licenses, uint256(0), uint256(terms.price)
            )
        );
    }

    function test_A054_RevertGiven_NotOffered() external {
        ILicenses.Permit memory permit = _permit(terms.price, NOW);
        terms.price -= 1;

        // it should revert with {Licenses_NotOffered}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotOffered.selector, licenses.idOf(terms)));
        _buyWith(bob, permit);
    }

    function test_RevertWhen_ThePermitIsNotTheCallers() external {
        ILicenses.Permit memory permit = _permit(terms.price, NOW);
        dollar.mint(relayer, terms.price);

        // it should revert with {ERC20InsufficientAllowance}
        _expectNoAllowance();
        _buyWith(relayer, permit);
    }

    function test_RevertWhen_ThePermitHasExpired() external {
        ILicenses.Permit memory permit = _permit(terms.price, NOW - 1);

        // it should revert with {ERC20InsufficientAllowance}
        _expectNoAllowance();
        _buyWith(bob, permit);
        _assertNone(carol);
    }

    function test_A013_GivenSomebodyUsedThePermitBefore() external {
        ILicenses.Permit memory permit = _permit(terms.price, NOW);
        vm.prank(relayer);
        dollar.permit(bob, address(licenses), permit.value, permit.deadline, permit.v, permit.r, permit.s);
        _buyWith(bob, permit);

        // it should buy with the allowance that is there
        _assertLicense(carol, NOW, NOW + 30 days);
    }

    function test_GivenTheTokenKnowsNoPermit() external {
        PlainToken token = new PlainToken();
        ILicenses.Permit memory permit = _permit(terms.price, NOW);
        _offerIn(address(token));
        token.mint(bob, terms.price);
        vm.prank(bob);
        token.approve(address(licenses), terms.price);
        _buyWith(bob, permit);

        // it should buy with the allowance that is there
        _assertLicense(carol, NOW, NOW + 30 days);
    }

    function testFuzz_L6_WhenThePermitIsInOrder(uint64 price) external {
        terms.price = price;
        _offer(alice);
        dollar.mint(bob, price);
        uint256 before = dollar.balanceOf(bob);
        _buyWith(bob, _permit(price, NOW));

        // it should move exactly the price
        assertEq(before - dollar.balanceOf(bob), price);
        assertEq(dollar.balanceOf(payout), price);
        assertEq(dollar.allowance(bob, address(licenses)), 0);
        // it should give the licence to the recipient
        _assertLicense(carol, NOW, NOW + 30 days);
    }
}
