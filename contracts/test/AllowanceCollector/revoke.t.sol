// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAllowanceCollector } from "../../src/interfaces/IAllowanceCollector.sol";
import { AllowanceCollectorTest } from "./AllowanceCollector.t.sol";

contract AllowanceCollectorRevokeTest is AllowanceCollectorTest {
    function testFuzz_RevertGiven_TheNonceWasUsedOrRevoked(uint256 nonce) external {
        // it should revert with AllowanceCollector_NonceUsed
        vm.startPrank(payer);
        signed.revoke(nonce);
        vm.expectRevert(abi.encodeWithSelector(IAllowanceCollector.AllowanceCollector_NonceUsed.selector, payer, nonce));
        signed.revoke(nonce);
        vm.stopPrank();
    }

    function testFuzz_GivenTheNonceIsUnused(uint256 nonce) external {
        // it should void the deposits signed for it and emit {Revoke}
        // it should leave the nonces of others alone
        bytes memory data = _data(DEPOSIT, nonce);
        vm.prank(stranger);
        signed.revoke(nonce);
        uint256 before = vm.snapshotState();
        channels.deposit(config, DEPOSIT, address(signed), data);
        vm.revertToState(before);

        vm.expectEmit(address(signed));
        emit IAllowanceCollector.Revoke(payer, nonce);
        vm.prank(payer);
        signed.revoke(nonce);
        vm.expectRevert(abi.encodeWithSelector(IAllowanceCollector.AllowanceCollector_NonceUsed.selector, payer, nonce));
        channels.deposit(config, DEPOSIT, address(signed), data);
    }
}
