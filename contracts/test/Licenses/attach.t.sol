// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAssets } from "../../src/interfaces/IAssets.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { HostileModule } from "../actors/HostileModule.sol";
import { LicensesTest } from "./Licenses.t.sol";

contract LicensesAttachTest is LicensesTest {
    bytes32 internal constant ROOT = "attached root";

    function _lists(uint256 count)
        internal
        view
        returns (ILicenses.Terms[] memory list, ILicenses.Prices[] memory priceList)
    {
        list = new ILicenses.Terms[](count);
        priceList = new ILicenses.Prices[](count);
        for (uint256 i; i < count; ++i) {
            list[i] = terms;
            list[i].price = uint128(i);
            priceList[i] = prices;
        }
    }

    function _attachment(ILicenses.Terms[] memory list, ILicenses.Prices[] memory priceList)
        internal
        view
        returns (IAssets.Attachment[] memory attachments)
    {
        attachments = new IAssets.Attachment[](1);
        attachments[0] = IAssets.Attachment({ module: address(licenses), data: abi.encode(list, priceList) });
    }

    function _publication() internal pure returns (IAssets.Publication memory) {
        return IAssets.Publication({ kind: IAssets.Kind.Model, manifestRoot: ROOT, salt: 0, uri: "ipfs://card" });
    }

    function _next() internal view returns (uint256) {
        return assets.idOf(alice, IAssets.Kind.Model, ROOT, 0);
    }

    function _publishWith(ILicenses.Terms memory one) internal {
        ILicenses.Terms[] memory list = new ILicenses.Terms[](1);
        ILicenses.Prices[] memory priceList = new ILicenses.Prices[](1);
        (list[0], priceList[0]) = (one, prices);
        IAssets.Attachment[] memory attachments = _attachment(list, priceList);
        vm.prank(alice);
        assets.publish(_publication(), attachments);
    }

    function testFuzz_RevertWhen_CallerIsNotAssets(address caller) external {
        vm.assume(caller != address(assets));
        (ILicenses.Terms[] memory list, ILicenses.Prices[] memory priceList) = _lists(1);

        // it should revert with {Licenses_NotAssets}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotAssets.selector, caller));
        vm.prank(caller);
        licenses.attach(alice, asset, 1, abi.encode(list, priceList));
    }

    function test_RevertWhen_LengthsDiffer() external {
        (ILicenses.Terms[] memory list,) = _lists(2);
        (, ILicenses.Prices[] memory priceList) = _lists(1);
        IAssets.Attachment[] memory attachments = _attachment(list, priceList);

        // it should revert with {Licenses_LengthMismatch}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_LengthMismatch.selector, uint256(2), uint256(1)));
        vm.prank(alice);
        assets.publish(_publication(), attachments);
    }

    function test_A055_RevertWhen_TermsNameAnotherAsset() external {
        // A publisher attaches an offer of somebody else's asset to a publication of its own.
        ILicenses.Terms[] memory list;
        ILicenses.Prices[] memory priceList;
        (list, priceList) = _lists(1);
        IAssets.Attachment[] memory attachments = _attachment(list, priceList);
        uint256 own = assets.idOf(bob, IAssets.Kind.Model, ROOT, 0);

        // it should revert with {Licenses_ForeignAsset}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_ForeignAsset.selector, own, asset));
        vm.prank(bob);
        assets.publish(_publication(), attachments);
    }

    function test_RevertWhen_TermsNameAnUnknownVersion() external {
        ILicenses.Terms memory one = terms;
        (one.asset, one.version) = (0, 2);

        // it should revert with {Licenses_UnknownVersion}
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_UnknownVersion.selector, _next(), uint32(2)));
        _publishWith(one);
    }

    function test_RevertWhen_TermsAreNotInOrder() external {
        ILicenses.Terms memory one = terms;
        (one.asset, one.slaId) = (0, "sla");
        vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_NotEnforced.selector, bytes32("slaId")));
        _publishWith(one);

        // it should revert the publication
        assertEq(assets.versionOf(_next()), 0);
    }

    function test_WhenAssetAndVersionAreZero() external {
        ILicenses.Terms memory one = terms;
        (one.asset, one.version) = (0, 0);
        terms.asset = _next();
        bytes32 termsId = licenses.idOf(terms);

        // it should emit {Offer}
        vm.expectEmit(address(licenses));
        emit ILicenses.Offer({ termsId: termsId, asset: _next(), seller: alice, terms: terms, prices: prices });
        _publishWith(one);

        // it should fill them in before it hashes the terms
        assertTrue(licenses.isOffered(terms));
        _buy(bob, bob);
        _assertLicense(bob, NOW, NOW + 30 days);
    }

    function test_WhenAssetAndVersionAreNamed() external {
        terms.asset = _next();
        _publishWith(terms);

        // it should offer the terms as they are
        assertTrue(licenses.isOffered(terms));
    }

    function test_WhenThereAreSeveral() external {
        (ILicenses.Terms[] memory list, ILicenses.Prices[] memory priceList) = _lists(3);
        IAssets.Attachment[] memory attachments = _attachment(list, priceList);
        vm.prank(alice);
        assets.update(asset, "root 2", "ipfs://card", attachments);

        // it should offer each
        for (uint256 i; i < 3; ++i) {
            assertTrue(licenses.isOffered(list[i]));
        }
        assertEq(list[0].version, 1, "an update can renew offers of an earlier version");
    }

    function test_A055_AnAttachmentAfterASaleIsRefused() external {
        // The seller is a contract that sells the asset in one attachment and offers it in the next.
        HostileModule seller = new HostileModule();
        uint256 id = assets.idOf(address(seller), IAssets.Kind.Model, ROOT, 0);
        seller.arm(address(assets), abi.encodeCall(assets.transferFrom, (address(seller), bob, id)));
        terms.asset = id;
        ILicenses.Terms[] memory list = new ILicenses.Terms[](1);
        ILicenses.Prices[] memory priceList = new ILicenses.Prices[](1);
        (list[0], priceList[0]) = (terms, prices);
        IAssets.Attachment[] memory attachments = new IAssets.Attachment[](2);
        attachments[0] = IAssets.Attachment({ module: address(seller), data: "" });
        attachments[1] = _attachment(list, priceList)[0];

        bytes memory call = abi.encodeCall(assets.publish, (_publication(), attachments));
        vm.expectRevert(abi.encodeWithSelector(IAssets.Assets_OwnerChanged.selector, id, bob));
        seller.execute(address(assets), call);
        assertFalse(licenses.isOffered(terms));
    }
}
