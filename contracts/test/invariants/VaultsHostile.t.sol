// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { VaultsHostileHandler } from "./VaultsHostileHandler.sol";

/// @notice What a hostile token can do to the vaults of those who earn in another: nothing (A-151, A-074).
/// forge-config: default.invariant.runs = 32
/// forge-config: default.invariant.include-storage = false
/// forge-config: default.invariant.include-push-bytes = false
/// forge-config: default.invariant.show-metrics = false
contract VaultsHostileInvariants is Test {
    VaultsHostileHandler internal handler;

    function setUp() external {
        handler = new VaultsHostileHandler();
        handler.setUp();
        bytes4[] memory selectors = new bytes4[](8);
        selectors[0] = handler.setMode.selector;
        selectors[1] = handler.pay.selector;
        selectors[2] = handler.harvest.selector;
        selectors[3] = handler.harvestBoth.selector;
        selectors[4] = handler.wait.selector;
        selectors[5] = handler.mature.selector;
        selectors[6] = handler.cascade.selector;
        selectors[7] = handler.withdraw.selector;
        targetSelector(FuzzSelector({ addr: address(handler), selectors: selectors }));
        targetContract(address(handler));
    }

    /// @notice The honest token's balance is what came in less what was paid, all of it but dust is owed, and no call in
    /// the honest token fails that has something to do.
    function invariant_A151_A074_TheHonestTokenOfAVaultStaysSolvent() external view {
        assertEq(handler.broken(), 0, "an honest call failed");
        assertEq(handler.held(), handler.harvested() - handler.withdrawn(), "balance");
        assertLe(handler.owed(), handler.held(), "owed");
        // Five rows of two splits, each short of less than an atom.
        assertLt(handler.held() - handler.owed(), 5, "lost");
    }
}
