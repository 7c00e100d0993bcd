// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAssets } from "../../src/interfaces/IAssets.sol";
import { IVaults } from "../../src/interfaces/IVaults.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

contract VaultsAttachTest is VaultsBase {
    function testFuzz_RevertWhen_TheCallerIsNotTheAssetsContract(address caller) public {
        // it should revert with {Vaults_NotAssets}
        vm.assume(caller != address(assets));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_NotAssets.selector, caller));
        vaults.attach(seller, asset, 1, abi.encode(_usual(), WINDOW));
    }

    function test_RevertGiven_TheAccountHasASplit() public {
        // it should revert with {Vaults_Configured}
        _configure(asset, seller, _usual());
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_Configured.selector, asset));
        assets.update(asset, keccak256("second"), "ipfs://second", _attachment(_ownerOnly(10_000)));
    }

    function test_RevertWhen_ThePayeesAreInvalid() public {
        // it should revert the whole publication
        IAssets.Publication memory publication = IAssets.Publication({
            kind: IAssets.Kind.Model, manifestRoot: keccak256("m"), salt: "new", uri: "ipfs://m"
        });
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IVaults.Vaults_WrongSum.selector, 9999, 10_000));
        assets.publish(publication, _attachment(_ownerOnly(9999)));
    }

    function test_WhenAnAssetIsPublishedWithASplit() public {
        uint256 fresh = assets.idOf(seller, IAssets.Kind.Model, keccak256("m"), "new");
        // it should emit {Configure}
        vm.expectEmit(address(vaults));
        emit IVaults.Configure(fresh, _idOf(_split(_usual(), seller)), seller, _usual(), address(0), 0, WINDOW);
        assertEq(_publishWith(seller, "new", _attachment(_usual())), fresh);

        // it should configure the split of the publisher
        assertEq(vaults.splitIdOf(fresh), _idOf(_split(_usual(), seller)));
    }

    function _attachment(IVaults.Payee[] memory payees) internal view returns (IAssets.Attachment[] memory list) {
        list = new IAssets.Attachment[](1);
        list[0] = IAssets.Attachment({ module: address(vaults), data: abi.encode(payees, WINDOW) });
    }
}
