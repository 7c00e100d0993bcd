// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AllowanceCollector } from "../../src/AllowanceCollector.sol";
import { Erc3009Collector } from "../../src/Erc3009Collector.sol";
import { IChannels } from "../../src/interfaces/IChannels.sol";
import { ChannelsTest } from "../Channels/Channels.t.sol";
import { PlainToken } from "../actors/PlainToken.sol";

/// @notice Gas of whole transactions, base fee and calldata included, written to `contracts/snapshots`.
/// @dev Each call is its own transaction. The token is a plain ERC-20, the payer authorizer a key, and the token
/// balances that a transaction raises are not zero before, except where a name says so.
/// forge-config: default.isolate = true
contract ChannelsGasTest is ChannelsTest {
    string internal constant GROUP = "Channels";
    PlainToken internal plain;

    function setUp() public override {
        super.setUp();
        plain = new PlainToken();
        config.token = address(plain);
        config.salt = keccak256("gas");
        plain.mint(payer, 1_000_000e6);
        plain.mint(receiver, 1);
        vm.prank(payer);
        plain.approve(address(collector), type(uint256).max);
        id = channels.getChannelId(config);
    }

    function _open(uint256 salt) internal returns (IChannels.ChannelConfig memory terms) {
        terms = config;
        terms.salt = keccak256(abi.encode(salt));
        _deposit(terms, DEPOSIT);
    }

    function _rows(uint256 count, uint256 from) internal returns (IChannels.VoucherClaim[] memory rows) {
        rows = new IChannels.VoucherClaim[](count);
        for (uint256 i = 0; i < count; ++i) {
            rows[i] = _rowBy(PAYER_AUTHORIZER_KEY, _open(from + i), DEPOSIT, DEPOSIT / 2);
        }
    }

    function _measureClaim(uint256 count, string memory name) internal {
        IChannels.VoucherClaim[] memory first = _rows(1, 0);
        IChannels.VoucherClaim[] memory rows = _rows(count, 1);
        vm.prank(receiverAuthorizer);
        channels.claim(first);
        vm.prank(receiverAuthorizer);
        channels.claim(rows);
        vm.snapshotValue(GROUP, name, vm.lastCallGas().gasTotalUsed / count);
    }

    function test_OpenByAllowance() external {
        _open(0);
        _deposit(config, DEPOSIT);
        vm.snapshotGasLastCall(GROUP, "open by an open collector's allowance");
    }

    function test_OpenBySignedAllowance() external {
        _open(0);
        AllowanceCollector signed = new AllowanceCollector(address(channels));
        vm.prank(payer);
        plain.approve(address(signed), type(uint256).max);
        bytes memory data = _signedDeposit(signed, 0);
        channels.deposit(config, DEPOSIT, address(signed), data);
        vm.snapshotGasLastCall(GROUP, "open by AllowanceCollector, first nonce of a word");
        data = _signedDeposit(signed, 1);
        channels.deposit(config, DEPOSIT, address(signed), data);
        vm.snapshotGasLastCall(GROUP, "top up by AllowanceCollector, later nonce of a word");
    }

    function _signedDeposit(AllowanceCollector signed, uint256 nonce) internal view returns (bytes memory) {
        uint256 deadline = block.timestamp + 1 hours;
        bytes32 digest = signed.getDepositDigest(id, address(plain), DEPOSIT, nonce, deadline);
        return abi.encode(nonce, deadline, _sign(PAYER_KEY, digest));
    }

    function test_OpenByErc3009() external {
        config.token = address(token);
        id = channels.getChannelId(config);
        token.mint(address(channels), 1);
        Erc3009Collector erc3009 = new Erc3009Collector(address(channels));
        bytes32 nonce = keccak256(abi.encode(id, uint256(7)));
        bytes32 structHash = keccak256(
            abi.encode(
                token.RECEIVE_WITH_AUTHORIZATION_TYPEHASH(),
                payer,
                address(erc3009),
                uint256(DEPOSIT),
                0,
                type(uint256).max,
                nonce
            )
        );
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), structHash));
        bytes memory data = abi.encode(0, type(uint256).max, 7, _sign(PAYER_KEY, digest));
        channels.deposit(config, DEPOSIT, address(erc3009), data);
        vm.snapshotGasLastCall(GROUP, "open by Erc3009Collector");
    }

    function test_Claim() external {
        IChannels.VoucherClaim[] memory rows = _rows(1, 0);
        vm.prank(receiverAuthorizer);
        channels.claim(rows);
        vm.snapshotGasLastCall(GROUP, "claim 1, first of a receiver");
    }

    function test_Claim1() external {
        _measureClaim(1, "claim 1, per channel");
    }

    function test_Claim10() external {
        _measureClaim(10, "claim 10, per channel");
    }

    function test_Claim100() external {
        _measureClaim(100, "claim 100, per channel");
    }

    function test_Settle() external {
        IChannels.VoucherClaim[] memory rows = _rows(2, 0);
        vm.prank(receiverAuthorizer);
        channels.claim(_one(rows[0]));
        channels.settle(receiver, address(plain));
        vm.snapshotGasLastCall(GROUP, "settle, first of a receiver");
        vm.prank(receiverAuthorizer);
        channels.claim(_one(rows[1]));
        channels.settle(receiver, address(plain));
        vm.snapshotGasLastCall(GROUP, "settle");
    }

    function test_Refund() external {
        _deposit(config, DEPOSIT);
        vm.prank(receiver);
        channels.refund(config, DEPOSIT / 2);
        vm.snapshotGasLastCall(GROUP, "refund, first of a channel");
    }

    function test_Withdraw() external {
        _deposit(config, DEPOSIT);
        vm.prank(payer);
        channels.initiateWithdraw(config, DEPOSIT / 2);
        vm.snapshotGasLastCall(GROUP, "initiateWithdraw");
        skip(DELAY);
        vm.prank(payer);
        channels.finalizeWithdraw(config);
        vm.snapshotGasLastCall(GROUP, "finalizeWithdraw");
    }
}
