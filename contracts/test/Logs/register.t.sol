// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILogs } from "../../src/interfaces/ILogs.sol";
import { LogsTest } from "./Logs.t.sol";

contract LogsRegisterTest is LogsTest {
    function test_RevertWhen_TheKeyIsZero() public {
        // it should revert with {Logs_ZeroKey}
        vm.prank(seller);
        vm.expectRevert(ILogs.Logs_ZeroKey.selector);
        book.register(address(0), START, END, CAP);
    }

    function test_RevertWhen_ThePeriodIsEmpty() public {
        // it should revert with {Logs_InvalidPeriod}
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ILogs.Logs_InvalidPeriod.selector, END, END, START));
        book.register(key, END, END, CAP);
    }

    function test_RevertWhen_ThePeriodIsOver() public {
        // it should revert with {Logs_InvalidPeriod}
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ILogs.Logs_InvalidPeriod.selector, START - 1, START, START));
        book.register(key, START - 1, START, CAP);
    }

    function test_RevertGiven_ItIsStillValid() public {
        // it should revert with {Logs_KnownKey}
        _register();
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(ILogs.Logs_KnownKey.selector, seller, key));
        book.register(key, START, END, CAP + 1);
    }

    function test_RevertGiven_ItWasRevoked() public {
        // it should revert with {Logs_KnownKey}
        _register();
        vm.startPrank(seller);
        book.revoke(key);
        vm.expectRevert(abi.encodeWithSelector(ILogs.Logs_KnownKey.selector, seller, key));
        book.register(key, START, END, CAP);
    }

    function test_GivenAnotherSellerHasRegisteredTheKey() public {
        // it should register it for this seller too
        _register();
        vm.prank(stranger);
        book.register(key, START, END, 1);
        assertEq(book.keyOf(stranger, key).capPerEpoch, 1);
        assertEq(book.keyOf(seller, key).capPerEpoch, CAP);
    }

    function testFuzz_GivenTheKeyIsNew(address fresh, uint40 notBefore, uint40 notAfter, uint128 cap) public {
        vm.assume(fresh != address(0));
        notAfter = uint40(bound(notAfter, START + 1, type(uint40).max));
        notBefore = uint40(bound(notBefore, 0, notAfter - 1));
        vm.expectEmit(address(book));
        emit ILogs.Register(seller, fresh, notBefore, notAfter, cap);
        // it should emit {Register}
        vm.record();
        vm.prank(seller);
        book.register(fresh, notBefore, notAfter, cap);

        // it should store its validity and cap in one slot
        (, bytes32[] memory writes) = vm.accesses(address(book));
        assertEq(writes.length, 1);
        ILogs.Key memory stored = book.keyOf(seller, fresh);
        assertEq(abi.encode(stored), abi.encode(ILogs.Key(notBefore, notAfter, cap)));

        // it should be valid from its first second until before its last
        assertTrue(book.isKeyAt(seller, fresh, notBefore));
        assertTrue(book.isKeyAt(seller, fresh, notAfter - 1));
        assertFalse(book.isKeyAt(seller, fresh, notAfter));
        if (notBefore > 0) assertFalse(book.isKeyAt(seller, fresh, notBefore - 1));
        assertFalse(book.isKeyAt(stranger, fresh, notBefore));
    }
}
