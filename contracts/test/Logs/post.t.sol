// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { ILogs } from "../../src/interfaces/ILogs.sol";
import { LogsTest } from "./Logs.t.sol";

contract LogsPostTest is LogsTest {
    bytes32 internal constant ROOT = keccak256("root");

    function setUp() public override {
        super.setUp();
        _register();
    }

    function test_RevertWhen_ItHasNot65Bytes() public {
        // it should revert with {ECDSAInvalidSignatureLength}
        ILogs.Head memory head = _head(1, 1, ROOT);
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 64));
        book.post(head, new bytes(64));
    }

    function test_RevertWhen_SIsHigh() public {
        // it should revert with {ECDSAInvalidSignatureS}
        ILogs.Head memory head = _head(1, 1, ROOT);
        (uint8 v, bytes32 r, bytes32 s) = ECDSA.parse(_sign(RECEIPT_KEY, head));
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes32 high = bytes32(order - uint256(s));
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, high));
        book.post(head, abi.encodePacked(r, high, v == 27 ? uint8(28) : uint8(27)));
    }

    function test_RevertWhen_TheSignerIsNoKeyOfTheSeller() public {
        // it should revert with {Logs_InvalidSigner}
        ILogs.Head memory head = _head(1, 1, ROOT);
        bytes memory signature = _sign(0xBAD, head);
        vm.expectRevert(abi.encodeWithSelector(ILogs.Logs_InvalidSigner.selector, seller, vm.addr(0xBAD), START));
        book.post(head, signature);
    }

    function test_RevertGiven_TheKeyIsNotValidYet() public {
        // it should revert with {Logs_InvalidSigner}
        vm.warp(START - 1);
        _expectInvalid(_head(1, 1, ROOT));
    }

    function test_RevertGiven_TheKeyHasEnded() public {
        // it should revert with {Logs_InvalidSigner}
        vm.warp(END);
        _expectInvalid(_head(1, 1, ROOT));
    }

    function testFuzz_RevertWhen_AFieldDiffersFromWhatWasSigned(uint8 field) public {
        // it should revert with {Logs_InvalidSigner}
        ILogs.Head memory head = _head(1, 1, ROOT);
        bytes memory signature = _sign(RECEIPT_KEY, head);
        field %= 5;
        if (field == 0) head.seller = stranger;
        if (field == 1) head.log ^= 1;
        if (field == 2) head.epoch ^= 2;
        if (field == 3) head.size ^= 2;
        if (field == 4) head.root ^= bytes32(uint256(1));
        vm.expectPartialRevert(ILogs.Logs_InvalidSigner.selector);
        book.post(head, signature);
    }

    function testFuzz_RevertWhen_TheEpochDoesNotFollowTheLastOne(uint64 epoch) public {
        // it should revert with {Logs_WrongEpoch}
        _post(_head(1, 1, ROOT));
        vm.assume(epoch != 2);
        ILogs.Head memory head = _head(epoch, 2, ROOT);
        bytes memory signature = _sign(RECEIPT_KEY, head);
        vm.expectRevert(abi.encodeWithSelector(ILogs.Logs_WrongEpoch.selector, epoch, 2));
        book.post(head, signature);
    }

    function test_RevertWhen_TheHeadOfAnEpochIsPostedAgain() public {
        // it should revert with {Logs_WrongEpoch}
        _post(_head(1, 1, ROOT));
        ILogs.Head memory head = _head(1, 1, ROOT);
        bytes memory signature = _sign(RECEIPT_KEY, head);
        vm.expectRevert(abi.encodeWithSelector(ILogs.Logs_WrongEpoch.selector, 1, 2));
        book.post(head, signature);
    }

    function testFuzz_RevertWhen_TheLogShrinks(uint64 size, uint64 less) public {
        // it should revert with {Logs_ShrunkLog}
        size = uint64(bound(size, 1, type(uint64).max));
        less = uint64(bound(less, 0, size - 1));
        _post(_head(1, size, ROOT));
        ILogs.Head memory head = _head(2, less, ROOT);
        bytes memory signature = _sign(RECEIPT_KEY, head);
        vm.expectRevert(abi.encodeWithSelector(ILogs.Logs_ShrunkLog.selector, less, size));
        book.post(head, signature);
    }

    function test_RevertWhen_TheRootDiffers() public {
        // it should revert with {Logs_ChangedRoot}
        _post(_head(1, 5, ROOT));
        ILogs.Head memory head = _head(2, 5, keccak256("other"));
        bytes memory signature = _sign(RECEIPT_KEY, head);
        vm.expectRevert(abi.encodeWithSelector(ILogs.Logs_ChangedRoot.selector, keccak256("other"), ROOT));
        book.post(head, signature);
    }

    function test_WhenTheRootIsEqual() public {
        // it should anchor the head
        _post(_head(1, 5, ROOT));
        _post(_head(2, 5, ROOT));
        _assertLatest(2, 5, ROOT);
    }

    function test_RevertWhen_TheRootIsNotZero() public {
        // it should revert with {Logs_ChangedRoot}
        ILogs.Head memory head = _head(1, 0, ROOT);
        bytes memory signature = _sign(RECEIPT_KEY, head);
        vm.expectRevert(abi.encodeWithSelector(ILogs.Logs_ChangedRoot.selector, ROOT, bytes32(0)));
        book.post(head, signature);
    }

    function test_WhenTheRootIsZero() public {
        // it should anchor the head of an empty log
        _post(_head(1, 0, 0));
        _assertLatest(1, 0, 0);
    }

    function testFuzz_WhenTheLogGrows(uint64 size, uint64 more, address submitter) public {
        size = uint64(bound(size, 1, type(uint64).max - 1));
        more = uint64(bound(more, size + 1, type(uint64).max));
        _post(_head(1, size, ROOT));
        ILogs.Head memory head = _head(2, more, keccak256("second"));
        bytes memory signature = _sign(RECEIPT_KEY, head);

        // it should emit {Post}
        vm.expectEmit(address(book));
        emit ILogs.Post(seller, 7, 2, more, keccak256("second"), key);
        vm.prank(submitter);
        book.post(head, signature);

        // it should anchor the head, whoever submits it
        _assertLatest(2, more, keccak256("second"));

        // it should keep every earlier head
        (uint64 kept, bytes32 root) = book.headOf(seller, 7, 1);
        assertEq(kept, size);
        assertEq(root, ROOT);

        // it should leave other logs and sellers alone
        (uint64 epoch,,) = book.latestOf(seller, 8);
        assertEq(epoch, 0);
        (epoch,,) = book.latestOf(stranger, 7);
        assertEq(epoch, 0);
    }

    function _head(uint64 epoch, uint64 size, bytes32 root) internal view returns (ILogs.Head memory) {
        return ILogs.Head({ seller: seller, log: 7, epoch: epoch, size: size, root: root });
    }

    function _post(ILogs.Head memory head) internal {
        book.post(head, _sign(RECEIPT_KEY, head));
    }

    function _expectInvalid(ILogs.Head memory head) internal {
        bytes memory signature = _sign(RECEIPT_KEY, head);
        uint40 time = uint40(block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(ILogs.Logs_InvalidSigner.selector, seller, key, time));
        book.post(head, signature);
    }

    function _assertLatest(uint64 epoch, uint64 size, bytes32 root) internal view {
        (uint64 latest, uint64 latestSize, bytes32 latestRoot) = book.latestOf(seller, 7);
        assertEq(latest, epoch);
        assertEq(latestSize, size);
        assertEq(latestRoot, root);
    }
}
