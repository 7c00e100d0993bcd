// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC721Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { IVaults } from "../../src/interfaces/IVaults.sol";
import { Powers } from "../../src/libraries/Powers.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

contract VaultsConfigureTest is VaultsBase {
    address[] internal none;

    function test_RevertWhen_TheAccountIsZero() public {
        // it should revert with {Vaults_ZeroAccount}
        vm.expectRevert(IVaults.Vaults_ZeroAccount.selector);
        vaults.configure(0, _usual(), WINDOW, none, _nothing());
    }

    function test_RevertWhen_TheAssetDoesNotExist() public {
        // it should revert with {ERC721NonexistentToken}
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, asset + 1));
        vaults.configure(asset + 1, _usual(), WINDOW, none, _nothing());
    }

    function testFuzz_RevertWhen_TheAccountIsAnAsset(address caller) public {
        // it should revert with {Vaults_NotAuthorized}
        vm.assume(caller != seller);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NotAuthorized.selector, asset, caller));
        vaults.configure(asset, _usual(), WINDOW, none, _nothing());
    }

    function testFuzz_RevertWhen_TheAccountIsASeller(address caller) public {
        // it should revert with {Vaults_NotAuthorized}
        vm.assume(caller != seller);
        uint256 account = _accountOf(seller);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NotAuthorized.selector, account, caller));
        vaults.configure(account, _usual(), WINDOW, none, _nothing());
    }

    function test_L5_RevertGiven_TheDelegationWasByAFormerOwner() public {
        // it should revert with {Vaults_NotAuthorized}
        vm.startPrank(seller);
        assets.setDelegate(asset, stranger, Powers.SPLIT);
        assets.transferFrom(seller, heir, asset);
        vm.stopPrank();
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NotAuthorized.selector, asset, stranger));
        vaults.configure(asset, _usual(), WINDOW, none, _nothing());
    }

    function test_RevertWhen_TheTokensAreMoreThanEight() public {
        // it should revert with {Vaults_ManyTokens}
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_ManyTokens.selector, 9, 8));
        vaults.configure(asset, _usual(), WINDOW, new address[](9), _nothing());
    }

    function testFuzz_RevertWhen_TheWindowIsBelowTheFloor(uint40 window) public {
        // it should revert with {Vaults_WrongWindow}
        window = uint40(bound(window, 0, FLOOR - 1));
        _expectWrongWindow(window);
    }

    function testFuzz_RevertWhen_TheWindowIsAboveThirtyDays(uint40 window) public {
        // it should revert with {Vaults_WrongWindow}
        window = uint40(bound(window, 30 days + 1, type(uint40).max));
        _expectWrongWindow(window);
    }

    function test_A072_A076_RevertWhen_ThePayeesAreMoreThanSixtyFour() public {
        // it should revert with {Vaults_ManyPayees}
        IVaults.Payee[] memory payees = new IVaults.Payee[](500);
        _expectInvalid(payees, abi.encodeWithSelector(IVaults.Vaults_ManyPayees.selector, 500, 64));
    }

    function testFuzz_A072_RevertWhen_TheSharesAndTheFeeAreNotTheWhole(uint16 first, uint16 second, uint16 fee) public {
        // it should revert with {Vaults_WrongSum}
        first = uint16(bound(first, 1, type(uint16).max));
        second = uint16(bound(second, 1, type(uint16).max));
        fee = uint16(bound(fee, 0, 500));
        uint256 sum = uint256(first) + second + fee;
        vm.assume(sum != 10_000);
        _setFee(fee);
        _expectInvalid(
            _two(alice, first, bob, second), abi.encodeWithSelector(IVaults.Vaults_WrongSum.selector, sum, 10_000)
        );
    }

    function test_RevertWhen_ThereAreNoPayees() public {
        // it should revert with {Vaults_WrongSum}
        _expectInvalid(new IVaults.Payee[](0), abi.encodeWithSelector(IVaults.Vaults_WrongSum.selector, 0, 10_000));
    }

    function test_A072_RevertWhen_AShareIsZero() public {
        // it should revert with {Vaults_ZeroShare}
        _expectInvalid(_two(alice, 10_000, bob, 0), abi.encodeWithSelector(IVaults.Vaults_ZeroShare.selector, 1, bob));
    }

    function test_A072_RevertWhen_APayeeOccursTwice() public {
        // it should revert with {Vaults_UnsortedPayee}
        _expectInvalid(
            _two(alice, 5000, alice, 5000), abi.encodeWithSelector(IVaults.Vaults_UnsortedPayee.selector, 1, alice)
        );
    }

    function test_RevertWhen_ThePayeesAreNotAscending() public {
        // it should revert with {Vaults_UnsortedPayee}
        _expectInvalid(
            _two(bob, 5000, address(0), 5000),
            abi.encodeWithSelector(IVaults.Vaults_UnsortedPayee.selector, 1, address(0))
        );
    }

    function test_A072_A077_RevertWhen_APayeeIsThePayoutAddressOfTheAccount() public {
        // it should revert with {Vaults_CircularPayee}
        address payout = vaults.payoutOf(asset);
        _expectInvalid(
            _two(address(0), 5000, payout, 5000),
            abi.encodeWithSelector(IVaults.Vaults_CircularPayee.selector, 1, payout)
        );
    }

    function test_A072_RevertWhen_APayeeIsTheVaultsContract() public {
        // it should revert with {Vaults_CircularPayee}
        _expectInvalid(
            _two(address(0), 5000, address(vaults), 5000),
            abi.encodeWithSelector(IVaults.Vaults_CircularPayee.selector, 1, address(vaults))
        );
    }

    function testFuzz_A159_A160_WhenItsTokenIsNamed(uint128 amount) public {
        // it should share it by the old split
        amount = uint128(bound(amount, 1, 1e30));
        _configure(asset, seller, _usual());
        _pay(asset, amount);
        vm.prank(seller);
        vaults.announce(asset, _ownerOnly(10_000));
        skip(WINDOW);
        vm.prank(seller);
        vaults.configure(asset, _ownerOnly(10_000), WINDOW, _addresses(address(dollar)), _nothing());

        IVaults.Split memory split = _split(_usual(), seller);
        skip(2 * uint256(WINDOW));
        vaults.mature(asset, address(dollar), _idOf(split));
        assertEq(vaults.creditOf(split, 1, address(dollar)), uint256(amount) * 3000 / 10_000);
        assertEq(vaults.creditOf(_split(_ownerOnly(10_000), seller), 0, address(dollar)), 0);
    }

    function test_A160_WhenItsTokenIsNotNamed() public {
        // it should let any payee harvest it before
        _configure(asset, seller, _usual());
        _pay(asset, 10e6);
        vm.prank(alice);
        vaults.harvest(asset, address(dollar));
        _reconfigure(asset, seller, _ownerOnly(10_000));

        (uint128 immature,) = vaults.pendingOf(asset, address(dollar), _idOf(_split(_usual(), seller)));
        assertEq(immature, 10e6);
    }

    function testFuzz_A160_RevertWhen_NotAnnounced(uint16 less) public {
        _configure(asset, seller, _usual());
        less = uint16(bound(less, 0, 2999));
        // it should revert with {Vaults_NotAnnounced}
        _expectNotAnnounced(less == 0 ? _ownerOnly(10_000) : _two(address(0), 10_000 - less, alice, less));
    }

    function test_A160_RevertWhen_AnotherPayeeTakesThePlace() public {
        _configure(asset, seller, _usual());
        _expectNotAnnounced(_two(address(0), 7000, bob, 3000));
        _expectNotAnnounced(_two(alice, 2999, bob, 7001));
    }

    function testFuzz_A160_RevertWhen_TheWindowHasNotPassed(uint256 early) public {
        _announce(bound(early, 0, WINDOW - 1));
        // it should revert with {Vaults_NotAnnounced}
        _expectNotAnnounced(_ownerOnly(10_000));
    }

    function testFuzz_A160_RevertWhen_ThirtyDaysMoreHavePassed(uint256 late) public {
        _announce(WINDOW + bound(late, 30 days + 1, 1000 days));
        // it should revert with {Vaults_NotAnnounced}
        _expectNotAnnounced(_ownerOnly(10_000));
    }

    function test_A160_RevertWhen_SomethingElseWasAnnounced() public {
        _announce(WINDOW);
        // it should revert with {Vaults_NotAnnounced}
        _expectNotAnnounced(_two(address(0), 9000, alice, 1000));
    }

    function test_A160_RevertWhen_ItIsUsedASecondTime() public {
        _announce(WINDOW);
        _configure(asset, seller, _ownerOnly(10_000));
        vm.prank(seller);
        vaults.configure(asset, _usual(), WINDOW, none, _split(_ownerOnly(10_000), seller));
        // it should revert with {Vaults_NotAnnounced}
        _expectNotAnnounced(_ownerOnly(10_000));
    }

    function testFuzz_A160_WhenItWasAnnouncedAWindowAgo(uint256 time) public {
        _announce(WINDOW + bound(time, 0, 30 days));
        // it should configure it whatever split is named
        _configure(asset, seller, _ownerOnly(10_000));
        assertEq(vaults.splitIdOf(asset), _idOf(_split(_ownerOnly(10_000), seller)));
    }

    function test_A160_WhenSomethingElseIsConfiguredMeanwhile() public {
        _announce(WINDOW);
        vm.prank(seller);
        vaults.configure(asset, _usual(), WINDOW, none, _split(_usual(), seller));
        // it should forget what was announced
        (, uint40 usableFrom) = vaults.announcementOf(asset);
        assertEq(usableFrom, 0);
        _expectNotAnnounced(_ownerOnly(10_000));
    }

    function test_A160_AShorterWindowDoesNotShortenTheWait() public {
        _announce(0);
        vm.prank(seller);
        vaults.configure(asset, _usual(), FLOOR, none, _split(_usual(), seller));
        skip(FLOOR);
        IVaults.Split memory current = _split(_usual(), seller);
        current.window = FLOOR;
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NotAnnounced.selector, asset));
        vaults.configure(asset, _ownerOnly(10_000), WINDOW, none, current);
    }

    function test_RevertWhen_AnotherSplitIsNamed() public {
        _configure(asset, seller, _usual());
        // it should revert with {Vaults_OtherSplit}
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_OtherSplit.selector, asset));
        vaults.configure(asset, _ownerOnly(10_000), WINDOW, none, _split(_ownerOnly(10_000), seller));
    }

    function testFuzz_A160_WhenTheSplitInForceIsNamed(uint16 more) public {
        more = uint16(bound(more, 3000, 9999));
        _configure(asset, seller, _usual());
        // it should configure it at once
        IVaults.Payee[] memory payees = _two(address(0), 10_000 - more, alice, more);
        vm.prank(seller);
        vaults.configure(asset, payees, WINDOW, none, _split(_usual(), seller));
        assertEq(vaults.splitIdOf(asset), _idOf(_split(payees, seller)));
    }

    function test_TheOwnersOwnRowsMayShrink() public {
        IVaults.Payee[] memory payees =
            seller < alice ? _two(seller, 7000, alice, 3000) : _two(alice, 3000, seller, 7000);
        _configure(asset, seller, payees);
        vm.prank(seller);
        vaults.configure(asset, _two(alice, 3000, bob, 7000), WINDOW, none, _split(payees, seller));
        assertEq(vaults.splitIdOf(asset), _idOf(_split(_two(alice, 3000, bob, 7000), seller)));
    }

    function _announce(uint256 time) internal {
        _configure(asset, seller, _usual());
        vm.prank(seller);
        vaults.announce(asset, _ownerOnly(10_000));
        skip(time);
    }

    function _expectNotAnnounced(IVaults.Payee[] memory payees) internal {
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NotAnnounced.selector, asset));
        vaults.configure(asset, payees, WINDOW, none, _split(_usual(), seller));
    }

    function testFuzz_GivenThereIsAProtocolFee(uint16 fee) public {
        fee = uint16(bound(fee, 1, 500));
        _setFee(fee);

        // it should need shares that leave room for the fee
        _expectInvalid(
            _ownerOnly(10_000), abi.encodeWithSelector(IVaults.Vaults_WrongSum.selector, 10_000 + fee, 10_000)
        );
        _configure(asset, seller, _ownerOnly(10_000 - fee));

        // it should keep the fee and the treasury of that moment
        _setFee(0);
        vm.prank(governor);
        policy.setTreasury(stranger);
        IVaults.Split memory split = _split(_ownerOnly(10_000 - fee), seller);
        (split.treasury, split.feeBps) = (treasury, fee);
        assertEq(vaults.splitIdOf(asset), _idOf(split));
    }

    function testFuzz_WhenTheOwnerOrADelegateConfigures(bool delegated, uint40 window) public {
        window = uint40(bound(window, FLOOR, 30 days));
        vm.prank(seller);
        assets.setDelegate(asset, stranger, Powers.SPLIT);
        IVaults.Split memory split = _split(_usual(), seller);
        split.window = window;

        // it should emit {Configure}
        vm.expectEmit(address(vaults));
        emit IVaults.Configure(asset, _idOf(split), seller, _usual(), address(0), 0, window);
        vm.record();
        vm.prank(delegated ? stranger : seller);
        vaults.configure(asset, _usual(), window, none, _nothing());

        // it should write one storage slot
        (, bytes32[] memory writes) = vm.accesses(address(vaults));
        assertEq(writes.length, 1);

        // it should put the split in force
        assertEq(vaults.splitIdOf(asset), _idOf(split));
        assertEq(abi.encode(vaults.termsOf(asset)), abi.encode(_termsOf(split)));
    }

    function _expectWrongWindow(uint40 window) internal {
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_WrongWindow.selector, window, FLOOR, 30 days));
        vaults.configure(asset, _usual(), window, none, _nothing());
    }

    function _expectInvalid(IVaults.Payee[] memory payees, bytes memory reason) internal {
        vm.prank(seller);
        vm.expectRevert(reason);
        vaults.configure(asset, payees, WINDOW, none, _nothing());
    }
}
