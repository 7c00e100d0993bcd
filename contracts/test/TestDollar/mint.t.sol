// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ITestDollar } from "../../src/interfaces/ITestDollar.sol";
import { TestDollarTest } from "./TestDollar.t.sol";

contract TestDollarMintTest is TestDollarTest {
    function testFuzz_RevertWhen_TheChainIsNotLocal(uint64 chainId) external {
        // it should revert with TestDollar_NotLocalChain
        chainId = uint64(bound(chainId, 1, type(uint64).max - 1));
        vm.assume(chainId != 31337);
        vm.chainId(chainId);
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_NotLocalChain.selector, chainId));
        token.mint(bob, 1);
    }

    function test_RevertGiven_TheTokenIsPausedOrTheAccountFrozen() external {
        // it should revert with TestDollar_Paused or TestDollar_Blacklisted
        token.blacklist(bob);
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_Blacklisted.selector, bob));
        token.mint(bob, 1);
        token.pause();
        vm.expectRevert(ITestDollar.TestDollar_Paused.selector);
        token.mint(alice, 1);
    }

    function testFuzz_WhenTheChainIsLocal(uint128 amount) external {
        // it should give anyone any amount
        vm.prank(alice);
        token.mint(bob, amount);
        assertEq(token.balanceOf(bob), amount);
        assertEq(token.totalSupply(), 2 * FUNDS + amount);
    }

    function test_WhenRead() external view {
        // it should have the name, symbol, decimals and version that clients expect
        assertEq(token.name(), "Test Dollar");
        assertEq(token.symbol(), "TUSD");
        assertEq(token.decimals(), 6);
        assertEq(token.version(), "2");
        (, string memory name, string memory version,,,,) = token.eip712Domain();
        assertEq(name, token.name());
        assertEq(version, token.version());
    }
}
