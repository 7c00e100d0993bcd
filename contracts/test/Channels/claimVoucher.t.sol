// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import { Channels } from "../../src/Channels.sol";
import { IChannels } from "../../src/interfaces/IChannels.sol";
import { SmartWallet } from "../actors/SmartWallet.sol";
import { ChannelsTest } from "./Channels.t.sol";

contract ChannelsClaimVoucherTest is ChannelsTest {
    SmartWallet internal wallet;

    function setUp() public override {
        super.setUp();
        _deposit(config, DEPOSIT);
        wallet = new SmartWallet(payer);
        _fund(address(wallet), DEPOSIT);
    }

    function _refuse(IChannels.VoucherClaim memory row, bytes memory reason) internal {
        vm.prank(receiver);
        vm.expectRevert(reason);
        channels.claim(_one(row));
    }

    function _refuse(IChannels.VoucherClaim memory row) internal {
        _refuse(row, abi.encodePacked(IChannels.InvalidSignature.selector));
    }

    /// @dev Channel of a payer that signs itself.
    function _own(address owner) internal returns (IChannels.ChannelConfig memory terms) {
        terms = config;
        terms.payer = owner;
        terms.payerAuthorizer = address(0);
        _deposit(terms, DEPOSIT);
    }

    function test_RevertWhen_AnotherKeySigned() external {
        // it should revert with InvalidSignature
        _refuse(_rowBy(PAYER_KEY, config, 1, 1));
        _refuse(_rowBy(STRANGER_KEY, config, 1, 1));
        IChannels.VoucherClaim memory row = _rowBy(PAYER_AUTHORIZER_KEY, config, 1, 1);
        row.voucher.maxClaimableAmount = 2;
        _refuse(row);
    }

    function test_A010_RevertWhen_TheLengthIsNot65Bytes() external {
        // it should revert with ECDSAInvalidSignatureLength
        IChannels.VoucherClaim memory row = _row(config, 1);
        (bytes32 r, bytes32 s, uint8 v) = _split(row.signature);
        row.signature = abi.encodePacked(r, uint256(s) | (uint256(v - 27) << 255));
        _refuse(row, abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 64));
        row.signature = abi.encodePacked(r, s, v, uint8(0));
        _refuse(row, abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 66));
        row.signature = "";
        _refuse(row, abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 0));
    }

    function test_A010_RevertWhen_SIsHigh() external {
        // it should revert with ECDSAInvalidSignatureS
        IChannels.VoucherClaim memory row = _row(config, 1);
        row.signature = _flip(row.signature);
        (, bytes32 s,) = _split(row.signature);
        _refuse(row, abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, s));
    }

    function testFuzz_A010_RevertWhen_VIsNeither27Nor28(uint8 wrong) external {
        // it should revert with ECDSAInvalidSignature
        vm.assume(wrong != 27 && wrong != 28);
        IChannels.VoucherClaim memory row = _row(config, 1);
        (bytes32 r, bytes32 s,) = _split(row.signature);
        row.signature = abi.encodePacked(r, s, wrong);
        _refuse(row, abi.encodePacked(ECDSA.ECDSAInvalidSignature.selector));
    }

    function test_RevertWhen_ThePayerAuthorizerIsAContract() external {
        // it should revert with InvalidSignature without asking it
        IChannels.ChannelConfig memory terms = config;
        terms.payerAuthorizer = address(wallet);
        _deposit(terms, DEPOSIT);
        vm.expectCall(address(wallet), "", 0);
        _refuse(_rowBy(PAYER_KEY, terms, 1, 1));
    }

    function test_WhenThePayerSigned() external {
        // it should claim
        IChannels.ChannelConfig memory terms = _own(payer);
        IChannels.VoucherClaim memory row = _rowBy(PAYER_KEY, terms, 5, 5);
        vm.prank(receiver);
        channels.claim(_one(row));
        _assertChannel(channels.getChannelId(terms), DEPOSIT, 5);
        _refuse(_rowBy(PAYER_AUTHORIZER_KEY, terms, 6, 6));
    }

    function test_A010_RevertWhen_ThePayersSignatureIsMalformed() external {
        // it should revert with InvalidSignature for every form
        IChannels.VoucherClaim memory row = _rowBy(PAYER_KEY, _own(payer), 1, 1);
        (bytes32 r, bytes32 s, uint8 v) = _split(row.signature);
        bytes[5] memory forms = [
            _flip(row.signature),
            abi.encodePacked(r, s, v - 27),
            abi.encodePacked(r, s, v, uint8(0)),
            abi.encodePacked(r, uint256(s) | (uint256(v - 27) << 255)),
            new bytes(65)
        ];
        for (uint256 i = 0; i < forms.length; ++i) {
            row.signature = forms[i];
            _refuse(row);
        }
    }

    function test_WhenThePayerIsAContractThatAccepts() external {
        // it should claim by ERC-1271
        IChannels.ChannelConfig memory terms = _own(address(wallet));
        IChannels.VoucherClaim memory row = _rowBy(PAYER_KEY, terms, 5, 5);
        vm.prank(receiver);
        channels.claim(_one(row));
        _assertChannel(channels.getChannelId(terms), DEPOSIT, 5);
    }

    function test_A150_RevertWhen_ThePayerIsAContractThatDoesNotAccept() external {
        // it should revert with InvalidSignature for every refusal
        IChannels.VoucherClaim memory row = _rowBy(PAYER_KEY, _own(address(wallet)), 5, 5);
        SmartWallet.Mode[4] memory modes = [
            SmartWallet.Mode.Refuse, SmartWallet.Mode.Revert, SmartWallet.Mode.BurnGas, SmartWallet.Mode.ReturnShort
        ];
        for (uint256 i = 0; i < modes.length; ++i) {
            wallet.setMode(modes[i]);
            vm.prank(receiver);
            vm.expectRevert(IChannels.InvalidSignature.selector);
            channels.claim{ gas: 5_000_000 }(_one(row));
        }
    }

    function test_A150_WhenThePayerIsAContractThatReenters() external {
        // it should not enter a second time
        IChannels.ChannelConfig memory terms = _own(address(wallet));
        IChannels.VoucherClaim memory row = _rowBy(PAYER_KEY, terms, 5, 5);
        wallet.setReentry(address(channels), abi.encodeCall(IChannels.settle, (receiver, address(token))));
        _refuse(row);
    }

    function test_A150_WhenThePayerIsAContractThatChangesItsAnswer() external {
        // it should refuse later claims and keep earlier ones
        IChannels.ChannelConfig memory terms = _own(address(wallet));
        IChannels.VoucherClaim memory row = _rowBy(PAYER_KEY, terms, 5, 5);
        vm.prank(receiver);
        channels.claim(_one(row));
        wallet.setMode(SmartWallet.Mode.Refuse);
        _refuse(_rowBy(PAYER_KEY, terms, 6, 6));
        _assertChannel(channels.getChannelId(terms), DEPOSIT, 5);
    }

    function test_A001_RevertWhen_ItWasSignedForAnotherChain() external {
        // it should revert with InvalidSignature on this chain
        uint256 here = block.chainid;
        vm.chainId(1);
        IChannels.VoucherClaim memory row = _row(config, 1);
        vm.chainId(here);
        _refuse(row);
    }

    function test_A002_RevertWhen_ItWasSignedForAnotherContract() external {
        // it should revert with InvalidSignature on this contract
        IChannels.VoucherClaim memory row = _row(config, 1);
        IChannels here = channels;
        channels = new Channels();
        row.signature = _row(config, 1).signature;
        channels = here;
        _refuse(row);
    }

    function test_A003_RevertWhen_TheChainForks() external {
        // it should use the new chain id
        IChannels.VoucherClaim memory row = _row(config, 1);
        vm.chainId(block.chainid + 1);
        assertNotEq(channels.getChannelId(config), id);
        _refuse(row, abi.encodePacked(IChannels.ClaimExceedsBalance.selector));
        _deposit(config, DEPOSIT);
        _refuse(row);
        _claim(config, 1);
    }
}
