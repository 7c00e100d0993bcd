// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test, Vm } from "forge-std/Test.sol";

import { Channels } from "../../src/Channels.sol";
import { IChannels } from "../../src/interfaces/IChannels.sol";
import { TestDollar } from "../../src/TestDollar.sol";
import { OpenCollector } from "../actors/OpenCollector.sol";

/// @notice What the tests of channels share. The suite runs against any code with this interface: with `CHANNELS_RUNTIME`
/// set to runtime code in hex, it is put at the canonical address and tested instead of ours.
abstract contract ChannelsTest is Test {
    address internal constant CANONICAL = 0x4020074e9dF2ce1deE5A9C1b5c3f541D02a10003;
    uint256 internal constant PAYER_KEY = 1;
    uint256 internal constant PAYER_AUTHORIZER_KEY = 2;
    uint256 internal constant RECEIVER_AUTHORIZER_KEY = 3;
    uint256 internal constant STRANGER_KEY = 4;
    uint256 internal constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint128 internal constant DEPOSIT = 10e6;
    uint40 internal constant DELAY = 1 days;

    address internal payer = vm.addr(PAYER_KEY);
    address internal payerAuthorizer = vm.addr(PAYER_AUTHORIZER_KEY);
    address internal receiver = makeAddr("receiver");
    address internal receiverAuthorizer = vm.addr(RECEIVER_AUTHORIZER_KEY);
    address internal stranger = vm.addr(STRANGER_KEY);

    IChannels internal channels;
    TestDollar internal token;
    OpenCollector internal collector;
    IChannels.ChannelConfig internal config;
    bytes32 internal id;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        channels = _deployChannels();
        token = new TestDollar(address(this));
        collector = new OpenCollector();
        config = IChannels.ChannelConfig({
            payer: payer,
            payerAuthorizer: payerAuthorizer,
            receiver: receiver,
            receiverAuthorizer: receiverAuthorizer,
            token: address(token),
            withdrawDelay: DELAY,
            salt: 0
        });
        id = channels.getChannelId(config);
        _fund(payer, 1_000_000e6);
    }

    function _deployChannels() internal returns (IChannels) {
        bytes memory runtime = vm.envOr("CHANNELS_RUNTIME", bytes(""));
        if (runtime.length == 0) return new Channels();
        vm.etch(CANONICAL, runtime);
        return IChannels(CANONICAL);
    }

    function _fund(address account, uint256 amount) internal {
        token.mint(account, amount);
        vm.prank(account);
        token.approve(address(collector), type(uint256).max);
    }

    function _deposit(IChannels.ChannelConfig memory terms, uint128 amount) internal {
        channels.deposit(terms, amount, address(collector), "");
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev A row whose voucher the given key signed.
    function _rowBy(uint256 key, IChannels.ChannelConfig memory terms, uint128 ceiling, uint128 total)
        internal
        view
        returns (IChannels.VoucherClaim memory)
    {
        bytes32 digest = channels.getVoucherDigest(channels.getChannelId(terms), ceiling);
        return IChannels.VoucherClaim({
            voucher: IChannels.Voucher({ channel: terms, maxClaimableAmount: ceiling }),
            signature: _sign(key, digest),
            totalClaimed: total
        });
    }

    function _row(IChannels.ChannelConfig memory terms, uint128 total)
        internal
        view
        returns (IChannels.VoucherClaim memory)
    {
        return _rowBy(PAYER_AUTHORIZER_KEY, terms, total, total);
    }

    function _one(IChannels.VoucherClaim memory row) internal pure returns (IChannels.VoucherClaim[] memory rows) {
        rows = new IChannels.VoucherClaim[](1);
        rows[0] = row;
    }

    function _two(IChannels.VoucherClaim memory first, IChannels.VoucherClaim memory second)
        internal
        pure
        returns (IChannels.VoucherClaim[] memory rows)
    {
        rows = new IChannels.VoucherClaim[](2);
        (rows[0], rows[1]) = (first, second);
    }

    function _claim(IChannels.ChannelConfig memory terms, uint128 total) internal {
        IChannels.VoucherClaim[] memory rows = _one(_row(terms, total));
        vm.prank(terms.receiverAuthorizer);
        channels.claim(rows);
    }

    function _initiate(uint128 amount) internal {
        vm.prank(payer);
        channels.initiateWithdraw(config, amount);
    }

    function _salted(uint256 salt) internal view returns (IChannels.ChannelConfig memory terms) {
        terms = config;
        terms.salt = bytes32(salt);
    }

    /// @dev The same signature with the other s and the other v.
    function _flip(bytes memory signature) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s, uint8 v) = _split(signature);
        return abi.encodePacked(r, bytes32(CURVE_ORDER - uint256(s)), v == 27 ? 28 : 27);
    }

    function _split(bytes memory signature) internal pure returns (bytes32 r, bytes32 s, uint8 v) {
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
            v := byte(0, mload(add(signature, 0x60)))
        }
    }

    function _assertChannel(bytes32 channelId, uint128 balance, uint128 claimed) internal view {
        (uint128 actualBalance, uint128 actualClaimed) = channels.channels(channelId);
        assertEq(actualBalance, balance, "balance");
        assertEq(actualClaimed, claimed, "claimed");
    }

    function _assertReceiver(uint128 claimed, uint128 settled) internal view {
        (uint128 actualClaimed, uint128 actualSettled) = channels.receivers(receiver, address(token));
        assertEq(actualClaimed, claimed, "receiver claimed");
        assertEq(actualSettled, settled, "receiver settled");
    }

    function _assertPending(uint128 amount, uint40 initiatedAt) internal view {
        (uint128 actualAmount, uint40 actualAt) = channels.pendingWithdrawals(id);
        assertEq(actualAmount, amount, "pending amount");
        assertEq(actualAt, initiatedAt, "pending since");
    }

    /// @dev The recorded logs are exactly these, in this order. A token's transfer counts.
    function _assertLogs(bytes32[3] memory topics, uint256 count) internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, count, "number of logs");
        for (uint256 i = 0; i < count; ++i) {
            assertEq(logs[i].topics[0], topics[i], "order of logs");
        }
    }
}
