// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { Buckets } from "../../src/libraries/Buckets.sol";

/// @notice Holds the ring of eight to a list of everything that ever arrived, which knows nothing of slots.
contract BucketsRingTest is Test {
    using Buckets for Buckets.Ring;

    struct Arrival {
        uint128 amount;
        uint40 index;
        uint40 maturesAt;
    }

    struct Step {
        uint40 wait;
        uint128 amount;
        uint128 wanted;
    }

    Buckets.Ring internal ring;
    Arrival[] internal arrivals;

    function testFuzz_LikeAList(uint40 window, uint40 start, Step[12] memory steps) public {
        window = uint40(bound(window, 1, 30 days));
        uint40 width = window % 7 == 0 ? window / 7 : window / 7 + 1;
        uint40 time = uint40(bound(start, 0, 1 << 38));
        for (uint256 i = 0; i < steps.length; ++i) {
            // Mostly within a bucket or two, now and then past the window.
            time += uint40(bound(steps[i].wait, 0, i % 6 == 5 ? 2 * uint256(window) + 1 : 2 * uint256(width)));
            _assertSums(time);
            assertEq(ring.collect(time), _collect(time), "collected");
            uint128 amount = uint128(bound(steps[i].amount, 0, 1e30));
            uint40 index = ring.put(amount, window, time);
            assertEq(index, time / width, "bucket");
            arrivals.push(Arrival(amount, index, (index + 1) * width + window));
            _assertSums(time);
            if (i % 3 == 0) {
                uint128 wanted = uint128(bound(steps[i].wanted, 0, 3e30));
                assertEq(ring.take(wanted, window, time), _take(wanted, time), "taken");
                _assertSums(time);
            }
        }
    }

    /// @dev Why eight slots suffice: when the current bucket begins, the one eight before it has matured, while the one
    /// seven before it may still wait.
    function testFuzz_TheSlotIsFree(uint40 window, uint40 current) public pure {
        window = uint40(bound(window, 1, 30 days));
        current = uint40(bound(current, 8, 1e6));
        uint256 width = Buckets.widthUp(window);
        assertGe(7 * width, window);
        assertLt(7 * (width - 1), window, "no wider than needed");
        assertLe((uint256(current) - 8 + 1) * width + window, current * width);
    }

    function testFuzz_WidthUp(uint40 window) public pure {
        window = uint40(bound(window, 1, 30 days));
        assertEq(Buckets.widthUp(window), (uint256(window) * 1e18 / 7 + 1e18 - 1) / 1e18);
    }

    function _collect(uint40 time) internal returns (uint128 amount) {
        for (uint256 i = 0; i < arrivals.length; ++i) {
            if (arrivals[i].maturesAt > time) continue;
            amount += arrivals[i].amount;
            arrivals[i].amount = 0;
        }
    }

    /// @dev Newest first: the last arrivals of the list, since time never goes back.
    function _take(uint128 wanted, uint40 time) internal returns (uint128 amount) {
        for (uint256 i = arrivals.length; i > 0 && amount < wanted; --i) {
            Arrival storage arrival = arrivals[i - 1];
            if (arrival.maturesAt <= time) break;
            uint128 part = arrival.amount < wanted - amount ? arrival.amount : wanted - amount;
            amount += part;
            arrival.amount -= part;
        }
    }

    function _assertSums(uint40 time) internal view {
        uint128 waiting;
        uint128 ripe;
        for (uint256 i = 0; i < arrivals.length; ++i) {
            if (arrivals[i].maturesAt > time) waiting += arrivals[i].amount;
            else ripe += arrivals[i].amount;
        }
        (uint128 immature, uint128 matured) = ring.sums(time);
        assertEq(immature, waiting, "immature");
        assertEq(matured, ripe, "matured");
    }
}
