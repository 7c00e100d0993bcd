// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC3009 } from "../../src/interfaces/IERC3009.sol";
import { ITestDollar } from "../../src/interfaces/ITestDollar.sol";
import { TestDollarTest } from "./TestDollar.t.sol";

contract TestDollarTransferWithAuthorizationTest is TestDollarTest {
    bytes32 internal constant TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    function _signature(address from, uint256 value) internal view returns (bytes memory) {
        return _sign(ALICE_KEY, _authorization(TYPEHASH, from, value));
    }

    function _execute(address from, uint256 value, bytes memory signature) internal {
        vm.prank(bob);
        token.transferWithAuthorization(from, bob, value, validAfter, validBefore, NONCE, signature);
    }

    function test_TypeHash() external view {
        // it should have the type hash of EIP-3009
        assertEq(token.TRANSFER_WITH_AUTHORIZATION_TYPEHASH(), TYPEHASH);
    }

    function test_WhenAnotherAccountSubmits() external {
        // it should transfer for whoever submits, also for a frozen relayer
        token.blacklist(address(this));
        token.transferWithAuthorization(alice, bob, 5, validAfter, validBefore, NONCE, _signature(alice, 5));
        assertEq(token.balanceOf(bob), 5);
    }

    function test_RevertWhen_ItIsNotValidYet() external {
        // it should revert with TestDollar_NotYetValid
        validAfter = block.timestamp;
        bytes memory signature = _signature(alice, 1);
        vm.expectRevert(
            abi.encodeWithSelector(ITestDollar.TestDollar_NotYetValid.selector, validAfter, block.timestamp)
        );
        _execute(alice, 1, signature);
    }

    function test_RevertWhen_ItHasExpired() external {
        // it should revert with TestDollar_Expired
        validBefore = block.timestamp;
        bytes memory signature = _signature(alice, 1);
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_Expired.selector, validBefore, block.timestamp));
        _execute(alice, 1, signature);
    }

    function test_RevertWhen_TheNonceWasUsed() external {
        // it should revert with TestDollar_AuthorizationUsedOrCanceled
        bytes memory signature = _signature(alice, 1);
        _execute(alice, 1, signature);
        vm.expectRevert(
            abi.encodeWithSelector(ITestDollar.TestDollar_AuthorizationUsedOrCanceled.selector, alice, NONCE)
        );
        _execute(alice, 1, signature);
        assertEq(token.balanceOf(bob), 1);
    }

    function test_RevertWhen_AnotherKeySigned() external {
        // it should revert with TestDollar_InvalidSignature
        bytes32 digest = _authorization(TYPEHASH, alice, 1);
        bytes memory signature = _sign(BOB_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_InvalidSignature.selector, alice, digest));
        _execute(alice, 1, signature);
        digest = _authorization(TYPEHASH, address(0), 1);
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_InvalidSignature.selector, address(0), digest));
        _execute(address(0), 1, new bytes(65));
    }

    function testFuzz_WhenTheOwnerSigned(uint256 value) external {
        // it should transfer the value
        // it should use the nonce and emit {AuthorizationUsed}
        value = bound(value, 0, FUNDS);
        bytes memory signature = _signature(alice, value);
        vm.expectEmit(address(token));
        emit IERC3009.AuthorizationUsed(alice, NONCE);
        _execute(alice, value, signature);
        assertEq(token.balanceOf(bob), value);
        assertEq(token.balanceOf(alice), FUNDS - value);
        assertTrue(token.authorizationState(alice, NONCE));
    }

    function test_WhenTheSignatureIsSplit() external {
        // it should transfer all the same
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ALICE_KEY, _authorization(TYPEHASH, alice, 5));
        vm.prank(bob);
        token.transferWithAuthorization(alice, bob, 5, validAfter, validBefore, NONCE, v, r, s);
        assertEq(token.balanceOf(bob), 5);
    }

    function test_WhenTheOwnerIsAContract() external {
        // it should ask it by ERC-1271
        _execute(address(wallet), 5, _signature(address(wallet), 5));
        assertEq(token.balanceOf(bob), 5);
    }

    function test_RevertWhen_TheTokenIsPausedOrAPartyFrozen() external {
        // it should revert with TestDollar_Paused or TestDollar_Blacklisted
        bytes memory signature = _signature(alice, 1);
        token.pause();
        vm.expectRevert(ITestDollar.TestDollar_Paused.selector);
        _execute(alice, 1, signature);
        token.unpause();
        address[2] memory parties = [alice, bob];
        for (uint256 i = 0; i < parties.length; ++i) {
            token.blacklist(parties[i]);
            vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_Blacklisted.selector, parties[i]));
            _execute(alice, 1, signature);
            token.unBlacklist(parties[i]);
        }
        _execute(alice, 1, signature);
    }
}
