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

    /// @notice Who meets in a channel, by index.
    struct Place {
        uint8 payer;
        uint8 receiver;
        uint8 token;
        uint40 delay;
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
    Place[] internal _places;
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
        _add({
            place: Place({ payer: 0, receiver: 0, token: 0, delay: 15 minutes }), authorizer: vm.addr(0xD1), key: 0xD1
        });
        _add({ place: Place({ payer: 0, receiver: 1, token: 1, delay: 1 days }), authorizer: vm.addr(0xD1), key: 0xD1 });
        _add({ place: Place({ payer: 1, receiver: 0, token: 0, delay: 30 days }), authorizer: address(0), key: 0xC2 });
        _add({ place: Place({ payer: 1, receiver: 0, token: 1, delay: 1 hours }), authorizer: address(0), key: 0xC2 });
        _add({ place: Place({ payer: 2, receiver: 1, token: 0, delay: 2 hours }), authorizer: address(0), key: 0xC3 });
    }

    function _add(Place memory place, address authorizer, uint256 key) private {
        IChannels.ChannelConfig memory config = IChannels.ChannelConfig({
            payer: payers[place.payer],
            payerAuthorizer: authorizer,
            receiver: receivers[place.receiver],
            receiverAuthorizer: receiverAuthorizer,
            token: address(tokens[place.token]),
            withdrawDelay: place.delay,
            salt: bytes32(ids.length)
        });
        _signerKey[ids.length] = key;
        _configs.push(config);
        _places.push(place);
        ids.push(channels.getChannelId(config));
    }

    function count() external view returns (uint256) {
        return ids.length;
    }

    function configOf(uint256 index) external view returns (IChannels.ChannelConfig memory) {
        return _configs[index];
    }

    function placeOf(uint256 index) external view returns (Place memory) {
        return _places[index];
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

    /// @dev What each party has or can take out, per token: a payer its wallet and whatever is unclaimed, a receiver its
    /// wallet, claimed money, and what its vouchers still claim.
    function _wealth() internal view returns (uint256[5][2] memory all) {
        for (uint256 token = 0; token < 2; ++token) {
            for (uint256 i = 0; i < 3; ++i) {
                all[token][i] = tokens[token].balanceOf(payers[i]);
            }
            for (uint256 i = 0; i < 2; ++i) {
                (uint128 claimed, uint128 settled) = channels.receivers(receivers[i], address(tokens[token]));
                all[token][3 + i] = tokens[token].balanceOf(receivers[i]) + claimed - settled;
            }
        }
        for (uint256 i = 0; i < _places.length; ++i) {
            Place memory place = _places[i];
            all[place.token][place.payer] += availableOf(i);
            all[place.token][3 + place.receiver] += claimableOf(i);
        }
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
