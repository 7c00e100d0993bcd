// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Buckets
/// @notice A ring of eight time buckets. Money waits in the bucket of the time at which it arrived until that bucket
/// matures. Times are unix seconds, amounts are token atoms.
/// @dev Bucket i holds what arrived in [i * width, (i + 1) * width) with width = ceil(window / 7), and matures at
/// (i + 1) * width + window: nothing matures before it has waited for the whole window, and nothing waits for more than
/// window + width.
///
/// Eight slots suffice. Bucket i is in slot i mod 8, so that in bucket k the slot can hold no other than a bucket
/// i <= k - 8. That one has matured, since 7 * width >= window:
/// (i + 1) * width + window <= (k - 7) * width + 7 * width = k * width <= now. Hence, once {collect} has run, the slot of
/// the current bucket is empty or holds the current bucket. By the same argument two buckets that have not matured are
/// never in one slot, and a slot whose `maturesAt` lies in the future holds one of the buckets k - 7 to k.
///
/// All calls on one ring must name the same window.
library Buckets {
    /// @notice What arrived in one stretch of time. One storage slot.
    /// @param amount The atoms.
    /// @param maturesAt The second at which they mature.
    struct Bucket {
        uint128 amount;
        uint40 maturesAt;
    }

    /// @notice The buckets of one kind of money.
    /// @param buckets Bucket i is in slot i mod 8.
    struct Ring {
        Bucket[8] buckets;
    }

    /// @notice The number of slots.
    uint256 internal constant SLOTS = 8;

    /// @notice Adds money to the current bucket. {collect} must have run at the same time.
    /// @param ring The ring.
    /// @param amount The atoms.
    /// @param window The seconds for which money must wait.
    /// @param time The current time.
    /// @return index The current bucket.
    function put(Ring storage ring, uint128 amount, uint40 window, uint40 time) internal returns (uint40 index) {
        uint40 width = widthUp(window);
        index = time / width;
        Bucket storage bucket = ring.buckets[index % SLOTS];

        bucket.amount += amount;
        bucket.maturesAt = (index + 1) * width + window;
    }

    /// @notice Takes out all that has matured.
    /// @param ring The ring.
    /// @param time The current time.
    /// @return amount The atoms taken out.
    function collect(Ring storage ring, uint40 time) internal returns (uint128 amount) {
        for (uint256 slot = 0; slot < SLOTS; ++slot) {
            Bucket memory bucket = ring.buckets[slot];
            if (bucket.amount == 0 || bucket.maturesAt > time) continue;
            amount += bucket.amount;
            delete ring.buckets[slot];
        }
    }

    /// @notice Takes out up to `wanted` of what has not matured, newest first.
    /// @param ring The ring.
    /// @param wanted The atoms wanted.
    /// @param window The seconds for which money must wait.
    /// @param time The current time.
    /// @return amount The atoms taken out.
    function take(Ring storage ring, uint128 wanted, uint40 window, uint40 time) internal returns (uint128 amount) {
        uint256 current = time / widthUp(window);
        for (uint256 age = 0; age < SLOTS && amount < wanted; ++age) {
            Bucket storage bucket = ring.buckets[(current + SLOTS - age) % SLOTS];
            if (bucket.maturesAt <= time) continue;
            uint128 held = bucket.amount;
            uint128 part = held < wanted - amount ? held : wanted - amount;
            amount += part;
            bucket.amount = held - part;
        }
    }

    /// @notice What the ring holds.
    /// @param ring The ring.
    /// @param time The current time.
    /// @return immature The atoms that still wait.
    /// @return mature The atoms that {collect} would take out.
    function sums(Ring storage ring, uint40 time) internal view returns (uint128 immature, uint128 mature) {
        for (uint256 slot = 0; slot < SLOTS; ++slot) {
            Bucket memory bucket = ring.buckets[slot];
            if (bucket.maturesAt > time) immature += bucket.amount;
            else mature += bucket.amount;
        }
    }

    /// @notice The width of a bucket, rounded up so that seven of them cover the window.
    /// @param window The seconds for which money must wait.
    /// @return width The seconds that a bucket covers.
    function widthUp(uint40 window) internal pure returns (uint40 width) {
        return (window + 6) / 7;
    }
}
