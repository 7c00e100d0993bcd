// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { stdError } from "forge-std/Test.sol";
import { IVaults } from "../../src/interfaces/IVaults.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

contract VaultsAssignTest is VaultsBase {
    address[] internal none;

    function setUp() public override {
        super.setUp();
        _configure(asset, seller, _three());
    }

    function test_RevertWhen_TheSplitIsNotInForce() public {
        // it should revert with {Vaults_OtherSplit}
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_OtherSplit.selector, asset));
        vaults.assign(asset, _split(_usual(), seller), 1, carol, none);
    }

    function testFuzz_RevertWhen_TheCallerIsNotThePayee(address caller) public {
        vm.assume(caller != alice);
        // it should revert with {Vaults_NotPayee}
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NotPayee.selector, caller, alice));
        vaults.assign(asset, _current(), 1, carol, none);
    }

    function test_RevertWhen_TheRowIsTheOwners() public {
        // it should revert with {Vaults_NotPayee}
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NotPayee.selector, seller, address(0)));
        vaults.assign(asset, _current(), 0, carol, none);
    }

    function test_RevertWhen_TheSplitHasNoSuchRow() public {
        // it should revert
        vm.prank(alice);
        vm.expectRevert(stdError.indexOOBError);
        vaults.assign(asset, _current(), 3, carol, none);
    }

    function test_A076_RevertWhen_TheTokensAreMoreThanEight() public {
        // it should revert with {Vaults_ManyTokens}
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_ManyTokens.selector, 9, 8));
        vaults.assign(asset, _current(), 1, carol, new address[](9));
    }

    function test_A077_RevertWhen_TheNewPayeeIsThePayoutAddress() public {
        address payout = vaults.payoutOf(asset);
        IVaults.Split memory current = _current();
        vm.prank(alice);
        // it should revert with {Vaults_CircularPayee}
        vm.expectPartialRevert(IVaults.Vaults_CircularPayee.selector);
        vaults.assign(asset, current, 1, payout, none);
    }

    function test_GivenTheNewPayeeHasAShare() public {
        // it should merge the two
        _assign(alice, 1, bob);
        _expectShares(_two(address(0), 5000, bob, 5000));
    }

    function test_ToTheOwnerIsTheOwnersRow() public {
        _assign(alice, 1, address(0));
        _expectShares(_two(address(0), 8000, bob, 2000));
    }

    function test_ToOneselfChangesNothing() public {
        _assign(alice, 1, alice);
        _expectShares(_three());
    }

    function testFuzz_A159_GivenMoneyWaits(uint64 before, uint64 later) public {
        _pay(asset, before);
        vm.prank(alice);
        vaults.assign(asset, _current(), 1, carol, _addresses(address(dollar)));
        _pay(asset, later);
        vaults.harvest(asset, address(dollar));
        skip(2 * uint256(WINDOW));

        // it should leave it to the old payee
        IVaults.Split memory split = _split(_after(), seller);
        vaults.mature(asset, address(dollar), _idOf(_current()));
        vaults.mature(asset, address(dollar), _idOf(split));
        assertEq(vaults.creditOf(_current(), 1, address(dollar)), uint256(before) * 3000 / 10_000);
        assertEq(vaults.creditOf(split, 2, address(dollar)), uint256(later) * 3000 / 10_000);
    }

    function test_WhenEverythingIsInOrder() public {
        // The fee of the configuration, not of now.
        _setFee(250);
        vm.expectEmit(address(vaults));
        // it should emit {Assign}
        emit IVaults.Assign(asset, alice, carol, 3000);
        vm.expectEmit(address(vaults));
        // it should emit {Configure}
        emit IVaults.Configure(asset, _idOf(_split(_after(), seller)), seller, _after(), address(0), 0, WINDOW);
        _assign(alice, 1, carol);

        // it should keep fee, treasury and window
        // it should keep the payees ascending
        _expectShares(_after());
    }

    /// @dev Whoever hands over to whom, every other share stays, the sum stays, and the list stays valid.
    function testFuzz_P1_AnyHandOver(uint8 seed, address to) public {
        vm.assume(to != vaults.payoutOf(asset) && to != address(vaults));
        IVaults.Payee[] memory payees = new IVaults.Payee[](9);
        for (uint160 i = 0; i < 9; ++i) {
            payees[i] = IVaults.Payee({ account: address((i + 1) * 1000), bps: i == 8 ? 2000 : 1000 });
        }
        if (seed % 3 == 0) to = payees[seed % 9].account;
        uint256 fresh = _publish(seller, "fresh");
        _configure(fresh, seller, payees);
        address from = payees[seed / 9 % 9].account;

        vm.recordLogs();
        vm.prank(from);
        vaults.assign(fresh, _split(payees, seller), seed / 9 % 9, to, none);

        bytes memory data = vm.getRecordedLogs()[1].data;
        (IVaults.Payee[] memory changed,,,) = abi.decode(data, (IVaults.Payee[], address, uint16, uint40));
        for (uint256 i = 0; i < 9; ++i) {
            uint256 had = payees[i].account == from && to != from ? 0 : payees[i].bps;
            if (payees[i].account == to && to != from) had += payees[seed / 9 % 9].bps;
            assertEq(_bpsOf(changed, payees[i].account), had);
        }
        assertGe(_bpsOf(changed, to), payees[seed / 9 % 9].bps);
    }

    function _bpsOf(IVaults.Payee[] memory payees, address account) internal pure returns (uint256 bps) {
        for (uint256 i = 0; i < payees.length; ++i) {
            if (payees[i].account == account) bps += payees[i].bps;
        }
    }

    function _three() internal view returns (IVaults.Payee[] memory payees) {
        payees = new IVaults.Payee[](3);
        payees[0] = IVaults.Payee({ account: address(0), bps: 5000 });
        payees[1] = IVaults.Payee({ account: alice, bps: 3000 });
        payees[2] = IVaults.Payee({ account: bob, bps: 2000 });
    }

    function _after() internal view returns (IVaults.Payee[] memory payees) {
        payees = _three();
        payees[1] = payees[2];
        payees[2] = IVaults.Payee({ account: carol, bps: 3000 });
    }

    function _current() internal view returns (IVaults.Split memory) {
        return _split(_three(), seller);
    }

    function _assign(address from, uint256 index, address to) internal {
        vm.prank(from);
        vaults.assign(asset, _current(), index, to, none);
    }

    function _expectShares(IVaults.Payee[] memory payees) internal view {
        assertEq(vaults.splitIdOf(asset), _idOf(_split(payees, seller)));
    }
}
