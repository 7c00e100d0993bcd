// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AllowanceCollector } from "../../src/AllowanceCollector.sol";
import { IAllowanceCollector } from "../../src/interfaces/IAllowanceCollector.sol";
import { IChannels } from "../../src/interfaces/IChannels.sol";
import { ICollector } from "../../src/interfaces/ICollector.sol";
import { SmartWallet } from "../actors/SmartWallet.sol";
import { AllowanceCollectorTest } from "./AllowanceCollector.t.sol";

contract AllowanceCollectorCollectTest is AllowanceCollectorTest {
    function _expectInvalidSignature(bytes32 channelId, uint256 amount, uint256 nonce, uint256 until) internal {
        bytes32 digest = signed.getDepositDigest(channelId, address(token), amount, nonce, until);
        vm.expectRevert(
            abi.encodeWithSelector(IAllowanceCollector.AllowanceCollector_InvalidSignature.selector, payer, digest)
        );
    }

    function test_RevertWhen_TheCallerIsNotTheSettlementContract() external {
        // it should revert with OnlyX402BatchSettlement
        bytes memory data = _data(DEPOSIT, 0);
        vm.expectRevert(ICollector.OnlyX402BatchSettlement.selector);
        vm.prank(payer);
        signed.collect(payer, address(token), DEPOSIT, id, data);
    }

    function test_RevertWhen_TheDeadlineHasPassed() external {
        // it should revert with AllowanceCollector_Expired
        bytes memory data = _data(DEPOSIT, 0);
        vm.warp(deadline + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IAllowanceCollector.AllowanceCollector_Expired.selector, deadline, deadline + 1)
        );
        channels.deposit(config, DEPOSIT, address(signed), data);
        vm.warp(deadline);
        channels.deposit(config, DEPOSIT, address(signed), data);
    }

    function testFuzz_RevertWhen_TheNonceWasUsed(uint256 nonce) external {
        // it should revert with AllowanceCollector_NonceUsed
        bytes memory data = _data(DEPOSIT, nonce);
        channels.deposit(config, DEPOSIT, address(signed), data);
        vm.expectRevert(abi.encodeWithSelector(IAllowanceCollector.AllowanceCollector_NonceUsed.selector, payer, nonce));
        channels.deposit(config, DEPOSIT, address(signed), data);
        _assertChannel(id, DEPOSIT, 0);
    }

    function test_A153_RevertWhen_AStrangerNamesThePayerInAnotherChannel() external {
        // it should revert with AllowanceCollector_InvalidSignature for whatever the stranger signs or reuses
        IChannels.ChannelConfig memory hostile = config;
        hostile.payerAuthorizer = stranger;
        hostile.receiver = stranger;
        hostile.receiverAuthorizer = stranger;
        bytes32 hostileId = channels.getChannelId(hostile);
        bytes memory honest = _data(DEPOSIT, 0);
        bytes memory forged = _dataBy(STRANGER_KEY, hostileId, DEPOSIT, 0);

        vm.startPrank(stranger);
        _expectInvalidSignature(hostileId, DEPOSIT, 0, deadline);
        channels.deposit(hostile, DEPOSIT, address(signed), honest);
        _expectInvalidSignature(hostileId, DEPOSIT, 0, deadline);
        channels.deposit(hostile, DEPOSIT, address(signed), forged);
        vm.stopPrank();
        assertEq(token.balanceOf(address(channels)), 0);
    }

    function test_WhenAStrangerUsesAnOpenCollector() external {
        // it should show the theft that the signature prevents
        IChannels.ChannelConfig memory hostile = config;
        hostile.payerAuthorizer = stranger;
        hostile.receiver = stranger;
        IChannels.VoucherClaim[] memory rows = _one(_rowBy(STRANGER_KEY, hostile, DEPOSIT, DEPOSIT));
        vm.startPrank(stranger);
        channels.deposit(hostile, DEPOSIT, address(collector), "");
        channels.claim(rows);
        channels.settle(stranger, address(token));
        vm.stopPrank();
        assertEq(token.balanceOf(stranger), DEPOSIT);
    }

    function testFuzz_RevertWhen_AmountNonceOrDeadlineWasNotSigned(uint128 amount, uint256 nonce, uint256 later)
        external
    {
        // it should revert with AllowanceCollector_InvalidSignature for each of them
        amount = uint128(bound(amount, 1, type(uint128).max));
        later = bound(later, deadline + 1, type(uint256).max);
        vm.assume(amount != DEPOSIT && nonce != 0);
        bytes32 digest = signed.getDepositDigest(id, address(token), DEPOSIT, 0, deadline);
        bytes memory signature = _sign(PAYER_KEY, digest);
        _expectInvalidSignature(id, amount, 0, deadline);
        channels.deposit(config, amount, address(signed), abi.encode(0, deadline, signature));
        _expectInvalidSignature(id, DEPOSIT, nonce, deadline);
        channels.deposit(config, DEPOSIT, address(signed), abi.encode(nonce, deadline, signature));
        _expectInvalidSignature(id, DEPOSIT, 0, later);
        channels.deposit(config, DEPOSIT, address(signed), abi.encode(0, later, signature));
    }

    function test_A001_RevertWhen_ItWasSignedForAnotherChainOrCollector() external {
        // it should revert with AllowanceCollector_InvalidSignature for either
        uint256 here = block.chainid;
        vm.chainId(1);
        bytes memory data = _data(DEPOSIT, 0);
        vm.chainId(here);
        _expectInvalidSignature(id, DEPOSIT, 0, deadline);
        channels.deposit(config, DEPOSIT, address(signed), data);

        AllowanceCollector used = signed;
        signed = new AllowanceCollector(address(channels));
        data = _data(DEPOSIT, 0);
        signed = used;
        _expectInvalidSignature(id, DEPOSIT, 0, deadline);
        channels.deposit(config, DEPOSIT, address(signed), data);
    }

    function test_WhenThePayerSignedThisDeposit() external {
        // it should move the allowance to the settlement contract, whoever submits
        // it should leave the other nonces of the word unused
        uint256 funds = token.balanceOf(payer);
        bytes memory second = _data(DEPOSIT, 1);
        bytes memory first = _data(7, 0);
        vm.startPrank(stranger);
        channels.deposit(config, DEPOSIT, address(signed), second);
        assertEq(signed.nonces(payer, 0), 2);
        channels.deposit(config, 7, address(signed), first);
        vm.stopPrank();
        assertEq(signed.nonces(payer, 0), 3);
        assertEq(token.balanceOf(payer), funds - DEPOSIT - 7);
        assertEq(token.balanceOf(address(signed)), 0);
        _assertChannel(id, DEPOSIT + 7, 0);
    }

    function test_WhenThePayerIsAContractThatAccepts() external {
        // it should collect by ERC-1271
        SmartWallet wallet = new SmartWallet(payer);
        config.payer = address(wallet);
        id = channels.getChannelId(config);
        token.mint(address(wallet), DEPOSIT);
        wallet.execute(address(token), abi.encodeCall(token.approve, (address(signed), DEPOSIT)));
        channels.deposit(config, DEPOSIT, address(signed), _data(DEPOSIT, 0));
        _assertChannel(id, DEPOSIT, 0);
    }

    function test_RevertWhen_TheAllowanceIsTooSmall() external {
        // it should revert with the token's error and leave the nonce unused
        vm.prank(payer);
        token.approve(address(signed), DEPOSIT - 1);
        bytes memory data = _data(DEPOSIT, 0);
        vm.expectRevert();
        channels.deposit(config, DEPOSIT, address(signed), data);
        assertEq(signed.nonces(payer, 0), 0);
    }
}
