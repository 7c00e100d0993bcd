// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { TestDollar } from "../../src/TestDollar.sol";
import { IVaults } from "../../src/interfaces/IVaults.sol";
import { VaultsHandler } from "./VaultsHandler.sol";

/// @notice What holds after every call, checked for what the call touched, and for everything at the end of a run.
/// forge-config: default.invariant.runs = 48
contract VaultsInvariants is Test {
    VaultsHandler internal handler;

    function setUp() public {
        handler = new VaultsHandler();
        handler.setUp();
        bytes4[] memory selectors = new bytes4[](17);
        selectors[0] = handler.pay.selector;
        selectors[1] = handler.harvest.selector;
        selectors[2] = handler.wait.selector;
        selectors[3] = handler.mature.selector;
        selectors[4] = handler.withdraw.selector;
        selectors[5] = handler.configure.selector;
        selectors[6] = handler.sell.selector;
        selectors[7] = handler.setFee.selector;
        selectors[8] = handler.freeze.selector;
        selectors[9] = handler.donate.selector;
        selectors[10] = handler.refund.selector;
        // Harvested twice as often, so that there is something to share out.
        selectors[11] = handler.harvest.selector;
        selectors[12] = handler.cascade.selector;
        selectors[13] = handler.announce.selector;
        selectors[14] = handler.configureAnnounced.selector;
        selectors[15] = handler.assign.selector;
        selectors[16] = handler.comeAt.selector;
        targetSelector(FuzzSelector({ addr: address(handler), selectors: selectors }));
        targetContract(address(handler));
    }

    /// @notice P1 L7 the shares of every split, those of other assets and its fee are the whole. P2 what rows were paid,
    /// can withdraw and lack by rounding is what accrued; what accrued, waits and was refunded is what was harvested and
    /// passed on to it. P3 over the life of a split
    /// no row has more, or a whole atom less, than its exact share. P4 a withdrawal, or one that fails, changes no credit
    /// but its own. L5 what is harvested goes to the owner of that moment. And: the contract's tokens are what waits and
    /// what accrued, less what was paid, and donations; money waits for its window, and for no more than one bucket
    /// beyond; a refund pays what the buckets hold up to the credit, once; A160 nobody but the owner loses a share that was
    /// not announced a window before.
    /// @dev One campaign: each statement in a function of its own would see the very same calls again.
    function invariant_P1_P2_P3_P4_L5_L7_A160_MoneyIsSharedExactly() public view {
        assertEq(handler.disturbed(), 0, "P4: somebody else's credit");
        assertEq(handler.early(), 0, "window: early");
        assertEq(handler.late(), 0, "window: late");
        assertEq(handler.overpaid(), 0, "refund: once");
        assertEq(handler.surprised(), 0, "A160: announced");
        for (uint256 token = 0; token < 2; ++token) {
            (IVaults vaults, TestDollar dollar) = handler.worldOf(token);
            assertEq(dollar.balanceOf(address(vaults)), handler.balance(token), "balance");
        }
    }

    /// @notice What is too long to check after each call. Amounts are cumulative, so that nothing is missed.
    function afterInvariant() public view {
        for (uint256 split = 0; split < handler.countOfSplits(); ++split) {
            _assertWhole(split);
        }
        for (uint256 token = 0; token < 2; ++token) {
            _assertToken(token);
        }
        for (uint256 i = 0; i < 4; ++i) {
            uint256 account = handler.accounts(i);
            (IVaults vaults,) = handler.worldOf(0);
            IVaults.Split memory split = handler.splitOf(account);
            bytes27 sharesHash = bytes27(keccak256(abi.encode(split.payees, split.treasury, split.feeBps)));
            if (split.upstream.length != 0) {
                sharesHash = bytes27(keccak256(abi.encode(sharesHash, keccak256(abi.encode(split.upstream)))));
            }
            bytes32 splitId = keccak256(abi.encode(sharesHash, split.owner, split.window));
            assertEq(vaults.splitIdOf(account), splitId, "L5: the split in force");
        }
    }

    function _assertToken(uint256 token) internal view {
        (IVaults vaults, TestDollar dollar) = handler.worldOf(token);
        uint256 owed;
        for (uint256 split = 0; split < handler.countOfSplits(); ++split) {
            bytes32 splitId = handler.splitIds(split);
            if (handler.harvested(splitId, token) + handler.passedIn(splitId, token) == 0) continue;
            _assertConserved(split, token);
            _assertExact(split, token);
            owed += handler.pendingOf(split, token) + _unpaid(split, token);
        }
        assertLe(owed, dollar.balanceOf(address(vaults)), "solvent");
        for (uint256 who = 0; who < 7; ++who) {
            address person = handler.personAt(who);
            assertEq(dollar.balanceOf(person), handler.received(person, token), "P4: received");
        }
    }

    function _assertWhole(uint256 split) internal view {
        uint256 sum;
        for (uint256 i = 0; i < handler.rowsOf(split); ++i) {
            sum += handler.partsOf(split, i);
        }
        assertEq(sum, 1e8, "P1: the whole");
    }

    function _assertConserved(uint256 split, uint256 token) internal view {
        (IVaults vaults, TestDollar dollar) = handler.worldOf(token);
        bytes32 splitId = handler.splitIds(split);
        uint256 accrued = vaults.accruedOf(splitId, address(dollar));
        uint256 earned;
        for (uint256 i = 0; i < handler.rowsOf(split); ++i) {
            uint256 paid = vaults.paidOf(splitId, address(dollar), i);
            assertEq(paid, handler.paid(splitId, token, i), "P2: paid");
            earned += paid + vaults.creditOf(handler.splitAt(split), i, address(dollar));
        }
        assertLe(earned, accrued, "P2: more than matured");
        assertLt(accrued - earned, handler.rowsOf(split), "P2: dust");
        uint256 pending = handler.pendingOf(split, token);
        uint256 refunded = handler.refunded(splitId, token);
        uint256 came = handler.harvested(splitId, token) + handler.passedIn(splitId, token);
        assertEq(accrued + pending + refunded, came, "P2, L5: harvested and passed on");
    }

    function _assertExact(uint256 split, uint256 token) internal view {
        (IVaults vaults, TestDollar dollar) = handler.worldOf(token);
        bytes32 splitId = handler.splitIds(split);
        uint256 matured = handler.harvested(splitId, token) + handler.passedIn(splitId, token)
            - handler.refunded(splitId, token) - handler.pendingOf(split, token);
        for (uint256 i = 0; i < handler.rowsOf(split); ++i) {
            uint256 earned =
                handler.paid(splitId, token, i) + vaults.creditOf(handler.splitAt(split), i, address(dollar));
            uint256 exact = matured * handler.partsOf(split, i);
            assertLe(earned * 1e8, exact, "P3: more than the share");
            assertGt(earned * 1e8 + 1e8, exact, "P3: an atom less than the share");
        }
    }

    function _unpaid(uint256 split, uint256 token) internal view returns (uint256 unpaid) {
        (IVaults vaults, TestDollar dollar) = handler.worldOf(token);
        bytes32 splitId = handler.splitIds(split);
        unpaid = vaults.accruedOf(splitId, address(dollar));
        for (uint256 i = 0; i < handler.rowsOf(split); ++i) {
            unpaid -= handler.paid(splitId, token, i);
        }
    }
}
