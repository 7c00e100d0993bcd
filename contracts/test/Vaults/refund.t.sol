// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { ITestDollar } from "../../src/interfaces/ITestDollar.sol";
import { IVaults } from "../../src/interfaces/IVaults.sol";
import { Receipts } from "../../src/libraries/Receipts.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

contract VaultsRefundTest is VaultsBase {
    IVaults.Terms internal terms;
    bytes32 internal splitId;
    address internal other = vm.addr(OTHER_KEY);

    function setUp() public override {
        super.setUp();
        _configure(asset, seller, _usual());
        terms = vaults.termsOf(asset);
        splitId = vaults.splitIdOf(asset);
        _payAndHarvest(asset, PRICE);
    }

    function test_RevertWhen_ThePathIsLongerThanABatch() public {
        // it should revert with {Receipts_LongPath}
        IVaults.Note memory note = _note(_receipt(asset, 1), 1);
        note.path = new bytes32[](7);
        _expect(note, abi.encodeWithSelector(Receipts.Receipts_LongPath.selector, 7, 6));
    }

    function test_RevertWhen_TheBatchIsNotSignedByAKeyOfTheSeller() public {
        // it should revert with {Vaults_InvalidSigner}
        IVaults.Note memory note = _note(_receipt(asset, 1), 1);
        _signNote(note, OTHER_KEY, RECEIPT_KEY);
        _expectInvalid(note, other);
    }

    function testFuzz_RevertWhen_TheBatchKeyWasNotValidWhenTheCallStarted(uint40 startedAt) public {
        // it should revert with {Vaults_InvalidSigner}
        uint40 time = uint40(block.timestamp);
        startedAt = uint40(bound(startedAt, 0, time - 1));
        vm.prank(seller);
        book.register({ key: other, notBefore: time, notAfter: time + 1, capPerEpoch: PRICE });
        IVaults.Note memory note = _note(_receipt(asset, 1), 1);
        note.receipt.startedAt = uint64(startedAt) * 1000 + 999;
        _signNote(note, OTHER_KEY, RECEIPT_KEY);
        _expect(note, abi.encodeWithSelector(IVaults.Vaults_InvalidSigner.selector, seller, other, startedAt));
    }

    function test_RevertWhen_TheNoteIsNotSignedByAKeyOfTheSeller() public {
        // it should revert with {Vaults_InvalidSigner}
        IVaults.Note memory note = _note(_receipt(asset, 1), 1);
        _signNote(note, RECEIPT_KEY, OTHER_KEY);
        _expectInvalid(note, other);
    }

    function test_RevertWhen_TheNoteKeyWasRevoked() public {
        // it should revert with {Vaults_InvalidSigner}
        IVaults.Note memory note = _note(_receipt(asset, 1), 1);
        skip(1);
        vm.prank(seller);
        book.revoke(key);
        _expectInvalid(note, key);
    }

    function testFuzz_RevertWhen_AFieldOfTheReceiptDiffersFromWhatWasSigned(uint8 word) public {
        // it should revert with {Vaults_InvalidSigner}
        IVaults.Note memory note = _note(_receipt(asset, 1), 1);
        word %= 24;
        // A receipt is 24 words; another last bit of any of them is another receipt.
        bytes memory encoded = abi.encode(note.receipt);
        encoded[uint256(word) * 32 + 31] ^= 0x01;
        note.receipt = abi.decode(encoded, (Receipts.Receipt));
        vm.expectPartialRevert(IVaults.Vaults_InvalidSigner.selector);
        vaults.refund(note, asset, terms);
    }

    function testFuzz_RevertWhen_TheCreditDiffersFromWhatWasSigned(uint128 credit) public {
        // it should revert with {Vaults_InvalidSigner}
        vm.assume(credit != 5);
        IVaults.Note memory note = _note(_receipt(asset, 1), 5);
        note.credit = credit;
        vm.expectPartialRevert(IVaults.Vaults_InvalidSigner.selector);
        vaults.refund(note, asset, terms);
    }

    function test_RevertWhen_TheStartDoesNotFitATime() public {
        // it should revert with {SafeCastOverflowedUintDowncast}
        Receipts.Receipt memory receipt = _receipt(asset, 1);
        receipt.startedAt = type(uint64).max;
        uint256 time = uint256(type(uint64).max) / 1000;
        _expect(_note(receipt, 1), abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 40, time));
    }

    function test_P3_RevertGiven_TheAccountPassesRevenueOn() public {
        // it should revert with {Vaults_Bound}
        uint256 child = _publishBound(seller, "child", _one(_publish(heir, "parent"), 1500));
        _configure(child, seller, _ownerOnly(10_000));
        _payAndHarvest(child, PRICE);
        IVaults.Note memory note = _note(_receipt(child, 1), PRICE);
        IVaults.Terms memory ofChild = vaults.termsOf(child);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_Bound.selector, child));
        vaults.refund(note, child, ofChild);
    }

    function test_RevertWhen_TheMoneyWentToAnotherAccount() public {
        // it should revert with {Vaults_OtherPayout}
        Receipts.Receipt memory receipt = _receipt(_accountOf(seller), 1);
        _expect(
            _note(receipt, 1),
            abi.encodeWithSelector(IVaults.Vaults_OtherPayout.selector, receipt.payTo, vaults.payoutOf(asset))
        );
    }

    function testFuzz_RevertWhen_TheCreditExceedsThePrice(uint128 credit) public {
        // it should revert with {Vaults_OverPrice}
        credit = uint128(bound(credit, PRICE + 1, type(uint128).max));
        _expect(
            _note(_receipt(asset, 1), credit), abi.encodeWithSelector(IVaults.Vaults_OverPrice.selector, credit, PRICE)
        );
    }

    function testFuzz_RevertWhen_TheCreditWasPaid(uint128 credit, uint128 lower) public {
        // it should revert with {Vaults_Refunded}
        credit = uint128(bound(credit, 1, PRICE));
        lower = uint128(bound(lower, 0, credit));
        Receipts.Receipt memory receipt = _receipt(asset, 1);
        vaults.refund(_note(receipt, credit), asset, terms);
        _expect(
            _note(receipt, lower),
            abi.encodeWithSelector(IVaults.Vaults_Refunded.selector, Receipts.hash(receipt), lower, credit)
        );
    }

    function test_RevertWhen_TheWindowIsOutOfRange() public {
        // it should revert with {Vaults_WrongWindow}
        IVaults.Note memory note = _note(_receipt(asset, 1), 1);
        terms.window = 0;
        _expect(note, abi.encodeWithSelector(IVaults.Vaults_WrongWindow.selector, 0, FLOOR, 30 days));
    }

    function testFuzz_RevertGiven_TheKeyHasReachedItsCapToday(uint128 cap) public {
        // it should revert with {Vaults_CapReached}
        cap = uint128(bound(cap, 0, PRICE - 1));
        _registerOther(cap);
        if (cap > 0) vaults.refund(_noteBy(OTHER_KEY, 1, cap), asset, terms);
        _expect(
            _noteBy(OTHER_KEY, 2, 1),
            abi.encodeWithSelector(IVaults.Vaults_CapReached.selector, seller, other, address(dollar), cap)
        );
    }

    function testFuzz_GivenTheKeyNearsItsCap(uint128 cap) public {
        cap = uint128(bound(cap, PRICE / 2, PRICE - 1));
        _registerOther(cap);
        IVaults.Note memory note = _noteBy(OTHER_KEY, 1, PRICE);

        // it should pay up to the cap
        assertEq(vaults.refund(note, asset, terms), cap);

        // it should pay the rest the next day
        skip(1 days);
        assertEq(vaults.refund(note, asset, terms), PRICE - cap);
    }

    function test_RevertGiven_TheRingIsEmpty() public {
        // it should revert with {Vaults_Insufficient}
        vaults.refund(_note(_receipt(asset, 1), PRICE), asset, terms);
        _expectInsufficient(_note(_receipt(asset, 2), 1));
    }

    function testFuzz_RevertGiven_AllHasMatured(uint40 wait, bool moved) public {
        // it should revert with {Vaults_Insufficient}
        IVaults.Note memory note = _note(_receipt(asset, 1), 1);
        skip(bound(wait, WINDOW + 1 days, 1e9));
        if (moved) vaults.mature(asset, address(dollar), splitId);
        _expectInsufficient(note);
    }

    function test_L5_RevertGiven_TheRingWasFilledUnderAnotherOwner() public {
        // it should revert with {Vaults_Insufficient}
        vm.prank(seller);
        assets.transferFrom(seller, heir, asset);
        vm.prank(heir);
        book.register({ key: other, notBefore: 0, notAfter: type(uint40).max, capPerEpoch: PRICE });
        IVaults.Note memory note = _note(_receipt(asset, 1), PRICE);
        note.receipt.seller = heir;
        _signNote(note, OTHER_KEY, OTHER_KEY);
        bytes32 ofHeir = vaults.splitIdOf(asset);
        _expect(note, abi.encodeWithSelector(IVaults.Vaults_Insufficient.selector, asset, address(dollar), ofHeir));
    }

    function testFuzz_GivenTheRingHoldsLessThanTheCredit(uint128 held) public {
        held = uint128(bound(held, 1, PRICE - 1));
        vaults.refund(_note(_receipt(asset, 1), PRICE - held), asset, terms);
        IVaults.Note memory note = _note(_receipt(asset, 2), PRICE);

        // it should pay what it holds
        assertEq(vaults.refund(note, asset, terms), held);

        // it should pay the rest from a later harvest
        _payAndHarvest(asset, PRICE);
        assertEq(vaults.refund(note, asset, terms), PRICE - held);
    }

    function test_GivenTheAssetWasSoldSince() public {
        // it should still pay from what the seller harvested
        vm.prank(seller);
        assets.transferFrom(seller, heir, asset);
        assertEq(vaults.refund(_note(_receipt(asset, 1), 5e6), asset, terms), 5e6);
    }

    function test_GivenTheBatchKeyWasRevokedAfterTheCall() public {
        // it should pay
        IVaults.Note memory note = _note(_receipt(asset, 1), 5e6);
        skip(1);
        vm.prank(seller);
        book.revoke(key);
        _registerOther(PRICE);
        _signNote(note, RECEIPT_KEY, OTHER_KEY);
        assertEq(vaults.refund(note, asset, terms), 5e6);
    }

    function test_A154_GivenThePayerIsFrozenByTheToken() public {
        // it should revert and change nothing
        IVaults.Note memory note = _note(_receipt(asset, 1), 5e6);
        dollar.blacklist(buyer);
        _expect(note, abi.encodeWithSelector(ITestDollar.TestDollar_Blacklisted.selector, buyer));
        assertEq(vaults.refundedOf(Receipts.hash(note.receipt)), 0);
        dollar.unBlacklist(buyer);
        assertEq(vaults.refund(note, asset, terms), 5e6);
    }

    function test_WhenTheReceiptIsInABatchOfSeveral() public {
        // it should pay
        IVaults.Note memory note = _note(_receipt(asset, 1), 5e6);
        bytes32 sibling = keccak256("another receipt");
        bytes32 leaf = Receipts.hash(note.receipt);
        note.path = new bytes32[](1);
        note.path[0] = sibling;
        bytes32 root = leaf < sibling ? keccak256(abi.encode(leaf, sibling)) : keccak256(abi.encode(sibling, leaf));
        note.batchSignature = _sign(RECEIPT_KEY, _digest(Receipts.hashBatch(root)));
        assertEq(vaults.refund(note, asset, terms), 5e6);
    }

    function testFuzz_GivenCreditsRise(uint128[4] memory rises) public {
        // it should pay each rise once and never more than the price
        Receipts.Receipt memory receipt = _receipt(asset, 1);
        uint128 credit;
        for (uint256 i = 0; i < rises.length && credit < PRICE; ++i) {
            uint128 rise = uint128(bound(rises[i], 1, PRICE - credit));
            credit += rise;
            assertEq(vaults.refund(_note(receipt, credit), asset, terms), rise);
            assertEq(dollar.balanceOf(buyer), credit);
        }
        assertLe(vaults.refundedOf(Receipts.hash(receipt)), PRICE);
    }

    function testFuzz_GivenTheNoteIsValid(uint128 credit, address caller) public {
        credit = uint128(bound(credit, 1, PRICE));
        skip(1 days);
        _payAndHarvest(asset, PRICE);
        IVaults.Note memory note = _note(_receipt(asset, 1), credit);
        bytes32 receiptHash = Receipts.hash(note.receipt);

        // it should emit {Refund}
        vm.expectEmit(address(vaults));
        emit IVaults.Refund(receiptHash, asset, buyer, address(dollar), splitId, key, credit);
        vm.prank(caller);
        assertEq(vaults.refund(note, asset, terms), credit);

        // it should pay the payer of the receipt, whoever calls
        assertEq(dollar.balanceOf(buyer), credit);
        assertEq(vaults.refundedOf(receiptHash), credit);

        // it should count what the key gave back
        uint40 today = uint40(block.timestamp / 1 days);
        assertEq(vaults.spentOf(seller, key, address(dollar), today), credit);

        // it should take from the newest bucket first
        skip(WINDOW);
        (uint128 immature, uint128 matured) = vaults.pendingOf(asset, address(dollar), splitId);
        assertEq(matured, PRICE);
        assertEq(immature, PRICE - credit);
    }

    function _registerOther(uint128 cap) internal {
        vm.prank(seller);
        book.register({ key: other, notBefore: 0, notAfter: type(uint40).max, capPerEpoch: cap });
    }

    function _noteBy(uint256 noteKey, uint64 seq, uint128 credit) internal view returns (IVaults.Note memory note) {
        note = _note(_receipt(asset, seq), credit);
        _signNote(note, RECEIPT_KEY, noteKey);
    }

    function _expect(IVaults.Note memory note, bytes memory reason) internal {
        vm.expectRevert(reason);
        vaults.refund(note, asset, terms);
    }

    function _expectInvalid(IVaults.Note memory note, address signer) internal {
        uint40 time = uint40(block.timestamp);
        _expect(note, abi.encodeWithSelector(IVaults.Vaults_InvalidSigner.selector, seller, signer, time));
    }

    function _expectInsufficient(IVaults.Note memory note) internal {
        _expect(note, abi.encodeWithSelector(IVaults.Vaults_Insufficient.selector, asset, address(dollar), splitId));
    }
}
