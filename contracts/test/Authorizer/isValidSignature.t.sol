// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";

import { Authorizer } from "../../src/Authorizer.sol";
import { AuthorizersTest } from "../Authorizers/Authorizers.t.sol";
import { SmartWallet } from "../actors/SmartWallet.sol";

contract AuthorizerIsValidSignatureTest is AuthorizersTest {
    uint256 internal constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    bytes32 internal constant DIGEST = keccak256("digest");
    bytes4 internal constant VALID = IERC1271.isValidSignature.selector;
    bytes4 internal constant INVALID = 0xffffffff;

    Authorizer internal authorizer;

    function setUp() public override {
        super.setUp();
        vm.prank(seller);
        authorizer = Authorizer(authorizers.register(settler));
    }

    function _assertAnswer(bytes memory signature, bytes4 answer) internal view {
        assertEq(authorizer.isValidSignature(DIGEST, signature), answer);
    }

    function test_WhenTheSellerSigned() external view {
        // it should answer the magic value for the seller
        _assertAnswer(_sign(SELLER_KEY, DIGEST), VALID);
    }

    function test_WhenTheSettlerSigned() external {
        // it should answer the magic value as long as the settler is registered
        _assertAnswer(_sign(SETTLER_KEY, DIGEST), VALID);
        vm.prank(seller);
        authorizers.register(stranger);
        _assertAnswer(_sign(SETTLER_KEY, DIGEST), INVALID);
        _assertAnswer(_sign(STRANGER_KEY, DIGEST), VALID);
        vm.prank(seller);
        authorizers.register(address(0));
        _assertAnswer(_sign(STRANGER_KEY, DIGEST), INVALID);
        _assertAnswer(new bytes(65), INVALID);
    }

    function testFuzz_RevertWhen_AnotherKeySigned(uint256 key) external view {
        // it should answer no for every other key
        key = bound(key, 1, CURVE_ORDER - 1);
        vm.assume(key != SELLER_KEY && key != SETTLER_KEY);
        _assertAnswer(_sign(key, DIGEST), INVALID);
    }

    function test_WhenTheSettlerOfAnotherSellerSigned() external {
        // it should answer no for another seller's settler
        vm.prank(stranger);
        authorizers.register(stranger);
        _assertAnswer(_sign(STRANGER_KEY, DIGEST), INVALID);
    }

    function testFuzz_WhenTheSignatureIsJunk(bytes calldata junk) external view {
        // it should answer no without a revert
        _assertAnswer(junk, INVALID);
    }

    function testFuzz_A010_WhenTheSignatureIsMalleable(uint256 key, uint8 wrong) external view {
        // it should answer no for the other s, another v, and another length
        key = key % 2 == 0 ? SELLER_KEY : SETTLER_KEY;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, DIGEST);
        _assertAnswer(abi.encodePacked(r, bytes32(CURVE_ORDER - uint256(s)), v == 27 ? 28 : 27), INVALID);
        _assertAnswer(abi.encodePacked(r, s, v, wrong), INVALID);
        _assertAnswer(abi.encodePacked(r, uint256(s) | (uint256(v - 27) << 255)), INVALID);
        if (wrong != v) _assertAnswer(abi.encodePacked(r, s, wrong), INVALID);
    }

    function _ofContract() internal returns (SmartWallet wallet) {
        wallet = new SmartWallet(seller);
        authorizer = Authorizer(authorizers.deploy(address(wallet)));
    }

    function test_WhenTheSellerIsAContractThatAccepts() external {
        // it should answer the magic value for the contract's own signature
        _ofContract();
        _assertAnswer(_sign(SELLER_KEY, DIGEST), VALID);
        _assertAnswer(_sign(SETTLER_KEY, DIGEST), INVALID);
    }

    function test_WhenTheSellerIsAContractWithASettler() external {
        // it should answer the magic value for the settler without asking the contract
        SmartWallet wallet = _ofContract();
        wallet.execute(address(authorizers), abi.encodeCall(authorizers.register, (settler)));
        wallet.setMode(SmartWallet.Mode.BurnGas);
        _assertAnswer(_sign(SETTLER_KEY, DIGEST), VALID);
    }

    function test_A150_WhenTheSellerIsAContractThatMisbehaves() external {
        // it should answer no within its gas cap
        SmartWallet wallet = _ofContract();
        bytes memory signature = _sign(SELLER_KEY, DIGEST);
        SmartWallet.Mode[5] memory modes = [
            SmartWallet.Mode.Refuse,
            SmartWallet.Mode.Revert,
            SmartWallet.Mode.BurnGas,
            SmartWallet.Mode.ReturnShort,
            SmartWallet.Mode.ReturnHuge
        ];
        for (uint256 i = 0; i < modes.length; ++i) {
            wallet.setMode(modes[i]);
            uint256 before = gasleft();
            _assertAnswer(signature, INVALID);
            assertLt(before - gasleft(), 2 * authorizer.SELLER_GAS());
        }
    }

    function test_A150_WhenTheSellerIsAContractThatReenters() external {
        // it should answer by what the contract answers in the end
        SmartWallet wallet = _ofContract();
        wallet.setReentry(address(authorizers), abi.encodeCall(authorizers.register, (stranger)));
        _assertAnswer(_sign(SELLER_KEY, DIGEST), INVALID);
        assertEq(authorizers.settlerOf(address(wallet)), address(0));
    }

    function test_WhenAskedAtTheImplementation() external {
        // it should answer no for everybody
        authorizer = implementation;
        _assertAnswer(_sign(SELLER_KEY, DIGEST), INVALID);
    }
}
