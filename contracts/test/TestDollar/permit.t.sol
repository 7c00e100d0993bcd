// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { ITestDollar } from "../../src/interfaces/ITestDollar.sol";
import { TestDollarTest } from "./TestDollar.t.sol";

contract TestDollarPermitTest is TestDollarTest {
    bytes32 internal constant TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    function _permit(address owner, uint256 value) internal view returns (bytes32) {
        return _digest(keccak256(abi.encode(TYPEHASH, owner, bob, value, token.nonces(owner), block.timestamp)));
    }

    function test_RevertWhen_TheDeadlineHasPassed() external {
        // it should revert with TestDollar_Expired
        uint256 deadline = block.timestamp;
        bytes memory signature = _sign(ALICE_KEY, _permit(alice, 1));
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_Expired.selector, deadline, deadline + 1));
        token.permit(alice, bob, 1, deadline, signature);
    }

    function test_RevertWhen_AnotherKeySigned() external {
        // it should revert with TestDollar_InvalidSignature
        bytes32 digest = _permit(alice, 1);
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_InvalidSignature.selector, alice, digest));
        token.permit(alice, bob, 1, block.timestamp, _sign(BOB_KEY, digest));
    }

    function test_RevertWhen_ThePermitWasUsed() external {
        // it should revert with TestDollar_InvalidSignature for the next nonce
        bytes memory signature = _sign(ALICE_KEY, _permit(alice, 1));
        token.permit(alice, bob, 1, block.timestamp, signature);
        assertEq(token.nonces(alice), 1);
        bytes32 next = _permit(alice, 1);
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_InvalidSignature.selector, alice, next));
        token.permit(alice, bob, 1, block.timestamp, signature);
    }

    function testFuzz_WhenTheOwnerSigned(uint256 value) external {
        // it should set the allowance
        assertEq(token.PERMIT_TYPEHASH(), TYPEHASH);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ALICE_KEY, _permit(alice, value));
        vm.expectEmit(address(token));
        emit IERC20.Approval(alice, bob, value);
        token.permit(alice, bob, value, block.timestamp, v, r, s);
        assertEq(token.allowance(alice, bob), value);
    }

    function test_WhenTheOwnerIsAContract() external {
        // it should ask it by ERC-1271
        token.permit(address(wallet), bob, 7, block.timestamp, _sign(ALICE_KEY, _permit(address(wallet), 7)));
        assertEq(token.allowance(address(wallet), bob), 7);
    }

    function test_RevertWhen_TheTokenIsPausedOrAPartyFrozen() external {
        // it should revert with TestDollar_Paused or TestDollar_Blacklisted
        bytes memory signature = _sign(ALICE_KEY, _permit(alice, 1));
        token.pause();
        vm.expectRevert(ITestDollar.TestDollar_Paused.selector);
        token.permit(alice, bob, 1, block.timestamp, signature);
        token.unpause();
        address[2] memory parties = [alice, bob];
        for (uint256 i = 0; i < parties.length; ++i) {
            token.blacklist(parties[i]);
            vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_Blacklisted.selector, parties[i]));
            token.permit(alice, bob, 1, block.timestamp, signature);
            token.unBlacklist(parties[i]);
        }
    }
}
