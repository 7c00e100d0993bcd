// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILogs } from "../../src/interfaces/ILogs.sol";
import { LogsTest } from "./Logs.t.sol";

contract LogsRevokeTest is LogsTest {
    function setUp() public override {
        super.setUp();
        _register();
    }

    function test_RevertGiven_TheCallerNeverRegisteredTheKey() public {
        // it should revert with {Logs_UnknownKey}
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(ILogs.Logs_UnknownKey.selector, stranger, key));
        book.revoke(key);
    }

    function test_RevertGiven_TheKeyHasEnded() public {
        // it should revert with {Logs_EndedKey}
        vm.warp(END);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ILogs.Logs_EndedKey.selector, seller, key, END));
        book.revoke(key);
    }

    function test_RevertGiven_TheKeyWasRevokedAlready() public {
        // it should revert with {Logs_EndedKey}
        vm.startPrank(seller);
        book.revoke(key);
        vm.expectRevert(abi.encodeWithSelector(ILogs.Logs_EndedKey.selector, seller, key, START));
        book.revoke(key);
    }

    function testFuzz_GivenTheKeyIsNotValidYet(uint40 at) public {
        // it should never become valid
        address later = makeAddr("later");
        vm.startPrank(seller);
        book.register(later, START + 1 days, END, CAP);
        book.revoke(later);
        assertFalse(book.isKeyAt(seller, later, at));
    }

    function testFuzz_GivenTheKeyIsValid(uint40 time) public {
        time = uint40(bound(time, START, END - 1));
        vm.warp(time);
        // it should emit {Revoke}
        vm.expectEmit(address(book));
        emit ILogs.Revoke(seller, key, time);
        vm.prank(seller);
        book.revoke(key);

        // it should end it now
        assertFalse(book.isKeyAt(seller, key, time));

        // it should leave it valid for earlier times
        if (time > START) assertTrue(book.isKeyAt(seller, key, time - 1));
        assertEq(book.isKeyAt(seller, key, START), time > START);

        // it should keep its start and its cap
        assertEq(abi.encode(book.keyOf(seller, key)), abi.encode(ILogs.Key(START, time, CAP)));
    }
}
