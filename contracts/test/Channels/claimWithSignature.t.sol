// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Authorizer } from "../../src/Authorizer.sol";
import { Authorizers } from "../../src/Authorizers.sol";
import { IChannels } from "../../src/interfaces/IChannels.sol";
import { SmartWallet } from "../actors/SmartWallet.sol";
import { ChannelsTest } from "./Channels.t.sol";

contract ChannelsClaimWithSignatureTest is ChannelsTest {
    function setUp() public override {
        super.setUp();
        _deposit(config, DEPOSIT);
    }

    function _submit(uint256 key, IChannels.VoucherClaim[] memory rows) internal {
        bytes memory signature = _sign(key, channels.getClaimBatchDigest(rows));
        vm.prank(stranger);
        channels.claimWithSignature(rows, signature);
    }

    function _refuse(IChannels.VoucherClaim[] memory rows, bytes memory signature, bytes4 error) internal {
        vm.expectRevert(error);
        channels.claimWithSignature(rows, signature);
    }

    function test_RevertWhen_ThereAreNoRows() external {
        // it should revert with EmptyBatch
        _refuse(new IChannels.VoucherClaim[](0), "", IChannels.EmptyBatch.selector);
    }

    function test_RevertWhen_AnotherKeySigned() external {
        // it should revert with InvalidSignature
        IChannels.VoucherClaim[] memory rows = _one(_row(config, 1));
        bytes32 digest = channels.getClaimBatchDigest(rows);
        _refuse(rows, _sign(STRANGER_KEY, digest), IChannels.InvalidSignature.selector);
        _refuse(rows, _sign(PAYER_AUTHORIZER_KEY, digest), IChannels.InvalidSignature.selector);
    }

    function test_A010_RevertWhen_TheSignatureIsMalformed() external {
        // it should revert with InvalidSignature for every form
        IChannels.VoucherClaim[] memory rows = _one(_row(config, 1));
        bytes memory honest = _sign(RECEIVER_AUTHORIZER_KEY, channels.getClaimBatchDigest(rows));
        (bytes32 r, bytes32 s, uint8 v) = _split(honest);
        _refuse(rows, _flip(honest), IChannels.InvalidSignature.selector);
        _refuse(rows, abi.encodePacked(r, s, v - 27), IChannels.InvalidSignature.selector);
        _refuse(rows, abi.encodePacked(honest, uint8(0)), IChannels.InvalidSignature.selector);
        _refuse(rows, new bytes(65), IChannels.InvalidSignature.selector);
        _refuse(rows, "", IChannels.InvalidSignature.selector);
    }

    function test_RevertWhen_TheRowsAreNotTheSignedOnes() external {
        // it should revert with InvalidSignature for every change
        IChannels.VoucherClaim memory row = _rowBy(PAYER_AUTHORIZER_KEY, config, 9, 5);
        bytes memory signature = _sign(RECEIVER_AUTHORIZER_KEY, channels.getClaimBatchDigest(_one(row)));
        row.totalClaimed = 6;
        _refuse(_one(row), signature, IChannels.InvalidSignature.selector);
        row.totalClaimed = 5;
        row.voucher.maxClaimableAmount = 10;
        _refuse(_one(row), signature, IChannels.InvalidSignature.selector);
        row.voucher.maxClaimableAmount = 9;
        _refuse(_two(row, row), signature, IChannels.InvalidSignature.selector);
        row.voucher.channel.salt = bytes32(uint256(1));
        _refuse(_one(row), signature, IChannels.InvalidSignature.selector);
    }

    function test_RevertWhen_ARowHasAnotherReceiverAuthorizer() external {
        // it should revert with NotReceiverAuthorizer
        IChannels.ChannelConfig memory terms = _salted(1);
        terms.receiverAuthorizer = stranger;
        _deposit(terms, DEPOSIT);
        IChannels.VoucherClaim[] memory rows = _two(_row(config, 1), _row(terms, 1));
        bytes memory signature = _sign(RECEIVER_AUTHORIZER_KEY, channels.getClaimBatchDigest(rows));
        _refuse(rows, signature, IChannels.NotReceiverAuthorizer.selector);
        _assertChannel(id, DEPOSIT, 0);
    }

    function test_RevertWhen_ARowBreaksTheRulesOfAClaim() external {
        // it should revert with the error of the row
        IChannels.VoucherClaim[] memory rows = _one(_row(config, DEPOSIT + 1));
        bytes memory signature = _sign(RECEIVER_AUTHORIZER_KEY, channels.getClaimBatchDigest(rows));
        _refuse(rows, signature, IChannels.ClaimExceedsBalance.selector);
        rows = _one(_rowBy(PAYER_AUTHORIZER_KEY, config, 1, 2));
        signature = _sign(RECEIVER_AUTHORIZER_KEY, channels.getClaimBatchDigest(rows));
        _refuse(rows, signature, IChannels.ClaimExceedsCeiling.selector);
        rows = _one(_rowBy(STRANGER_KEY, config, 1, 1));
        signature = _sign(RECEIVER_AUTHORIZER_KEY, channels.getClaimBatchDigest(rows));
        _refuse(rows, signature, IChannels.InvalidSignature.selector);
    }

    function test_WhenTheReceiverAuthorizerIsAKey() external {
        // it should claim every row for the receiver
        // it should emit {Claimed} with the caller as sender
        IChannels.ChannelConfig memory other = _salted(1);
        other.receiver = makeAddr("other receiver");
        _deposit(other, DEPOSIT);
        IChannels.VoucherClaim[] memory rows = _two(_row(config, 3), _row(other, 4));
        vm.expectEmit(address(channels));
        emit IChannels.Claimed(id, stranger, 3, 3);
        vm.expectEmit(address(channels));
        emit IChannels.Claimed(channels.getChannelId(other), stranger, 4, 4);
        _submit(RECEIVER_AUTHORIZER_KEY, rows);
        _assertReceiver(3, 0);
        (uint128 claimed,) = channels.receivers(other.receiver, address(token));
        assertEq(claimed, 4);
    }

    function test_A006_WhenTheBatchIsSubmittedAgain() external {
        // it should change nothing and emit nothing
        IChannels.VoucherClaim[] memory rows = _one(_row(config, 3));
        _submit(RECEIVER_AUTHORIZER_KEY, rows);
        vm.recordLogs();
        _submit(RECEIVER_AUTHORIZER_KEY, rows);
        assertEq(vm.getRecordedLogs().length, 0);
        _assertReceiver(3, 0);
    }

    function test_WhenTheReceiverAuthorizerIsAContract() external {
        // it should ask it by ERC-1271
        SmartWallet wallet = new SmartWallet(receiverAuthorizer);
        IChannels.ChannelConfig memory terms = _salted(1);
        terms.receiverAuthorizer = address(wallet);
        _deposit(terms, DEPOSIT);
        _submit(RECEIVER_AUTHORIZER_KEY, _one(_row(terms, 4)));
        _assertReceiver(4, 0);
        wallet.setMode(SmartWallet.Mode.Refuse);
        IChannels.VoucherClaim[] memory rows = _one(_row(terms, 5));
        bytes memory signature = _sign(RECEIVER_AUTHORIZER_KEY, channels.getClaimBatchDigest(rows));
        _refuse(rows, signature, IChannels.InvalidSignature.selector);
    }

    function test_WhenTheReceiverAuthorizerIsASellersAuthorizer() external {
        // it should claim with the settler's signature as long as the settler is registered
        Authorizers authorizers = new Authorizers(address(new Authorizer()));
        address seller = makeAddr("seller");
        IChannels.ChannelConfig memory terms = _salted(1);
        terms.receiverAuthorizer = authorizers.addressOf(seller);
        _deposit(terms, DEPOSIT);
        vm.prank(seller);
        authorizers.register(stranger);
        _submit(STRANGER_KEY, _one(_row(terms, 4)));
        _assertReceiver(4, 0);

        vm.prank(seller);
        authorizers.register(address(0));
        IChannels.VoucherClaim[] memory rows = _one(_row(terms, 5));
        bytes memory signature = _sign(STRANGER_KEY, channels.getClaimBatchDigest(rows));
        _refuse(rows, signature, IChannels.InvalidSignature.selector);
    }
}
