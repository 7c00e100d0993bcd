// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IChannels } from "../../src/interfaces/IChannels.sol";
import { ChannelsTest } from "./Channels.t.sol";

contract ChannelsClaimTest is ChannelsTest {
    function setUp() public override {
        super.setUp();
        _deposit(config, DEPOSIT);
    }

    function _claimAs(address sender, IChannels.VoucherClaim memory row) internal {
        vm.prank(sender);
        channels.claim(_one(row));
    }

    function test_RevertWhen_ThereAreNoRows() external {
        // it should revert with EmptyBatch
        vm.expectRevert(IChannels.EmptyBatch.selector);
        channels.claim(new IChannels.VoucherClaim[](0));
    }

    function test_RevertWhen_TheCallerIsNotOfTheReceiverSide() external {
        // it should revert with NotAuthorizedToClaim
        IChannels.VoucherClaim memory row = _row(config, 1);
        address[3] memory callers = [payer, payerAuthorizer, stranger];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(IChannels.NotAuthorizedToClaim.selector);
            _claimAs(callers[i], row);
        }
    }

    function test_RevertWhen_TheCallerIsNotOfTheReceiverSideOfALaterRow() external {
        // it should revert with NotAuthorizedToClaim for all rows
        IChannels.ChannelConfig memory terms = _salted(1);
        terms.receiver = stranger;
        terms.receiverAuthorizer = stranger;
        _deposit(terms, DEPOSIT);
        IChannels.VoucherClaim[] memory rows = _two(_row(config, 1), _row(terms, 1));
        vm.expectRevert(IChannels.NotAuthorizedToClaim.selector);
        vm.prank(receiver);
        channels.claim(rows);
        _assertChannel(id, DEPOSIT, 0);
    }

    function testFuzz_A006_WhenTheTotalIsNotAboveTheRecordedOne(uint128 total, bytes calldata junk) external {
        // it should change nothing and emit nothing, whatever the signature
        _claim(config, DEPOSIT / 2);
        IChannels.VoucherClaim memory row = _row(config, uint128(bound(total, 0, DEPOSIT / 2)));
        row.signature = junk;
        row.voucher.maxClaimableAmount = 0;
        vm.recordLogs();
        _claimAs(receiver, row);
        assertEq(vm.getRecordedLogs().length, 0);
        _assertChannel(id, DEPOSIT, DEPOSIT / 2);
        _assertReceiver(DEPOSIT / 2, 0);
    }

    function testFuzz_A005_RevertWhen_TheTotalExceedsTheCeiling(uint128 ceiling, uint128 total) external {
        // it should revert with ClaimExceedsCeiling
        ceiling = uint128(bound(ceiling, 0, type(uint128).max - 1));
        total = uint128(bound(total, uint256(ceiling) + 1, type(uint128).max));
        IChannels.VoucherClaim memory row = _rowBy(PAYER_AUTHORIZER_KEY, config, ceiling, total);
        vm.expectRevert(IChannels.ClaimExceedsCeiling.selector);
        _claimAs(receiver, row);
    }

    function testFuzz_A005_RevertWhen_TheTotalExceedsTheBalance(uint128 total) external {
        // it should revert with ClaimExceedsBalance
        total = uint128(bound(total, DEPOSIT + 1, type(uint128).max));
        IChannels.VoucherClaim memory row = _row(config, total);
        vm.expectRevert(IChannels.ClaimExceedsBalance.selector);
        _claimAs(receiver, row);
        _assertChannel(id, DEPOSIT, 0);
    }

    function test_A011_RevertWhen_TheChannelIsUnknown() external {
        // it should revert with ClaimExceedsBalance for a channel without a deposit
        IChannels.ChannelConfig memory terms = _salted(1);
        IChannels.VoucherClaim memory row = _row(terms, 1);
        vm.expectRevert(IChannels.ClaimExceedsBalance.selector);
        _claimAs(receiver, row);
        terms.payer = address(0);
        terms.payerAuthorizer = address(0);
        row = _row(terms, 1);
        row.signature = new bytes(65);
        vm.expectRevert(IChannels.ClaimExceedsBalance.selector);
        _claimAs(receiver, row);
    }

    function test_WhenTheReceiverClaims() external {
        // it should raise the totals of channel and receiver by the difference
        // it should emit {Claimed} with the difference and the new total
        _claim(config, 3);
        IChannels.VoucherClaim memory row = _rowBy(PAYER_AUTHORIZER_KEY, config, DEPOSIT, 10);
        vm.expectEmit(address(channels));
        emit IChannels.Claimed(id, receiver, 7, 10);
        _claimAs(receiver, row);
        _assertChannel(id, DEPOSIT, 10);
        _assertReceiver(10, 0);
        assertEq(token.balanceOf(receiver), 0);
    }

    function test_WhenTheReceiverAuthorizerClaims() external {
        // it should claim for the receiver
        IChannels.VoucherClaim memory row = _row(config, DEPOSIT);
        vm.expectEmit(address(channels));
        emit IChannels.Claimed(id, receiverAuthorizer, DEPOSIT, DEPOSIT);
        _claimAs(receiverAuthorizer, row);
        _assertReceiver(DEPOSIT, 0);
    }

    function testFuzz_A004_WhenClaimedInAnyOrder(uint128[6] memory totals) external {
        // it should record the highest total and credit exactly that
        uint128 highest;
        for (uint256 i = 0; i < totals.length; ++i) {
            uint128 total = uint128(bound(totals[i], 0, DEPOSIT));
            if (total > highest) highest = total;
            _claim(config, total);
            _assertChannel(id, DEPOSIT, highest);
            _assertReceiver(highest, 0);
        }
        channels.settle(receiver, address(token));
        assertEq(token.balanceOf(receiver), highest);
    }

    function test_WhenAChannelStandsInTwoRows() external {
        // it should credit the second row's difference
        IChannels.VoucherClaim[] memory rows = _two(_row(config, 4), _row(config, 9));
        vm.prank(receiver);
        channels.claim(rows);
        _assertChannel(id, DEPOSIT, 9);
        _assertReceiver(9, 0);
    }

    function test_A152_RevertWhen_OneOfFiftyRowsIsInvalid() external {
        // it should revert for all of them
        IChannels.VoucherClaim[] memory rows = new IChannels.VoucherClaim[](50);
        for (uint256 i = 0; i < rows.length; ++i) {
            IChannels.ChannelConfig memory terms = _salted(i + 1);
            _deposit(terms, 5);
            rows[i] = _row(terms, 5);
        }
        bytes memory honest = rows[31].signature;
        rows[31].signature = rows[32].signature;
        vm.prank(receiver);
        vm.expectRevert(IChannels.InvalidSignature.selector);
        channels.claim(rows);
        _assertReceiver(0, 0);

        rows[31].signature = honest;
        vm.prank(receiver);
        channels.claim(rows);
        _assertReceiver(250, 0);
    }

    function test_A007_WhenTheChannelIsDepositedAgainAfterARefund() external {
        // it should claim an old voucher again
        IChannels.VoucherClaim memory old = _row(config, DEPOSIT);
        vm.startPrank(receiver);
        channels.refund(config, DEPOSIT);
        _deposit(config, DEPOSIT);
        channels.claim(_one(old));
        vm.stopPrank();
        _assertChannel(id, DEPOSIT, DEPOSIT);
    }

    function test_WhenAWithdrawalIsRunning() external {
        // it should claim until the withdrawal is finalized
        _initiate(DEPOSIT);
        skip(DELAY + 1 days);
        _claim(config, 4);
        vm.prank(payer);
        channels.finalizeWithdraw(config);
        _assertChannel(id, 4, 4);
        IChannels.VoucherClaim memory row = _row(config, 5);
        vm.expectRevert(IChannels.ClaimExceedsBalance.selector);
        _claimAs(receiver, row);
    }
}
