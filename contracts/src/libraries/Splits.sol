// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IVaults } from "../interfaces/IVaults.sol";

/// @title Splits
/// @notice The identity of a split, its rows, and what makes a list of payees valid.
library Splits {
    /// @notice All the shares of a split, in basis points.
    uint256 internal constant WHOLE_BPS = 10_000;

    /// @notice The same in the unit of a share of what is left after other shares.
    uint256 internal constant WHOLE_PARTS = WHOLE_BPS * WHOLE_BPS;

    /// @notice The most payees that a split can have, without the protocol.
    uint256 internal constant MAX_PAYEES = 64;

    /// @notice The most assets that a split can pass revenue on to.
    uint256 internal constant MAX_UPSTREAM = 16;

    /// @notice The hash of all that is configured but the window.
    /// @dev 27 bytes, so that a configuration is one storage slot; two splits with one hash cost 2^108 tries.
    /// @param payees The payees.
    /// @param treasury The receiver of the protocol fee.
    /// @param feeBps The protocol fee.
    /// @return sharesHash The hash.
    function hashShares(IVaults.Payee[] memory payees, address treasury, uint16 feeBps)
        internal
        pure
        returns (bytes27 sharesHash)
    {
        return bytes27(keccak256(abi.encode(payees, treasury, feeBps)));
    }

    /// @notice The hash of the assets that revenue is passed on to.
    /// @param upstream The assets and their shares.
    /// @return upstreamHash The hash, zero for none.
    function hashUpstream(IVaults.Upstream[] memory upstream) internal pure returns (bytes32 upstreamHash) {
        return upstream.length == 0 ? bytes32(0) : keccak256(abi.encode(upstream));
    }

    /// @notice The hash of shares that come after those of other assets. Shares can be hashed before it is known what
    /// comes before them.
    /// @param sharesHash The hash of the shares.
    /// @param upstreamHash The hash of what comes first, zero for nothing.
    /// @return hash The hash of both.
    function behind(bytes27 sharesHash, bytes32 upstreamHash) internal pure returns (bytes27 hash) {
        return upstreamHash == 0 ? sharesHash : bytes27(keccak256(abi.encode(sharesHash, upstreamHash)));
    }

    /// @notice The identity of the split that a configuration means while `owner` owns the account.
    /// @param terms The configuration.
    /// @param owner The owner.
    /// @return splitId The identity.
    function idOf(IVaults.Terms memory terms, address owner) internal pure returns (bytes32 splitId) {
        return keccak256(abi.encode(terms.sharesHash, owner, terms.window));
    }

    /// @notice The identity of a split.
    /// @param split The split.
    /// @return splitId The identity.
    function idOf(IVaults.Split calldata split) internal pure returns (bytes32 splitId) {
        return idOf(IVaults.Terms({ sharesHash: sharesHashOf(split), window: split.window }), split.owner);
    }

    /// @notice The hash that stands for a split in the configuration of its account.
    /// @param split The split.
    /// @return sharesHash The hash.
    function sharesHashOf(IVaults.Split calldata split) internal pure returns (bytes27 sharesHash) {
        return behind(hashShares(split.payees, split.treasury, split.feeBps), hashUpstream(split.upstream));
    }

    /// @notice A row of a split. The rows of assets that revenue is passed on to come first, then those of the payees,
    /// then the protocol fee when there is one. Payees and protocol share what the assets before them leave.
    /// @param split The split.
    /// @param index The row.
    /// @return payee The account to be paid, zero for the row of an asset.
    /// @return parts Its share in all that the split accrues, in parts of {WHOLE_PARTS}.
    function rowOf(IVaults.Split calldata split, uint256 index) internal pure returns (address payee, uint256 parts) {
        uint256 rest = WHOLE_BPS;
        for (uint256 i = 0; i < split.upstream.length; ++i) {
            uint256 bps = split.upstream[i].bps;
            if (i == index) return (address(0), bps * WHOLE_BPS);
            rest -= bps;
        }
        uint256 place = index - split.upstream.length;
        if (place < split.payees.length) {
            payee = split.payees[place].account;
            if (payee == address(0)) payee = split.owner;
            return (payee, rest * split.payees[place].bps);
        }
        if (place > split.payees.length || split.feeBps == 0) revert IVaults.Vaults_NoRow(index);
        return (split.treasury, rest * split.feeBps);
    }

    /// @notice Reverts unless an account can pass revenue on to a list of assets. That they exist is for the caller to
    /// check.
    /// @param upstream The assets and their shares.
    /// @param account The account, which cannot pass anything on to itself.
    function requireUpstream(IVaults.Upstream[] memory upstream, uint256 account) internal pure {
        uint256 sum;
        uint256 previous;
        for (uint256 i = 0; i < upstream.length; ++i) {
            uint256 asset = upstream[i].account;
            sum += upstream[i].bps;
            bool misplaced = asset <= previous || asset == account || i == MAX_UPSTREAM;
            if (misplaced || upstream[i].bps == 0 || sum > WHOLE_BPS) revert IVaults.Vaults_InvalidUpstream(i, asset);
            previous = asset;
        }
    }

    /// @notice Reverts unless a list of payees can be configured.
    /// @param payees The payees.
    /// @param feeBps The protocol fee.
    /// @param payout The payout address of the account, which cannot pay itself.
    function requireValid(IVaults.Payee[] memory payees, uint16 feeBps, address payout) internal view {
        if (payees.length > MAX_PAYEES) revert IVaults.Vaults_ManyPayees(payees.length, MAX_PAYEES);
        uint256 sum = feeBps;
        for (uint256 i = 0; i < payees.length; ++i) {
            address payee = payees[i].account;
            // Strictly ascending: no payee occurs twice, and only the first can be zero, the owner.
            if (i > 0 && payee <= payees[i - 1].account) revert IVaults.Vaults_UnsortedPayee(i, payee);
            if (payee == payout || payee == address(this)) revert IVaults.Vaults_CircularPayee(i, payee);
            if (payees[i].bps == 0) revert IVaults.Vaults_ZeroShare(i, payee);
            sum += payees[i].bps;
        }
        if (sum != WHOLE_BPS) revert IVaults.Vaults_WrongSum(sum, WHOLE_BPS);
    }

    /// @notice Whether nobody but the owner gets less. Both lists are ascending.
    /// @param former The payees so far.
    /// @param payees The payees to come.
    /// @param owner The owner, whose own rows may shrink.
    /// @return kept True when every other payee keeps its share or gains.
    function keepsAll(IVaults.Payee[] memory former, IVaults.Payee[] memory payees, address owner)
        internal
        pure
        returns (bool kept)
    {
        uint256 next;
        for (uint256 i = 0; i < former.length; ++i) {
            address payee = former[i].account;
            if (payee == address(0) || payee == owner) continue;
            while (next < payees.length && payees[next].account < payee) ++next;
            if (next == payees.length || payees[next].account != payee || payees[next].bps < former[i].bps) {
                return false;
            }
        }
        return true;
    }

    /// @notice A list of payees after one of them has handed its share to another account.
    /// @param payees The payees.
    /// @param index The one that hands over.
    /// @param to The account; when it has a share already, it has one share of both afterwards.
    /// @return changed The payees, ascending.
    function handedOver(IVaults.Payee[] memory payees, uint256 index, address to)
        internal
        pure
        returns (IVaults.Payee[] memory changed)
    {
        IVaults.Payee memory moved = IVaults.Payee({ account: to, bps: payees[index].bps });
        uint256 length = payees.length;
        for (uint256 i = 0; i < payees.length; ++i) {
            if (i == index || payees[i].account != to) continue;
            moved.bps += payees[i].bps;
            --length;
        }
        changed = new IVaults.Payee[](length);
        uint256 next;
        bool placed;
        for (uint256 i = 0; i < payees.length; ++i) {
            if (i == index || payees[i].account == to) continue;
            if (!placed && payees[i].account > to) {
                placed = true;
                changed[next++] = moved;
            }
            changed[next++] = payees[i];
        }
        if (!placed) changed[next] = moved;
    }

    /// @notice The cumulative share of a row, rounded down.
    /// @param accrued The atoms that the split ever shared out.
    /// @param parts The share of the row, in parts of {WHOLE_PARTS}.
    /// @return share The atoms that the row ever earned.
    function shareDown(uint128 accrued, uint256 parts) internal pure returns (uint128 share) {
        // At most accrued, since no share exceeds the whole.
        return uint128(uint256(accrued) * parts / WHOLE_PARTS);
    }
}
