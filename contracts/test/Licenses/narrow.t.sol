// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAssets } from "../../src/interfaces/IAssets.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { Duties, Rights } from "../../src/libraries/Rights.sol";
import { HostileModule } from "../actors/HostileModule.sol";
import { LicensesTest } from "./Licenses.t.sol";

contract LicensesNarrowTest is LicensesTest {
    HostileModule internal module;

    function setUp() public override {
        super.setUp();
        module = new HostileModule();
    }

    function _arm(uint256 narrowed, uint32 rights, uint32 duties) internal {
        module.arm(address(licenses), abi.encodeCall(licenses.narrow, (narrowed, rights, duties)));
    }

    function _update() internal {
        IAssets.Attachment[] memory attachments = new IAssets.Attachment[](1);
        attachments[0].module = address(module);
        vm.prank(alice);
        assets.update(asset, keccak256("next"), "ipfs://card", attachments);
    }

    function _expectBeyond() internal {
        vm.expectRevert(
            abi.encodeWithSelector(ILicenses.Licenses_BeyondParents.selector, asset, terms.rights, terms.duties)
        );
    }

    function testFuzz_RevertWhen_TheCallerIsNotTheModule(address caller) external {
        // it should revert with {Licenses_NotAttached}
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotAttached.selector, asset, caller));
        licenses.narrow(asset, 0, 0);
    }

    function test_RevertWhen_TheAssetIsAnother() external {
        uint256 other = _publish(bob, "other");
        _arm(other, 0, 0);
        IAssets.Attachment[] memory attachments = new IAssets.Attachment[](1);
        attachments[0].module = address(module);
        // it should revert with {Licenses_NotAttached}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotAttached.selector, other, address(module)));
        vm.prank(alice);
        assets.update(asset, keccak256("next"), "ipfs://card", attachments);
    }

    function test_WhenAModuleNarrowsItsAsset() external {
        _offer(alice);
        _arm(asset, Rights.INFER | Rights.EMBED, Duties.LOG);
        // it should emit {Narrow}
        vm.expectEmit(address(licenses));
        emit ILicenses.Narrow(asset, Rights.INFER | Rights.EMBED, Duties.LOG);
        _update();

        // it should not sell what was offered before
        _expectBeyond();
        _buy(bob, bob);
        // it should refuse offers of other rights
        terms.duties = Duties.LOG;
        _expectBeyond();
        _offer(alice);
        // it should refuse offers without the duties
        (terms.rights, terms.duties) = (Rights.INFER, Duties.ATTRIBUTE);
        _expectBeyond();
        _offer(alice);

        // it should only ever narrow
        _arm(asset, Rights.ALL, 0);
        _update();
        _expectBeyond();
        _offer(alice);
        terms.duties = Duties.LOG | Duties.ATTRIBUTE;
        _offer(alice);
        _buy(bob, bob);
        assertTrue(_isValid(bob, block.timestamp));
    }
}
