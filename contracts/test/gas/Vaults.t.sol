// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAssets } from "../../src/interfaces/IAssets.sol";
import { IVaults } from "../../src/interfaces/IVaults.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

/// @notice What calls cost, without the 21,000 of a transaction and its calldata. Every account and slot is cold, as in
/// a transaction of its own.
contract VaultsGasTest is VaultsBase {
    bytes32 internal splitId;

    function setUp() public override {
        super.setUp();
        dollar.mint(address(vaults), 1);
        dollar.mint(seller, 1);
        dollar.mint(buyer, 1);
        _configure(asset, seller, _usual());
        splitId = vaults.splitIdOf(asset);
    }

    function test_Configure() public {
        uint256 fresh = _publish(seller, "fresh");
        _cool();
        vm.prank(seller);
        vaults.configure(fresh, _usual(), WINDOW, new address[](0), _nothing());
        vm.snapshotGasLastCall("Vaults", "configure: first split, two payees");
        _cool();
        vm.prank(seller);
        vaults.announce(fresh, _ownerOnly(10_000));
        vm.snapshotGasLastCall("Vaults", "announce: one payee");
        skip(WINDOW);
        _cool();
        vm.prank(seller);
        vaults.configure(fresh, _ownerOnly(10_000), WINDOW, new address[](0), _nothing());
        vm.snapshotGasLastCall("Vaults", "configure: announced, one payee");
    }

    function test_ConfigureSixtyFour() public {
        IVaults.Payee[] memory payees = _many();
        uint256 fresh = _publish(seller, "fresh");
        _cool();
        vm.prank(seller);
        vaults.configure(fresh, payees, WINDOW, new address[](0), _nothing());
        vm.snapshotGasLastCall("Vaults", "configure: first split, sixty-four payees");
    }

    function test_Attach() public {
        IAssets.Attachment[] memory attachments = new IAssets.Attachment[](1);
        attachments[0] = IAssets.Attachment({ module: address(vaults), data: abi.encode(_usual(), WINDOW) });
        _cool();
        _publishWith(seller, "without", new IAssets.Attachment[](0));
        uint256 without = vm.lastCallGas().gasTotalUsed;
        _cool();
        _publishWith(seller, "with", attachments);
        vm.snapshotValue(
            "Vaults", "attach: a split of two payees within a publication", vm.lastCallGas().gasTotalUsed - without
        );
    }

    function test_Harvest() public {
        _pay(asset, PRICE);
        _cool();
        vaults.harvest(asset, address(dollar));
        vm.snapshotGasLastCall("Vaults", "harvest: first, deploys the payout address");
        _pay(asset, PRICE);
        _cool();
        vaults.harvest(asset, address(dollar));
        vm.snapshotGasLastCall("Vaults", "harvest: again in the same bucket");
        skip(1 days);
        _pay(asset, PRICE);
        _cool();
        vaults.harvest(asset, address(dollar));
        vm.snapshotGasLastCall("Vaults", "harvest: in a new bucket");
    }

    function test_MatureAndWithdraw() public {
        _payAndHarvest(asset, PRICE);
        skip(2 * uint256(WINDOW));
        _cool();
        vaults.mature(asset, address(dollar), splitId);
        vm.snapshotGasLastCall("Vaults", "mature: one bucket, first time");
        _cool();
        vaults.withdraw(_split(_usual(), seller), 0, address(dollar));
        vm.snapshotGasLastCall("Vaults", "withdraw: first time");
        _earn(asset, PRICE);
        _cool();
        vaults.withdraw(_split(_usual(), seller), 0, address(dollar));
        vm.snapshotGasLastCall("Vaults", "withdraw: again");
    }

    function test_Cascade() public {
        uint256 child = _publishBound(heir, "child", _one(asset, 1500));
        _configure(child, heir, _ownerOnly(10_000));
        IVaults.Split memory split = _split(_ownerOnly(10_000), heir);
        split.upstream = _one(asset, 1500);
        _earn(child, PRICE);
        _cool();
        vaults.cascade(split, 0, address(dollar));
        vm.snapshotGasLastCall("Vaults", "cascade: first step into a split");
        _earn(child, PRICE);
        _cool();
        vaults.cascade(split, 0, address(dollar));
        vm.snapshotGasLastCall("Vaults", "cascade: again");
    }

    function test_CascadeLargest() public {
        IVaults.Upstream[] memory upstream = new IVaults.Upstream[](16);
        uint256 previous;
        for (uint256 i = 0; i < 16; ++i) {
            uint256 next = type(uint256).max;
            for (uint256 j = 0; j < 16; ++j) {
                uint256 id = assets.idOf(seller, IAssets.Kind.Model, keccak256("m"), bytes32(j));
                if (i == 0) _publish(seller, bytes32(j));
                if (id > previous && id < next) next = id;
            }
            upstream[i] = IVaults.Upstream({ account: next, bps: 500 });
            previous = next;
        }
        uint256 child = assets.idOf(heir, IAssets.Kind.Model, keccak256("m"), "child");
        module.arm(address(vaults), abi.encodeCall(vaults.bind, (child, upstream)));
        _publishWith(heir, "child", _attaching(address(module), ""));
        IVaults.Payee[] memory payees = _many();
        _configure(child, heir, payees);
        IVaults.Split memory split = _split(payees, heir);
        split.upstream = upstream;
        _earn(child, PRICE);
        vaults.cascade(split, 0, address(dollar));
        _earn(child, PRICE);
        _cool();
        vaults.cascade(split, 0, address(dollar));
        vm.snapshotGasLastCall("Vaults", "cascade: again, sixteen parents and sixty-four payees");
    }

    function test_Assign() public {
        _cool();
        vm.prank(alice);
        vaults.assign(asset, _split(_usual(), seller), 1, bob, new address[](0));
        vm.snapshotGasLastCall("Vaults", "assign: one of two payees");
    }

    function test_Refund() public {
        _payAndHarvest(asset, PRICE);
        IVaults.Note memory note = _note(_receipt(asset, 1), 5e6);
        IVaults.Terms memory terms = vaults.termsOf(asset);
        _cool();
        vaults.refund(note, asset, terms);
        vm.snapshotGasLastCall("Vaults", "refund: first of the day");
        note = _note(_receipt(asset, 2), 5e6);
        _cool();
        vaults.refund(note, asset, terms);
        vm.snapshotGasLastCall("Vaults", "refund: again on that day");
    }

    function _many() private pure returns (IVaults.Payee[] memory payees) {
        payees = new IVaults.Payee[](64);
        for (uint160 i = 0; i < 64; ++i) {
            payees[i] = IVaults.Payee({ account: address(i + 1), bps: i == 0 ? 3700 : 100 });
        }
    }

    /// @dev Forgets what was touched before the measured call.
    function _cool() private {
        address[7] memory touched = [
            address(vaults),
            address(implementation),
            address(dollar),
            address(assets),
            address(channels),
            address(book),
            address(policy)
        ];
        for (uint256 i = 0; i < touched.length; ++i) {
            vm.cool(touched[i]);
        }
        vm.cool(vaults.payoutOf(asset));
        vm.cool(address(vaults));
    }
}
