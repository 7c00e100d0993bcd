// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { CommonBase } from "forge-std/Base.sol";
import { StdUtils } from "forge-std/StdUtils.sol";

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { IChannels } from "../../src/interfaces/IChannels.sol";
import { PlainToken } from "../actors/PlainToken.sol";
import { SmartWallet } from "../actors/SmartWallet.sol";
import { SponsorCollector } from "../actors/SponsorCollector.sol";

/// @notice Parties, channels and the books that the invariants of channels are checked against.
abstract contract ChannelsWorld is CommonBase, StdUtils {
    /// @param deposited Atoms that reached the channel.
    /// @param returned Atoms that the payer got back by refunds and withdrawals.
    /// @param signed The highest total that the payer side ever signed.
    /// @param seen The highest total claimed that was ever observed.
    /// @param windowEnd The second at which the running withdrawal may end, zero without one.
    struct Book {
        uint256 deposited;
        uint256 returned;
        uint128 signed;
        uint128 seen;
        uint256 windowEnd;
    }

    uint256 internal constant RECEIVER_AUTHORIZER_KEY = 0xA1;
    uint256 internal constant STRANGER_KEY = 0xB1;

    IChannels public immutable channels;
    SponsorCollector internal immutable sponsor = new SponsorCollector();
    address internal immutable sponsorFund = address(0xF00D);
    address internal immutable stranger = vm.addr(STRANGER_KEY);
    address internal immutable receiverAuthorizer = vm.addr(RECEIVER_AUTHORIZER_KEY);

    IERC20[] public tokens;
    address[] public receivers;
    address[] public payers;
    IChannels.ChannelConfig[] internal _configs;
    bytes32[] public ids;
    mapping(uint256 index => uint256 key) internal _signerKey;
    mapping(uint256 index => Book) internal _books;
    mapping(IERC20 token => uint256) public donated;

    /// @notice Whether a total claimed was ever lower than one seen before.
    bool public decreased;
    /// @notice Whether a call of a third party ever cost a party something.
    bool public harmed;
    /// @notice Whether a withdrawal ever ended before its delay.
    bool public early;
    /// @notice The number of calls of each kind that had an effect.
    mapping(string action => uint256) public effects;

    constructor(IChannels channels_) {
        channels = channels_;
        receivers.push(address(0xAA01));
        receivers.push(address(0xAA02));
        payers.push(vm.addr(0xC1));
        payers.push(vm.addr(0xC2));
        payers.push(address(new SmartWallet(vm.addr(0xC3))));
        for (uint256 i = 0; i < 2; ++i) {
            PlainToken token = new PlainToken();
            token.mint(sponsorFund, type(uint128).max);
            vm.prank(sponsorFund);
            token.approve(address(sponsor), type(uint256).max);
            tokens.push(token);
        }
        // The first payer has an authorizer, the second signs itself, the third is a contract.
        _add({ payer: payers[0], authorizer: vm.addr(0xD1), key: 0xD1, receiver: 0, token: 0, delay: 15 minutes });
        _add({ payer: payers[0], authorizer: vm.addr(0xD1), key: 0xD1, receiver: 1, token: 1, delay: 1 days });
        _add({ payer: payers[1], authorizer: address(0), key: 0xC2, receiver: 0, token: 0, delay: 30 days });
        _add({ payer: payers[1], authorizer: address(0), key: 0xC2, receiver: 0, token: 1, delay: 1 hours });
        _add({ payer: payers[2], authorizer: address(0), key: 0xC3, receiver: 1, token: 0, delay: 2 hours });
    }

    function _add(address payer, address authorizer, uint256 key, uint256 receiver, uint256 token, uint40 delay)
        private
    {
        IChannels.ChannelConfig memory config = IChannels.ChannelConfig({
            payer: payer,
            payerAuthorizer: authorizer,
            receiver: receivers[receiver],
            receiverAuthorizer: receiverAuthorizer,
            token: address(tokens[token]),
            withdrawDelay: delay,
            salt: bytes32(ids.length)
        });
        _signerKey[ids.length] = key;
        _configs.push(config);
        ids.push(channels.getChannelId(config));
    }

    function count() external view returns (uint256) {
        return ids.length;
    }

    function configOf(uint256 index) external view returns (IChannels.ChannelConfig memory) {
        return _configs[index];
    }

    function bookOf(uint256 index) external view returns (Book memory) {
        return _books[index];
    }

    /// @notice A row for a total that the payer side did sign or, above it, does not.
    function rowOf(uint256 index, uint128 total) public view returns (IChannels.VoucherClaim memory) {
        uint128 ceiling = _books[index].signed;
        return IChannels.VoucherClaim({
            voucher: IChannels.Voucher({ channel: _configs[index], maxClaimableAmount: ceiling }),
            signature: _sign(_signerKey[index], channels.getVoucherDigest(ids[index], ceiling)),
            totalClaimed: total
        });
    }

    function availableOf(uint256 index) public view returns (uint128) {
        (uint128 balance, uint128 claimed) = channels.channels(ids[index]);
        return balance - claimed;
    }

    /// @notice What the receiver can still claim with the vouchers it holds.
    function claimableOf(uint256 index) public view returns (uint128) {
        (uint128 balance, uint128 claimed) = channels.channels(ids[index]);
        uint128 ceiling = _books[index].signed < balance ? _books[index].signed : balance;
        return ceiling > claimed ? ceiling - claimed : 0;
    }

    /// @notice What a payer has or can take out: its wallet and whatever is unclaimed.
    function wealthOfPayer(uint256 payer, uint256 token) public view returns (uint256 sum) {
        sum = tokens[token].balanceOf(payers[payer]);
        for (uint256 i = 0; i < ids.length; ++i) {
            if (_configs[i].payer == payers[payer] && _configs[i].token == address(tokens[token])) {
                sum += availableOf(i);
            }
        }
    }

    /// @notice What a receiver has or can take out: its wallet, claimed money, and what its vouchers still claim.
    function wealthOfReceiver(uint256 receiver, uint256 token) public view returns (uint256 sum) {
        (uint128 claimed, uint128 settled) = channels.receivers(receivers[receiver], address(tokens[token]));
        sum = tokens[token].balanceOf(receivers[receiver]) + claimed - settled;
        for (uint256 i = 0; i < ids.length; ++i) {
            if (_configs[i].receiver == receivers[receiver] && _configs[i].token == address(tokens[token])) {
                sum += claimableOf(i);
            }
        }
    }

    function _wealth() internal view returns (uint256[10] memory all) {
        for (uint256 token = 0; token < 2; ++token) {
            for (uint256 i = 0; i < 3; ++i) {
                all[token * 5 + i] = wealthOfPayer(i, token);
            }
            for (uint256 i = 0; i < 2; ++i) {
                all[token * 5 + 3 + i] = wealthOfReceiver(i, token);
            }
        }
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
