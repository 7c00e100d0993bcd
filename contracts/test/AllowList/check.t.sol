// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Hashes } from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import { AllowList } from "../../src/AllowList.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { LicensesTest } from "../Licenses/Licenses.t.sol";

contract AllowListCheckTest is LicensesTest {
    AllowList internal list;
    bytes32[] internal path;

    function setUp() public override {
        super.setUp();
        list = new AllowList();
        path = [list.leafOf(carol), keccak256("others")];
        bytes32 root = Hashes.commutativeKeccak256(Hashes.commutativeKeccak256(list.leafOf(bob), path[0]), path[1]);
        (terms.checker, terms.policyRoot) = (address(list), root);
        _offer(alice);
    }

    function _check(address recipient, bytes32[] memory shown) internal view returns (bool) {
        return list.check(0, terms.policyRoot, recipient, abi.encode(shown));
    }

    function test_WhenTheRecipientIsOnTheList() external {
        // it should admit
        assertTrue(_check(bob, path));
        // it should let the licence be bought
        vm.prank(bob);
        licenses.buy(terms, bob, abi.encode(path));
        _assertLicense(bob, NOW, NOW + 30 days);
        // Renewals ask again, whoever pays.
        _fund(relayer, terms.price);
        vm.prank(relayer);
        licenses.buy(terms, bob, abi.encode(path));
        _assertLicense(bob, NOW, NOW + 60 days);
    }

    function testFuzz_WhenTheRecipientIsNotOnTheList(address recipient) external {
        vm.assume(recipient != bob && recipient != address(0));

        // it should not admit
        assertFalse(_check(recipient, path));
        vm.expectRevert(
            abi.encodeWithSelector(ILicenses.Licenses_NotAdmitted.selector, licenses.idOf(terms), recipient)
        );
        vm.prank(bob);
        licenses.buy(terms, recipient, abi.encode(path));
    }

    function test_WhenANodeIsShownAsALeaf() external view {
        // it should not admit
        bytes32[] memory rest = new bytes32[](1);
        rest[0] = path[1];
        bytes32 node = Hashes.commutativeKeccak256(list.leafOf(bob), path[0]);
        assertFalse(_check(address(uint160(uint256(node))), rest));
        assertFalse(_check(address(0), new bytes32[](0)));
    }

    function test_WhenThePathIsNotOne() external {
        // it should let no licence be bought
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotAdmitted.selector, licenses.idOf(terms), bob));
        _buy(bob, bob);
        assertEq(list.leafOf(bob), keccak256(bytes.concat(keccak256(abi.encode(bob)))));
    }
}
