// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IVaults } from "../../src/interfaces/IVaults.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

contract VaultsCascadeTest is VaultsBase {
    uint256 internal child;

    function setUp() public override {
        super.setUp();
        _configure(asset, seller, _usual());
        child = _publishBound(heir, "child", _one(asset, 1500));
        _configure(child, heir, _ownerOnly(10_000));
    }

    function testFuzz_RevertWhen_TheRowIsNotThatOfAnAsset(uint256 index) public {
        _earn(child, 10e6);
        index = bound(index, 1, type(uint256).max);
        // it should revert with {Vaults_NoRow}
        IVaults.Split memory split = _child();
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NoRow.selector, index));
        vaults.cascade(split, index, address(dollar));
    }

    function test_RevertGiven_TheRowHasNothing() public {
        // it should revert with {Vaults_NoCredit}
        IVaults.Split memory split = _child();
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NoCredit.selector, _idOf(split), 0, address(dollar)));
        vaults.cascade(split, 0, address(dollar));
    }

    function test_RevertWhen_TheRowIsWithdrawn() public {
        _earn(child, 10e6);
        // it should revert with {Vaults_NoRow}
        IVaults.Split memory split = _child();
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NoRow.selector, 0));
        vaults.withdraw(split, 0, address(dollar));
    }

    function testFuzz_GivenTheParentWasNeverConfigured(uint64 amount) public {
        amount = uint64(bound(amount, 10, type(uint64).max));
        uint256 parent = _publish(seller, "parent");
        uint256 other = _publishBound(heir, "other", _one(parent, 1000));
        _configure(other, heir, _ownerOnly(10_000));
        _earn(other, amount);
        vaults.cascade(_bound(other, _one(parent, 1000)), 0, address(dollar));

        // it should take the default of the parent
        IVaults.Split memory split = _split(_ownerOnly(10_000), seller);
        split.window = FLOOR;
        assertEq(vaults.splitIdOf(parent), _idOf(split));
        assertEq(vaults.creditOf(split, 0, address(dollar)), amount / 10);
    }

    function testFuzz_P2_P3_GivenTheParentPassesOnInTurn(uint64 amount) public {
        amount = uint64(bound(amount, 1000, type(uint64).max));
        uint256 grandchild = _publishBound(stranger, "grandchild", _one(child, 3333));
        _configure(grandchild, stranger, _ownerOnly(10_000));
        _earn(grandchild, amount);

        // it should take one call a step
        uint256 toChild = vaults.cascade(_bound(grandchild, _one(child, 3333)), 0, address(dollar));
        uint256 toAsset = vaults.cascade(_child(), 0, address(dollar));
        // it should share out to the atom
        assertEq(toChild, uint256(amount) * 3333 / 10_000);
        assertEq(toAsset, toChild * 1500 / 10_000);
        assertEq(vaults.creditOf(_split(_usual(), seller), 1, address(dollar)), toAsset * 3000 / 10_000);
        assertEq(vaults.creditOf(_child(), 1, address(dollar)), toChild * 8500 / 10_000);
        assertEq(
            vaults.creditOf(_bound(grandchild, _one(child, 3333)), 1, address(dollar)), uint256(amount) * 6667 / 10_000
        );
    }

    function testFuzz_A062_GivenThereIsAProtocolFee(uint16 fee, uint64 amount) public {
        fee = uint16(bound(fee, 1, 500));
        _setFee(fee);
        uint256 parent = _publish(seller, "parent");
        _configure(parent, seller, _ownerOnly(10_000 - fee));
        uint256 other = _publishBound(heir, "other", _one(parent, 4000));
        _configure(other, heir, _ownerOnly(10_000 - fee));
        _earn(other, amount);
        IVaults.Split memory split = _taxed(fee, heir, _one(parent, 4000));
        if (amount >= 3) vaults.cascade(split, 0, address(dollar));

        // it should charge no atom twice
        IVaults.Split memory above = _taxed(fee, seller, _none());
        uint256 passed = uint256(amount) * 4000 / 10_000;
        uint256 charged = vaults.creditOf(split, 2, address(dollar)) + vaults.creditOf(above, 1, address(dollar));
        assertEq(charged, uint256(amount) * 6000 * fee / 1e8 + passed * fee / 10_000);
        assertLe(charged, uint256(amount) * fee / 10_000);
    }

    function test_A063_GivenTwoParentsHaveOneParent() public {
        uint256 twin = _publishBound(heir, "twin", _one(asset, 2500));
        _configure(twin, heir, _ownerOnly(10_000));
        IVaults.Upstream[] memory both = new IVaults.Upstream[](2);
        (uint256 low, uint256 high) = child < twin ? (child, twin) : (twin, child);
        both[0] = IVaults.Upstream({ account: low, bps: 2000 });
        both[1] = IVaults.Upstream({ account: high, bps: 2000 });
        uint256 last = _publishBound(stranger, "last", both);
        _configure(last, stranger, _ownerOnly(10_000));
        _earn(last, 100e6);
        vaults.cascade(_bound(last, both), 0, address(dollar));
        vaults.cascade(_bound(last, both), 1, address(dollar));
        vaults.cascade(_child(), 0, address(dollar));
        vaults.cascade(_bound(twin, _one(asset, 2500)), 0, address(dollar));

        // it should bring it both shares
        assertEq(vaults.accruedOf(_idOf(_split(_usual(), seller)), address(dollar)), 3e6 + 5e6);
    }

    function testFuzz_WhenTheRowHasSomething(uint64 amount) public {
        amount = uint64(bound(amount, 10, type(uint64).max));
        _earn(child, amount);
        uint128 share = uint128(uint256(amount) * 1500 / 10_000);
        IVaults.Split memory split = _child();

        // it should emit {Cascade}
        vm.expectEmit(address(vaults));
        emit IVaults.Cascade(_idOf(split), address(dollar), asset, _idOf(_split(_usual(), seller)), 0, share);
        vm.recordLogs();
        vm.prank(stranger);
        vaults.cascade(split, 0, address(dollar));

        // it should move no token
        assertEq(vm.getRecordedLogs().length, 1);
        assertEq(dollar.balanceOf(address(vaults)), amount);
        // it should accrue to the split in force of the parent
        // it should not wait again
        assertEq(vaults.creditOf(_split(_usual(), seller), 1, address(dollar)), uint256(share) * 3000 / 10_000);
        assertEq(vaults.creditOf(_child(), 0, address(dollar)), 0);
    }

    function _bound(uint256 account, IVaults.Upstream[] memory upstream)
        internal
        view
        returns (IVaults.Split memory split)
    {
        split = _split(_ownerOnly(10_000), assets.ownerOf(account));
        split.upstream = upstream;
    }

    function _child() internal view returns (IVaults.Split memory) {
        return _bound(child, _one(asset, 1500));
    }

    function _taxed(uint16 fee, address owner, IVaults.Upstream[] memory upstream)
        internal
        view
        returns (IVaults.Split memory split)
    {
        split = _split(_ownerOnly(10_000 - fee), owner);
        (split.upstream, split.treasury, split.feeBps) = (upstream, treasury, fee);
    }
}
