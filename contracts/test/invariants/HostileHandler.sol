// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { CommonBase } from "forge-std/Base.sol";
import { StdUtils } from "forge-std/StdUtils.sol";

import { IChannels } from "../../src/interfaces/IChannels.sol";
import { HostileToken } from "../actors/HostileToken.sol";
import { PlainToken } from "../actors/PlainToken.sol";
import { SponsorCollector } from "../actors/SponsorCollector.sol";

/// @notice One channel in an honest token and one in a hostile one, between the same parties. Calls on the honest channel
/// must succeed, whatever the hostile token did before; calls on the hostile one may fail.
contract HostileHandler is CommonBase, StdUtils {
    uint256 internal constant PAYER_KEY = 0xC1;
    address internal constant FUND = address(0xF00D);
    address public constant RECEIVER = address(0xAA01);

    IChannels public immutable channels;
    PlainToken public immutable honest = new PlainToken();
    HostileToken public immutable hostile;
    SponsorCollector internal immutable _sponsor = new SponsorCollector();
    address public immutable payer = vm.addr(PAYER_KEY);

    /// @notice Atoms of the honest token that the channel received.
    uint256 public deposited;

    constructor(IChannels channels_) {
        channels = channels_;
        hostile = new HostileToken(address(channels_));
        honest.mint(FUND, type(uint128).max);
        hostile.mint(FUND, type(uint128).max);
        vm.startPrank(FUND);
        honest.approve(address(_sponsor), type(uint256).max);
        hostile.approve(address(_sponsor), type(uint256).max);
        vm.stopPrank();
    }

    function configOf(bool isHonest) public view returns (IChannels.ChannelConfig memory) {
        return IChannels.ChannelConfig({
            payer: payer,
            payerAuthorizer: address(0),
            receiver: RECEIVER,
            receiverAuthorizer: RECEIVER,
            token: isHonest ? address(honest) : address(hostile),
            withdrawDelay: 15 minutes,
            salt: 0
        });
    }

    function setMode(uint256 mode, uint256 callback, bool aimAtHonest) external {
        IChannels.ChannelConfig memory config = configOf(aimAtHonest);
        bytes[4] memory calls = [
            abi.encodeCall(IChannels.settle, (RECEIVER, config.token)),
            abi.encodeCall(IChannels.finalizeWithdraw, (config)),
            abi.encodeCall(IChannels.refund, (config, 1)),
            abi.encodeCall(IChannels.deposit, (config, 1, address(_sponsor), abi.encode(FUND)))
        ];
        hostile.set(HostileToken.Mode(bound(mode, 0, 5)), calls[bound(callback, 0, 3)]);
    }

    function deposit(bool isHonest, uint128 amount) external {
        amount = uint128(bound(amount, 1, 1e12));
        IChannels.ChannelConfig memory config = configOf(isHonest);
        _call(isHonest, payer, abi.encodeCall(IChannels.deposit, (config, amount, address(_sponsor), abi.encode(FUND))));
        if (isHonest) deposited += amount;
    }

    function claim(bool isHonest, uint128 total) external {
        IChannels.ChannelConfig memory config = configOf(isHonest);
        bytes32 id = channels.getChannelId(config);
        (uint128 balance,) = channels.channels(id);
        total = uint128(bound(total, 0, balance));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(PAYER_KEY, channels.getVoucherDigest(id, total));
        IChannels.VoucherClaim[] memory rows = new IChannels.VoucherClaim[](1);
        rows[0] = IChannels.VoucherClaim({
            voucher: IChannels.Voucher({ channel: config, maxClaimableAmount: total }),
            signature: abi.encodePacked(r, s, v),
            totalClaimed: total
        });
        _call(isHonest, RECEIVER, abi.encodeCall(IChannels.claim, (rows)));
    }

    function settle(bool isHonest) external {
        _call(isHonest, address(this), abi.encodeCall(IChannels.settle, (RECEIVER, configOf(isHonest).token)));
    }

    function refund(bool isHonest, uint128 amount) external {
        amount = uint128(bound(amount, 1, 1e12));
        _call(isHonest, RECEIVER, abi.encodeCall(IChannels.refund, (configOf(isHonest), amount)));
    }

    function withdraw(bool isHonest) external {
        IChannels.ChannelConfig memory config = configOf(isHonest);
        bytes32 id = channels.getChannelId(config);
        (, uint40 initiatedAt) = channels.pendingWithdrawals(id);
        (uint128 balance, uint128 claimed) = channels.channels(id);
        if (initiatedAt == 0) {
            if (balance == claimed) return;
            _call(true, payer, abi.encodeCall(IChannels.initiateWithdraw, (config, balance - claimed)));
        }
        vm.warp(block.timestamp + 15 minutes);
        _call(isHonest, payer, abi.encodeCall(IChannels.finalizeWithdraw, (config)));
    }

    function _call(bool mustSucceed, address sender, bytes memory data) private {
        vm.prank(sender);
        (bool success,) = address(channels).call(data);
        require(success || !mustSucceed, "the honest channel is blocked");
    }
}
