// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { ITestDollar } from "../../src/interfaces/ITestDollar.sol";
import { IVaults } from "../../src/interfaces/IVaults.sol";
import { ReentrantToken } from "../actors/ReentrantToken.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

contract VaultsWithdrawTest is VaultsBase {
    IVaults.Split internal split;
    bytes32 internal splitId;

    function setUp() public override {
        super.setUp();
        _configure(asset, seller, _usual());
        _store(_split(_usual(), seller));
    }

    function testFuzz_RevertWhen_TheSplitHasNoSuchRow(uint256 index) public {
        // it should revert with {Vaults_NoRow}
        index = bound(index, 3, type(uint256).max);
        _earn(asset, 10e6);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NoRow.selector, index));
        vaults.withdraw(split, index, address(dollar));
    }

    function test_RevertWhen_TheRowIsTheFeeOfASplitWithoutFee() public {
        // it should revert with {Vaults_NoRow}
        _earn(asset, 10e6);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NoRow.selector, 2));
        vaults.withdraw(split, 2, address(dollar));
    }

    function test_RevertWhen_TheSplitNeverEarnedAnything() public {
        // it should revert with {Vaults_NoCredit}
        _expectNoCredit(split);
    }

    function testFuzz_RevertWhen_AFieldDiffersFromTheSplitThatEarned(uint8 field) public {
        // it should revert with {Vaults_NoCredit}
        _earn(asset, 10e6);
        IVaults.Split memory other = split;
        field %= 6;
        if (field == 0) other.payees[0].bps = 10_000;
        if (field == 1) other.payees[0].account = stranger;
        if (field == 2) other.owner = stranger;
        if (field == 3) other.treasury = stranger;
        if (field == 4) other.feeBps = 1;
        if (field == 5) other.window += 1;
        _expectNoCredit(other);
    }

    function test_RevertWhen_TheRowWasPaid() public {
        // it should revert with {Vaults_NoCredit}
        _earn(asset, 10e6);
        vaults.withdraw(split, 0, address(dollar));
        _expectNoCredit(split);
    }

    function test_A073_A154_P4_GivenThePayeeIsFrozenByTheToken() public {
        _earn(asset, 10e6);
        dollar.blacklist(alice);

        // it should revert
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_Blacklisted.selector, alice));
        vaults.withdraw(split, 1, address(dollar));

        // it should leave everybody else's credit
        assertEq(vaults.withdraw(split, 0, address(dollar)), 7e6);
        assertEq(vaults.creditOf(split, 1, address(dollar)), 3e6);
    }

    function test_A074_WhenTheTokenCallsBack() public {
        // it should pay once
        ReentrantToken token = new ReentrantToken();
        token.mint(vaults.payoutOf(asset), 100);
        vaults.harvest(asset, address(token));
        skip(2 * uint256(WINDOW));
        vaults.mature(asset, address(token), splitId);

        token.arm(address(vaults), abi.encodeCall(vaults.withdraw, (split, 0, address(token))));
        vaults.withdraw(split, 0, address(token));
        assertFalse(token.success());
        assertEq(bytes4(token.outcome()), ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        assertEq(token.balanceOf(seller), 70);
        assertEq(token.balanceOf(address(vaults)), 30);
    }

    function test_L5_WhenThePayeeIsTheOwner() public {
        // it should pay the owner of the time of the harvest
        _payAndHarvest(asset, 10e6);
        vm.prank(seller);
        assets.transferFrom(seller, heir, asset);
        _earn(asset, 20e6);
        vaults.mature(asset, address(dollar), splitId);

        vaults.withdraw(split, 0, address(dollar));
        vaults.withdraw(_split(_usual(), heir), 0, address(dollar));
        assertEq(dollar.balanceOf(seller), 7e6);
        assertEq(dollar.balanceOf(heir), 14e6);
    }

    function test_A062_WhenTheRowIsTheFee() public {
        _setFee(250);
        _reconfigure(asset, seller, _ownerOnly(9750));
        vm.prank(governor);
        policy.setTreasury(stranger);
        _earn(asset, 10e6);
        IVaults.Split memory taxed = IVaults.Split(_none(), _ownerOnly(9750), seller, treasury, 250, WINDOW);

        // it should pay the others whether or not the treasury can be paid
        dollar.blacklist(treasury);
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_Blacklisted.selector, treasury));
        vaults.withdraw(taxed, 1, address(dollar));
        assertEq(vaults.withdraw(taxed, 0, address(dollar)), 9.75e6);

        // it should pay the treasury of the time of the configuration
        dollar.unBlacklist(treasury);
        assertEq(vaults.withdraw(taxed, 1, address(dollar)), 0.25e6);
        assertEq(dollar.balanceOf(treasury), 0.25e6);
    }

    function test_A077_GivenThePayeeIsThePayoutAddressOfAnotherAccount() public {
        // it should arrive there to be harvested
        uint256 parent = _publish(heir, "parent");
        IVaults.Split memory child = _split(_ownerOnly(10_000), seller);
        child.payees[0].account = vaults.payoutOf(parent);
        _reconfigure(asset, seller, child.payees);
        _earn(asset, 10e6);
        vaults.withdraw(child, 0, address(dollar));
        assertEq(vaults.harvest(parent, address(dollar)), 10e6);
    }

    function testFuzz_GivenTwoAccountsHaveTheSameSplit(uint128 first, uint128 second) public {
        // it should pay what both earned
        first = uint128(bound(first, 1, 1e30));
        second = uint128(bound(second, 1, 1e30));
        uint256 other = _publish(seller, "other");
        _configure(other, seller, _usual());
        _earn(asset, first);
        _earn(other, second);
        assertEq(vaults.creditOf(split, 1, address(dollar)), (uint256(first) + second) * 3000 / 10_000);
    }

    function test_A076_GivenSixtyFourPayees() public {
        // it should cost about the same as with two
        _earn(asset, 10e6);
        uint256 gasOfTwo = _gasOfWithdraw(split);

        IVaults.Payee[] memory payees = new IVaults.Payee[](64);
        for (uint160 i = 0; i < 64; ++i) {
            payees[i] = IVaults.Payee({ account: address(i + 1), bps: i == 0 ? 3700 : 100 });
        }
        _reconfigure(asset, seller, payees);
        _earn(asset, 10e6);
        assertLt(_gasOfWithdraw(_split(payees, seller)), gasOfTwo + 60_000);
    }

    function test_WhenItIsCalledWithMatureInOneTransaction() public {
        // it should pay what matured
        _payAndHarvest(asset, 10e6);
        skip(2 * uint256(WINDOW));
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(vaults.mature, (asset, address(dollar), splitId));
        calls[1] = abi.encodeCall(vaults.withdraw, (split, 1, address(dollar)));
        vaults.multicall(calls);
        assertEq(dollar.balanceOf(alice), 3e6);
    }

    /// @dev Against plain sums: what a row was paid and can withdraw is its share of everything, rounded down once.
    function testFuzz_A070_A071_P2_P3_GivenManySmallPayments(
        uint16 firstBps,
        uint16 secondBps,
        uint16 fee,
        uint64[8] memory amounts
    ) public {
        // it should pay each row its exact share less than one atom
        fee = uint16(bound(fee, 0, 500));
        firstBps = uint16(bound(firstBps, 1, 9999 - fee - 1));
        secondBps = uint16(bound(secondBps, 1, 10_000 - fee - firstBps - 1));
        _setFee(fee);
        IVaults.Payee[] memory payees = new IVaults.Payee[](3);
        payees[0] = IVaults.Payee({ account: alice, bps: firstBps });
        payees[1] = IVaults.Payee({ account: bob, bps: secondBps });
        payees[2] = IVaults.Payee({ account: carol, bps: 10_000 - fee - firstBps - secondBps });
        _reconfigure(asset, seller, payees);
        _store(IVaults.Split(_none(), payees, seller, fee == 0 ? address(0) : treasury, fee, WINDOW));

        uint256 total;
        for (uint256 i = 0; i < amounts.length; ++i) {
            // Mostly a few atoms, now and then much.
            uint256 amount = amounts[i] % (i % 4 == 3 ? type(uint64).max : 10);
            total += amount;
            _earn(asset, amount);
            uint256 index = amounts[i] % (fee == 0 ? 3 : 4);
            if (vaults.creditOf(split, index, address(dollar)) > 0) vaults.withdraw(split, index, address(dollar));
            _assertExact(total);
        }
    }

    function testFuzz_GivenCredit(uint128 amount, address caller) public {
        amount = uint128(bound(amount, 10, type(uint128).max));
        _earn(asset, amount);
        uint128 share = uint128(uint256(amount) * 3000 / 10_000);
        assertEq(vaults.creditOf(split, 1, address(dollar)), share);

        // it should emit {Withdraw}
        vm.expectEmit(address(vaults));
        emit IVaults.Withdraw(splitId, address(dollar), alice, 1, alice, share);
        vm.prank(caller);
        assertEq(vaults.withdraw(split, 1, address(dollar)), share);

        // it should pay the payee, whoever calls
        assertEq(dollar.balanceOf(alice), share);
        assertEq(vaults.paidOf(splitId, address(dollar), 1), share);
    }

    function _store(IVaults.Split memory other) internal {
        delete split;
        for (uint256 i = 0; i < other.payees.length; ++i) {
            split.payees.push(other.payees[i]);
        }
        (split.owner, split.treasury, split.feeBps, split.window) =
        (other.owner, other.treasury, other.feeBps, other.window);
        splitId = _idOf(other);
    }

    function _expectNoCredit(IVaults.Split memory other) internal {
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NoCredit.selector, _idOf(other), 0, address(dollar)));
        vaults.withdraw(other, 0, address(dollar));
    }

    function _gasOfWithdraw(IVaults.Split memory other) internal returns (uint256 used) {
        vaults.withdraw(other, 1, address(dollar));
        return vm.lastCallGas().gasTotalUsed;
    }

    function _assertExact(uint256 total) internal view {
        uint256 rows = split.feeBps == 0 ? 3 : 4;
        uint256 sum;
        for (uint256 i = 0; i < rows; ++i) {
            uint256 bps = i < 3 ? split.payees[i].bps : split.feeBps;
            uint256 earned = vaults.paidOf(splitId, address(dollar), i) + vaults.creditOf(split, i, address(dollar));
            assertEq(earned, total * bps / 10_000);
            sum += earned;
        }
        assertLe(sum, total);
        assertLt(total - sum, rows, "dust");
        uint256 paid = dollar.balanceOf(alice) + dollar.balanceOf(bob) + dollar.balanceOf(carol);
        assertEq(dollar.balanceOf(address(vaults)) + paid + dollar.balanceOf(treasury), total);
    }
}
