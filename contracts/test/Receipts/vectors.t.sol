// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import { Logs } from "../../src/Logs.sol";
import { ILogs } from "../../src/interfaces/ILogs.sol";
import { Receipts } from "../../src/libraries/Receipts.sol";

/// @notice Holds the library to the vectors that other languages are held to.
contract ReceiptsVectorsTest is Test {
    string internal constant RECEIPT_FIELDS =
        "(address seller,uint8 rail,bytes32 account,address payer,address agent,bytes32 requestId,uint64 seq,bytes32 prev,bytes32 requestHash,bytes32 responseHash,uint256 asset,uint32 version,bytes32 manifestRoot,bytes32 quoteHash,address token,address payTo,uint64 inputUnits,uint64 outputUnits,uint128 price,uint128 cumulative,uint64 startedAt,uint32 ttftMs,uint32 totalMs,uint8 status)";
    string internal constant QUOTE_FIELDS =
        "(address seller,uint256 asset,uint32 version,bytes32 termsId,bytes32 manifestRoot,address token,address payTo,uint128 perCall,uint128 perInputToken,uint128 perOutputToken,uint128 perSecond,uint128 perImage,uint128 perByte,uint64 validUntil,bytes32 nonce)";
    string internal constant HEAD_FIELDS = "(address seller,uint32 log,uint64 epoch,uint64 size,bytes32 root)";

    string internal json;
    bytes32 internal separator;
    address internal signer;

    function setUp() public {
        json = vm.readFile("test/vectors/receipts.json");
        separator = vm.parseJsonBytes32(json, ".domainSeparator");
        signer = vm.parseJsonAddress(json, ".signer");
    }

    function test_DomainSeparator() public {
        address verifier = vm.parseJsonAddress(json, ".domain.verifyingContract");
        deployCodeTo("Logs.sol:Logs", verifier);
        assertEq(Logs(verifier).DOMAIN_SEPARATOR(), separator);
    }

    function test_Receipts() public view {
        assertEq(keccak256(abi.encodePacked("Receipt", RECEIPT_FIELDS)), Receipts.RECEIPT_TYPEHASH);
        for (uint256 i = 0; i < 2; ++i) {
            _check(string.concat(".receipts[", vm.toString(i), "]"), Receipts.hash(_receipt(i)));
        }
        assertEq(_receipt(1).prev, Receipts.hash(_receipt(0)), "the chain of receipts");
    }

    function test_Batches() public view {
        _check(".batchOfOne", Receipts.hashBatch(Receipts.hash(_receipt(0))));
        assertEq(_recover(0, ".batchOfOne"), signer);
        assertEq(_recover(0, ".batchOfTwo"), signer);
    }

    function test_Quote() public view {
        assertEq(keccak256(abi.encodePacked("Quote", QUOTE_FIELDS)), Receipts.QUOTE_TYPEHASH);
        Receipts.Quote memory quote = abi.decode(_parse(".quote.message", QUOTE_FIELDS), (Receipts.Quote));
        _check(".quote", Receipts.hashQuote(quote));
    }

    function test_CreditNote() public view {
        Receipts.CreditNote memory note = Receipts.CreditNote({
            receipt: vm.parseJsonBytes32(json, ".creditNote.message.receipt"),
            amount: uint128(vm.parseJsonUint(json, ".creditNote.message.amount"))
        });
        _check(".creditNote", Receipts.hashCreditNote(note));
        bytes memory signature = vm.parseJsonBytes(json, ".creditNote.signature");
        assertEq(Receipts.recoverCreditNote(separator, note, signature), signer);
    }

    function test_Head() public {
        ILogs.Head memory head = abi.decode(_parse(".head.message", HEAD_FIELDS), (ILogs.Head));
        address verifier = vm.parseJsonAddress(json, ".domain.verifyingContract");
        deployCodeTo("Logs.sol:Logs", verifier);
        vm.prank(head.seller);
        Logs(verifier).register({ key: signer, notBefore: 0, notAfter: type(uint40).max, capPerEpoch: 0 });
        Logs(verifier).post(head, vm.parseJsonBytes(json, ".head.signature"));
        _check(".head", keccak256(abi.encode(Logs(verifier).HEAD_TYPEHASH(), head)));
    }

    function test_RevertWhen_ThePathIsLongerThanABatch() public {
        bytes32[] memory path = new bytes32[](7);
        Receipts.Receipt memory receipt = _receipt(0);
        vm.expectRevert(abi.encodeWithSelector(Receipts.Receipts_LongPath.selector, 7, 6));
        this.recover(receipt, path, new bytes(65));
    }

    function test_RevertWhen_TheSignatureIsNot65Bytes() public {
        Receipts.Receipt memory receipt = _receipt(0);
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 64));
        this.recover(receipt, new bytes32[](0), new bytes(64));
    }

    function test_RevertWhen_SIsHigh() public {
        bytes memory signature = vm.parseJsonBytes(json, ".batchOfOne.signature");
        (uint8 v, bytes32 r, bytes32 s) = ECDSA.parse(signature);
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes32 high = bytes32(order - uint256(s));
        Receipts.Receipt memory receipt = _receipt(0);
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, high));
        this.recover(receipt, new bytes32[](0), abi.encodePacked(r, high, v == 27 ? uint8(28) : uint8(27)));
    }

    /// @dev A receipt at any place of a batch of any size up to 64 is found, and no other receipt is.
    function testFuzz_EveryPlaceOfABatch(uint256 size, uint256 place, Receipts.Receipt memory receipt) public view {
        size = bound(size, 1, 64);
        place = bound(place, 0, size - 1);
        bytes32[] memory leaves = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) {
            leaves[i] = keccak256(abi.encode(i));
        }
        leaves[place] = Receipts.hash(receipt);

        (bytes32 root, bytes32[] memory path) = _tree(leaves, place);
        bytes32 digest = MessageHashUtils.toTypedDataHash(separator, Receipts.hashBatch(root));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(1, digest);
        assertEq(Receipts.recover(separator, receipt, path, abi.encodePacked(r, s, v)), signer);

        receipt.price ^= 1;
        assertNotEq(Receipts.recover(separator, receipt, path, abi.encodePacked(r, s, v)), signer);
    }

    function recover(Receipts.Receipt memory receipt, bytes32[] memory path, bytes memory signature)
        external
        view
        returns (address)
    {
        return Receipts.recover(separator, receipt, path, signature);
    }

    /// @dev Pairs level by level; the last of an odd level moves up unchanged.
    function _tree(bytes32[] memory level, uint256 place) internal pure returns (bytes32, bytes32[] memory path) {
        path = new bytes32[](0);
        while (level.length > 1) {
            bytes32[] memory next = new bytes32[]((level.length + 1) / 2);
            for (uint256 i = 0; i < next.length; ++i) {
                bool odd = 2 * i + 1 == level.length;
                next[i] = odd ? level[2 * i] : _pair(level[2 * i], level[2 * i + 1]);
            }
            uint256 sibling = place ^ 1;
            if (sibling < level.length) path = _push(path, level[sibling]);
            place /= 2;
            level = next;
        }
        return (level[0], path);
    }

    function _push(bytes32[] memory list, bytes32 item) internal pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) {
            longer[i] = list[i];
        }
        longer[list.length] = item;
    }

    function _pair(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    function _receipt(uint256 index) internal view returns (Receipts.Receipt memory) {
        string memory path = string.concat(".receipts[", vm.toString(index), "].message");
        return abi.decode(_parse(path, RECEIPT_FIELDS), (Receipts.Receipt));
    }

    /// @dev Named apart from the structs of the contracts, which would be looked up by name.
    function _parse(string memory path, string memory fields) internal view returns (bytes memory) {
        return vm.parseJsonType(json, path, string.concat("Sample", fields));
    }

    function _recover(uint256 index, string memory batch) internal view returns (address) {
        return Receipts.recover(
            separator,
            _receipt(index),
            vm.parseJsonBytes32Array(json, string.concat(batch, ".path")),
            vm.parseJsonBytes(json, string.concat(batch, ".signature"))
        );
    }

    /// @dev Struct hash, digest and signer of a sample.
    function _check(string memory path, bytes32 structHash) internal view {
        assertEq(structHash, vm.parseJsonBytes32(json, string.concat(path, ".structHash")), path);
        bytes32 digest = MessageHashUtils.toTypedDataHash(separator, structHash);
        assertEq(digest, vm.parseJsonBytes32(json, string.concat(path, ".digest")), path);
        bytes memory signature = vm.parseJsonBytes(json, string.concat(path, ".signature"));
        assertEq(ECDSA.recover(digest, signature), signer, path);
    }
}
