// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC3009 } from "../../src/interfaces/IERC3009.sol";
import { ITestDollar } from "../../src/interfaces/ITestDollar.sol";
import { TestDollarTest } from "./TestDollar.t.sol";

contract TestDollarCancelAuthorizationTest is TestDollarTest {
    bytes32 internal constant TYPEHASH = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");

    function _cancellation(address authorizer) internal view returns (bytes32) {
        return _digest(keccak256(abi.encode(token.CANCEL_AUTHORIZATION_TYPEHASH(), authorizer, NONCE)));
    }

    function test_RevertGiven_TheTokenIsPaused() external {
        // it should revert with TestDollar_Paused
        token.pause();
        vm.expectRevert(ITestDollar.TestDollar_Paused.selector);
        token.cancelAuthorization(alice, NONCE, "");
    }

    function test_RevertGiven_TheNonceWasUsedOrCanceled() external {
        // it should revert with TestDollar_AuthorizationUsedOrCanceled
        bytes memory signature = _sign(ALICE_KEY, _cancellation(alice));
        token.cancelAuthorization(alice, NONCE, signature);
        vm.expectRevert(
            abi.encodeWithSelector(ITestDollar.TestDollar_AuthorizationUsedOrCanceled.selector, alice, NONCE)
        );
        token.cancelAuthorization(alice, NONCE, signature);
    }

    function test_RevertWhen_AnotherKeySigned() external {
        // it should revert with TestDollar_InvalidSignature
        bytes32 digest = _cancellation(alice);
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_InvalidSignature.selector, alice, digest));
        token.cancelAuthorization(alice, NONCE, _sign(BOB_KEY, digest));
    }

    function test_WhenTheAuthorizerSigned() external {
        // it should void the authorization and emit {AuthorizationCanceled}
        assertEq(token.CANCEL_AUTHORIZATION_TYPEHASH(), TYPEHASH);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ALICE_KEY, _cancellation(alice));
        vm.expectEmit(address(token));
        emit IERC3009.AuthorizationCanceled(alice, NONCE);
        token.cancelAuthorization(alice, NONCE, v, r, s);

        bytes memory signature =
            _sign(ALICE_KEY, _authorization(token.TRANSFER_WITH_AUTHORIZATION_TYPEHASH(), alice, 1));
        vm.expectRevert(
            abi.encodeWithSelector(ITestDollar.TestDollar_AuthorizationUsedOrCanceled.selector, alice, NONCE)
        );
        token.transferWithAuthorization(alice, bob, 1, validAfter, validBefore, NONCE, signature);
    }

    function test_WhenTheAuthorizerIsAContract() external {
        // it should ask it by ERC-1271
        token.cancelAuthorization(address(wallet), NONCE, _sign(ALICE_KEY, _cancellation(address(wallet))));
        assertTrue(token.authorizationState(address(wallet), NONCE));
    }
}
