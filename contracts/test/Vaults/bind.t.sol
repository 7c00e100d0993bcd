// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC721Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { IAssets } from "../../src/interfaces/IAssets.sol";
import { IVaults } from "../../src/interfaces/IVaults.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

contract VaultsBindTest is VaultsBase {
    uint256 internal child;

    function setUp() public override {
        super.setUp();
        child = assets.idOf(heir, IAssets.Kind.Model, keccak256("m"), "child");
    }

    function testFuzz_RevertWhen_TheCallerIsNotTheModule(address caller) public {
        // it should revert with {Vaults_NotAttached}
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NotAttached.selector, child, caller));
        vaults.bind(child, _one(asset, 1000));
    }

    function test_RevertWhen_TheAssetIsAnother() public {
        uint256 other = _publish(heir, "other");
        module.arm(address(vaults), abi.encodeCall(vaults.bind, (other, _one(asset, 1000))));
        // it should revert with {Vaults_NotAttached}
        _expectRevert(abi.encodeWithSelector(IVaults.Vaults_NotAttached.selector, other, address(module)));
    }

    function test_A063_RevertWhen_TheAssetIsUpdated() public {
        uint256 younger = _publish(seller, "younger");
        module.arm(address(vaults), abi.encodeCall(vaults.bind, (asset, _one(younger, 1000))));
        // it should revert with {Vaults_Bound}
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_Bound.selector, asset));
        assets.update(asset, keccak256("2"), "ipfs://2", _attaching(address(module), ""));
    }

    function test_RevertGiven_TheAssetIsBound() public {
        module.arm(address(vaults), abi.encodeCall(vaults.bind, (child, _one(asset, 1000))));
        module.arm(address(vaults), abi.encodeCall(vaults.bind, (child, _one(asset, 1))));
        // it should revert with {Vaults_Bound}
        _expectRevert(abi.encodeWithSelector(IVaults.Vaults_Bound.selector, child));
    }

    function test_RevertGiven_RevenueWasHarvested() public {
        _pay(child, 10e6);
        module.arm(address(vaults), abi.encodeCall(vaults.harvest, (child, address(dollar))));
        module.arm(address(vaults), abi.encodeCall(vaults.bind, (child, _one(asset, 1000))));
        // it should revert with {Vaults_Bound}
        _expectRevert(abi.encodeWithSelector(IVaults.Vaults_Bound.selector, child));
    }

    function test_A076_RevertWhen_TheAssetsAreMoreThanSixteen() public {
        IVaults.Upstream[] memory upstream = new IVaults.Upstream[](17);
        for (uint256 i = 0; i < 17; ++i) {
            upstream[i] = IVaults.Upstream({ account: i + 1, bps: 1 });
        }
        // it should revert with {Vaults_InvalidUpstream}
        _expectInvalid(upstream, 16);
    }

    function test_RevertWhen_AnAssetOccursTwice() public {
        // it should revert with {Vaults_InvalidUpstream}
        _expectInvalid(_pair(asset, 1, asset, 1), 1);
    }

    function test_A063_RevertWhen_AnAssetIsTheAccountItself() public {
        // it should revert with {Vaults_InvalidUpstream}
        _expectInvalid(_one(child, 1), 0);
    }

    function test_RevertWhen_AShareIsZero() public {
        // it should revert with {Vaults_InvalidUpstream}
        _expectInvalid(_one(asset, 0), 0);
    }

    function testFuzz_L7_A063_RevertWhen_TheSharesExceedTheWhole(uint16 first, uint16 second) public {
        first = uint16(bound(first, 1, 10_000));
        second = uint16(bound(second, 10_001 - first, type(uint16).max));
        // it should revert with {Vaults_InvalidUpstream}
        _expectInvalid(_pair(1, first, asset, second), 1);
    }

    function test_A063_RevertWhen_AnAssetDoesNotExist() public {
        // Named before it exists, it could in turn name this one.
        module.arm(address(vaults), abi.encodeCall(vaults.bind, (child, _one(asset + 1, 1000))));
        // it should revert with {ERC721NonexistentToken}
        _expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, asset + 1));
    }

    function test_GivenThePublicationConfiguredBefore() public {
        module.arm(address(vaults), abi.encodeCall(vaults.bind, (child, _one(asset, 1000))));
        IAssets.Attachment[] memory attachments = new IAssets.Attachment[](2);
        attachments[0] = IAssets.Attachment({ module: address(vaults), data: abi.encode(_usual(), WINDOW) });
        attachments[1].module = address(module);
        _publishWith(heir, "child", attachments);

        // it should put the assets before those shares
        IVaults.Split memory split = _split(_usual(), heir);
        split.upstream = _one(asset, 1000);
        assertEq(vaults.splitIdOf(child), _idOf(split));
    }

    function testFuzz_WhenEverythingIsInOrder(uint16 bps) public {
        bps = uint16(bound(bps, 1, 10_000));
        module.arm(address(vaults), abi.encodeCall(vaults.bind, (child, _one(asset, bps))));
        // it should emit {Bind}
        vm.expectEmit(address(vaults));
        emit IVaults.Bind(child, _one(asset, bps));
        _publishWith(heir, "child", _attaching(address(module), ""));

        // it should keep the hash
        assertEq(vaults.upstreamHashOf(child), keccak256(abi.encode(_one(asset, bps))));
        // it should be part of the default split
        IVaults.Split memory split = _split(_ownerOnly(10_000), heir);
        (split.upstream, split.window) = (_one(asset, bps), FLOOR);
        assertEq(vaults.splitIdOf(child), _idOf(split));
        // it should be part of every split configured afterwards
        _configure(child, heir, _usual());
        (split.payees, split.window) = (_usual(), WINDOW);
        assertEq(vaults.splitIdOf(child), _idOf(split));
    }

    function _pair(uint256 first, uint16 firstBps, uint256 second, uint16 secondBps)
        internal
        pure
        returns (IVaults.Upstream[] memory upstream)
    {
        upstream = new IVaults.Upstream[](2);
        upstream[0] = IVaults.Upstream({ account: first, bps: firstBps });
        upstream[1] = IVaults.Upstream({ account: second, bps: secondBps });
    }

    function _expectInvalid(IVaults.Upstream[] memory upstream, uint256 index) internal {
        module.arm(address(vaults), abi.encodeCall(vaults.bind, (child, upstream)));
        _expectRevert(abi.encodeWithSelector(IVaults.Vaults_InvalidUpstream.selector, index, upstream[index].account));
    }

    function _expectRevert(bytes memory reason) internal {
        vm.prank(heir);
        vm.expectRevert(reason);
        assets.publish(
            IAssets.Publication({
                kind: IAssets.Kind.Model, manifestRoot: keccak256("m"), salt: "child", uri: "ipfs://m"
            }),
            _attaching(address(module), "")
        );
    }
}
