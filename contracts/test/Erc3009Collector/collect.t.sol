// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import { Erc3009Collector } from "../../src/Erc3009Collector.sol";
import { IChannels } from "../../src/interfaces/IChannels.sol";
import { ICollector } from "../../src/interfaces/ICollector.sol";
import { ITestDollar } from "../../src/interfaces/ITestDollar.sol";
import { ChannelsTest } from "../Channels/Channels.t.sol";
import { OddToken } from "../actors/OddToken.sol";
import { ReplayToken } from "../actors/ReplayToken.sol";
import { SmartWallet } from "../actors/SmartWallet.sol";

contract Erc3009CollectorCollectTest is ChannelsTest {
    Erc3009Collector internal erc3009;
    uint256 internal validBefore;

    function setUp() public override {
        super.setUp();
        erc3009 = new Erc3009Collector(address(channels));
        validBefore = block.timestamp + 1 hours;
    }

    function _nonce(uint256 salt) internal view returns (bytes32) {
        return keccak256(abi.encode(id, salt));
    }

    function _digest(address from, uint256 amount, bytes32 nonce) internal view returns (bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                token.RECEIVE_WITH_AUTHORIZATION_TYPEHASH(), from, address(erc3009), amount, 0, validBefore, nonce
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), structHash));
    }

    function _data(uint256 salt, uint256 amount) internal view returns (bytes memory) {
        return abi.encode(0, validBefore, salt, _sign(PAYER_KEY, _digest(config.payer, amount, _nonce(salt))));
    }

    function test_RevertWhen_TheCallerIsNotTheSettlementContract() external {
        // it should revert with OnlyX402BatchSettlement
        bytes memory data = _data(1, DEPOSIT);
        vm.expectRevert(ICollector.OnlyX402BatchSettlement.selector);
        vm.prank(payer);
        erc3009.collect(payer, address(token), DEPOSIT, id, data);
    }

    function test_RevertWhen_TheDataIsMalformed() external {
        // it should revert without a reason
        vm.expectRevert(bytes(""));
        channels.deposit(config, DEPOSIT, address(erc3009), "0x");
    }

    function test_WhenThePayerAuthorizedThisDeposit() external {
        // it should move the tokens through itself to the settlement contract
        // it should use the nonce of channel and salt
        uint256 funds = token.balanceOf(payer);
        bytes memory data = _data(1, DEPOSIT);
        vm.prank(stranger);
        channels.deposit(config, DEPOSIT, address(erc3009), data);
        _assertChannel(id, DEPOSIT, 0);
        assertEq(token.balanceOf(payer), funds - DEPOSIT);
        assertEq(token.balanceOf(address(erc3009)), 0);
        assertTrue(token.authorizationState(payer, _nonce(1)));
    }

    function test_WhenThePayerIsAContractThatAccepts() external {
        // it should collect by ERC-1271
        config.payer = address(new SmartWallet(payer));
        id = channels.getChannelId(config);
        token.mint(config.payer, DEPOSIT);
        channels.deposit(config, DEPOSIT, address(erc3009), _data(1, DEPOSIT));
        _assertChannel(id, DEPOSIT, 0);
    }

    function test_RevertWhen_TheAmountOrTheChannelIsAnother() external {
        // it should revert with the token's error
        bytes memory data = _data(1, DEPOSIT);
        vm.expectPartialRevert(ITestDollar.TestDollar_InvalidSignature.selector);
        channels.deposit(config, DEPOSIT - 1, address(erc3009), data);
        IChannels.ChannelConfig memory hostile = config;
        hostile.payerAuthorizer = stranger;
        hostile.receiver = stranger;
        vm.expectPartialRevert(ITestDollar.TestDollar_InvalidSignature.selector);
        channels.deposit(hostile, DEPOSIT, address(erc3009), data);
    }

    function test_A012_WhenABotSubmitsTheAuthorizationFirst() external {
        // it should leave the payer's funds alone and the deposit possible
        uint256 funds = token.balanceOf(payer);
        bytes memory signature = _sign(PAYER_KEY, _digest(payer, DEPOSIT, _nonce(1)));
        vm.startPrank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(ITestDollar.TestDollar_CallerNotPayee.selector, stranger, address(erc3009))
        );
        token.receiveWithAuthorization(payer, address(erc3009), DEPOSIT, 0, validBefore, _nonce(1), signature);
        vm.expectPartialRevert(ITestDollar.TestDollar_InvalidSignature.selector);
        token.transferWithAuthorization(payer, address(erc3009), DEPOSIT, 0, validBefore, _nonce(1), signature);
        vm.stopPrank();
        assertEq(token.balanceOf(payer), funds);
        channels.deposit(config, DEPOSIT, address(erc3009), _data(1, DEPOSIT));
        _assertChannel(id, DEPOSIT, 0);
    }

    function test_A012_WhenTheSameDepositIsSubmittedTwice() external {
        // it should revert with the token's error and credit once
        bytes memory data = _data(1, DEPOSIT);
        channels.deposit(config, DEPOSIT, address(erc3009), data);
        vm.expectPartialRevert(ITestDollar.TestDollar_AuthorizationUsedOrCanceled.selector);
        channels.deposit(config, DEPOSIT, address(erc3009), data);
        _assertChannel(id, DEPOSIT, 0);
    }

    function test_A014_RevertWhen_TheTokenIgnoresAUsedAuthorization() external {
        // it should revert and credit once
        ReplayToken replay = new ReplayToken();
        config.token = address(replay);
        id = channels.getChannelId(config);
        replay.mint(payer, 2 * DEPOSIT);
        bytes memory data = abi.encode(0, validBefore, 1, "");
        channels.deposit(config, DEPOSIT, address(erc3009), data);
        vm.expectRevert();
        channels.deposit(config, DEPOSIT, address(erc3009), data);
        // Tokens that somebody left in the collector pay for the replay; the payer and the escrow lose nothing.
        replay.mint(address(erc3009), DEPOSIT);
        channels.deposit(config, DEPOSIT, address(erc3009), data);
        assertEq(replay.balanceOf(address(channels)), 2 * DEPOSIT);
        assertEq(replay.balanceOf(payer), DEPOSIT);
    }

    function test_A014_RevertWhen_TheTokenReturnsFalse() external {
        // it should revert with SafeERC20FailedOperation
        OddToken odd = new OddToken(OddToken.Answer.False);
        config.token = address(odd);
        bytes memory call =
            abi.encodeWithSignature("receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)");
        vm.mockCall(address(odd), call, "");
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(odd)));
        channels.deposit(config, DEPOSIT, address(erc3009), abi.encode(0, validBefore, 1, ""));
    }
}
