// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAssets } from "../../src/interfaces/IAssets.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { ILineages } from "../../src/interfaces/ILineages.sol";
import { IVaults } from "../../src/interfaces/IVaults.sol";
import { Duties, Rights } from "../../src/libraries/Rights.sol";
import { LineagesBase } from "../base/LineagesBase.sol";

contract LineagesAttachTest is LineagesBase {
    IAssets.Publication internal publication =
        IAssets.Publication({ kind: IAssets.Kind.Model, manifestRoot: keccak256("m"), salt: "child", uri: "ipfs://m" });
    uint256 internal child;
    ILicenses.Terms internal terms;

    function setUp() public override {
        super.setUp();
        child = assets.idOf(heir, IAssets.Kind.Model, keccak256("m"), "child");
        terms = _terms(asset, USE, 0, 500);
        _license(terms, heir);
    }

    function testFuzz_RevertWhen_TheCallerIsNotAssets(address caller) external {
        vm.assume(caller != address(assets));
        bytes memory data = abi.encode(_edges(_edge(terms, 500)));
        // it should revert with {Lineages_NotAssets}
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(ILineages.Lineages_NotAssets.selector, caller));
        lineages.attach(heir, child, 1, data);
    }

    function test_A063_RevertWhen_TheAssetIsUpdated() external {
        uint256 own = _publish(heir, "own");
        IAssets.Attachment[] memory attachments = _list(_edges(_edge(terms, 500)));
        // it should revert with {Lineages_NotPublication}
        vm.prank(heir);
        vm.expectRevert(abi.encodeWithSelector(ILineages.Lineages_NotPublication.selector, own, 2));
        assets.update(own, keccak256("2"), "ipfs://2", attachments);
    }

    function test_RevertWhen_LineageIsAttachedTwice() external {
        IAssets.Attachment[] memory attachments = new IAssets.Attachment[](2);
        attachments[0] = _lineage(_edges(_edge(terms, 500)));
        attachments[1] = attachments[0];
        // it should revert with {Lineages_Attached}
        _expect(attachments, abi.encodeWithSelector(ILineages.Lineages_Attached.selector, child));
    }

    function test_RevertWhen_ThereAreNoParents() external {
        // it should revert with {Lineages_WrongCount}
        _expect(_list(new ILineages.Edge[](0)), abi.encodeWithSelector(ILineages.Lineages_WrongCount.selector, 0, 16));
    }

    function test_A063_A076_RevertWhen_ThereAreMoreThanSixteen() external {
        // it should revert with {Lineages_WrongCount}
        _expect(_list(new ILineages.Edge[](17)), abi.encodeWithSelector(ILineages.Lineages_WrongCount.selector, 17, 16));
    }

    function test_A063_RevertWhen_AParentOccursTwice() external {
        ILineages.Edge[] memory edges = new ILineages.Edge[](2);
        (edges[0], edges[1]) = (_edge(terms, 500), _edge(terms, 500));
        // it should revert with {Lineages_UnsortedParent}
        _expect(_list(edges), abi.encodeWithSelector(ILineages.Lineages_UnsortedParent.selector, 1, asset));
    }

    function test_RevertWhen_TheRightIsMissing() external {
        uint32[5] memory rights = [Rights.TRAIN, Rights.FINETUNE, Rights.DISTILL, Rights.DERIVE, Rights.SUBLICENSE];
        for (uint256 i; i < 5; ++i) {
            ILicenses.Terms memory lacking = _terms(asset, USE & ~rights[i], 0, 0);
            _license(lacking, heir);
            ILineages.Edge memory edge = _edge(lacking, 0);
            edge.relation = ILineages.Relation(i);
            // it should revert with {Lineages_RightMissing}
            _expect(
                _list(_edges(edge)),
                abi.encodeWithSelector(ILineages.Lineages_RightMissing.selector, asset, lacking.rights, rights[i])
            );
            // Any other relation is permitted.
            edge.relation = ILineages.Relation((i + 1) % 5);
            uint256 snapshot = vm.snapshotState();
            _publishWith(heir, "child", _list(_edges(edge)));
            vm.revertToState(snapshot);
        }
    }

    function testFuzz_L7_RevertWhen_TheShareIsBelowTheTerms(uint16 share) external {
        // it should revert with {Lineages_ShareTooSmall}
        _expectTooSmall(uint16(bound(share, 0, 498)));
        _expectTooSmall(499);
    }

    function testFuzz_L7_A063_RevertWhen_TheSharesExceedTheLimit(uint16 share) external {
        share = uint16(bound(share, 9001, type(uint16).max));
        // it should revert with {Lineages_SharesTooLarge}
        _expect(
            _list(_edges(_edge(terms, share))),
            abi.encodeWithSelector(ILineages.Lineages_SharesTooLarge.selector, share, 9000)
        );
    }

    function test_A063_RevertGiven_TheLicenceBelongsToSomebodyElse() external {
        ILicenses.Terms memory others = _terms(asset, USE, Duties.LOG, 0);
        _license(others, stranger);
        // it should revert with {Lineages_NotLicensed}
        _expectNotLicensed(others);
    }

    function test_RevertGiven_TheLicenceHasEnded() external {
        ILicenses.Terms memory short = _terms(asset, USE, 0, 0);
        short.period = 1 days;
        _license(short, heir);
        skip(1 days);
        // it should revert with {Lineages_NotLicensed}
        _expectNotLicensed(short);
    }

    function test_A063_RevertGiven_TheTermsWereNeverOffered() external {
        // Terms that the publisher wrote for a stranger's asset.
        // it should revert with {Lineages_NotLicensed}
        _expectNotLicensed(_terms(asset, USE, Duties.ALL, 0));
        _expectNotLicensed(_terms(asset + 1, USE, 0, 0));
    }

    function test_A063_RevertGiven_TheParentIsTheAssetItself() external {
        // it should revert with {Lineages_NotLicensed}
        _expectNotLicensed(_terms(child, USE, 0, 0));
    }

    function test_WhenOffersAreAttachedBeforeLineage() external {
        IAssets.Attachment[3] memory parts = [_offers(Rights.INFER, 0), _shares(), _lineage(_edges(_edge(terms, 500)))];
        uint8[3][3] memory orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2]];
        for (uint256 i; i < 3; ++i) {
            IAssets.Attachment[] memory attachments = _ordered(parts, orders[i]);

            // it should revert with {Licenses_OfferedBefore}
            vm.expectRevert(abi.encodeWithSelector(ILicenses.Licenses_OfferedBefore.selector, child));
            vm.prank(heir);
            assets.publish(publication, attachments);
        }
    }

    function test_WhenOffersAreAttachedAfterLineage() external {
        IAssets.Attachment[3] memory parts = [_offers(Rights.INFER, 0), _shares(), _lineage(_edges(_edge(terms, 500)))];
        uint8[3][3] memory orders = [[1, 2, 0], [2, 0, 1], [2, 1, 0]];
        IVaults.Split memory split = _split(_usual(), heir);
        split.upstream = _one(asset, 500);
        ILicenses.Terms memory offered = _terms(child, Rights.INFER, 0, 0);
        for (uint256 i; i < 3; ++i) {
            uint256 snapshot = vm.snapshotState();
            _publishWith(heir, "child", _ordered(parts, orders[i]));

            // it should work wherever the shares stand
            assertEq(vaults.splitIdOf(child), _idOf(split));
            licenses.buy(offered, stranger, "");
            assertTrue(licenses.isValid(licenses.idOf(offered), stranger, uint40(block.timestamp)));
            vm.revertToState(snapshot);
        }
    }

    function test_WhenAnOfferIsBeyondTheParents() external {
        IAssets.Attachment[3] memory parts = [_offers(Rights.EXPORT, 0), _shares(), _lineage(_edges(_edge(terms, 500)))];
        uint8[3][6] memory orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        ILicenses.Terms memory offered = _terms(child, Rights.EXPORT, 0, 0);
        for (uint256 i; i < 6; ++i) {
            uint256 snapshot = vm.snapshotState();
            IAssets.Attachment[] memory attachments = _ordered(parts, orders[i]);
            vm.prank(heir);
            try assets.publish(publication, attachments) { } catch { }

            // it should not sell it in any order
            vm.expectRevert();
            licenses.buy(offered, stranger, "");
            vm.revertToState(snapshot);
        }
    }

    function test_WhenNoParentHasAShare() external {
        ILicenses.Terms memory free = _terms(asset, USE, 0, 0);
        _license(free, heir);
        _publishWith(heir, "child", _list(_edges(_edge(free, 0))));

        // it should bind nothing
        assertEq(vaults.upstreamHashOf(child), 0);
    }

    function test_A063_GivenTheTreeIsTwentyDeep() external {
        uint256 parent = asset;
        uint256 first;
        for (uint256 i; i < 20; ++i) {
            parent = _deriveFrom(parent, heir, bytes32(i), 2000);
            _configure(parent, heir, _ownerOnly(10_000));
            if (i == 0) first = parent;
        }
        _earn(parent, 1000e6);
        IVaults.Split memory split = _split(_ownerOnly(10_000), heir);
        uint256[] memory used = new uint256[](20);
        uint256 passed = 1000e6;
        for (uint256 i = 20; i > 0; --i) {
            uint256 above = i == 1 ? asset : assets.idOf(heir, IAssets.Kind.Model, keccak256("m"), bytes32(i - 2));
            split.upstream = _one(above, 2000);
            passed = passed * 2000 / 10_000;
            if (passed == 0) break;
            assertEq(vaults.cascade(split, 0, address(dollar)), passed);
            used[20 - i] = vm.lastCallGas().gasTotalUsed;
            // it should cost no more than the first step
            assertLe(used[20 - i], used[0]);
        }
        assertEq(dollar.balanceOf(address(vaults)), 1000e6);
    }

    function test_WhenEverythingIsInOrder() external {
        uint256 other = _publish(seller, "other");
        ILicenses.Terms memory alike = _terms(other, USE | Rights.EMBED, Duties.SHARE_ALIKE | Duties.ATTRIBUTE, 250);
        ILicenses.Terms memory plain = _terms(asset, Rights.TRAIN | Rights.INFER, Duties.LOG, 500);
        _license(alike, heir);
        _license(plain, heir);
        ILineages.Edge[] memory edges = new ILineages.Edge[](2);
        (uint256 low, uint256 high) = asset < other ? (0, 1) : (1, 0);
        edges[low] = _edge(plain, 700);
        edges[low].relation = ILineages.Relation.TrainedOn;
        edges[high] = _edge(alike, 250);

        // it should emit {Derive} for each parent
        ILineages.Edge memory edge = edges[low];
        vm.expectEmit(address(lineages));
        emit ILineages.Derive(child, asset, licenses.idOf(plain), heir, edge.relation, 700);
        // it should add the duties of those that share alike
        // it should narrow the rights to those of all parents
        vm.expectEmit(address(licenses));
        emit ILicenses.Narrow(child, address(lineages), Rights.TRAIN | Rights.INFER, Duties.SHARE_ALIKE | Duties.ATTRIBUTE);
        _publishWith(heir, "child", _list(edges));

        // it should bind the shares
        IVaults.Upstream[] memory upstream = new IVaults.Upstream[](2);
        upstream[low] = IVaults.Upstream({ account: asset, bps: 700 });
        upstream[high] = IVaults.Upstream({ account: other, bps: 250 });
        assertEq(vaults.upstreamHashOf(child), keccak256(abi.encode(upstream)));
    }

    function _ordered(IAssets.Attachment[3] memory parts, uint8[3] memory order)
        internal
        pure
        returns (IAssets.Attachment[] memory attachments)
    {
        attachments = new IAssets.Attachment[](3);
        for (uint256 i; i < 3; ++i) {
            attachments[i] = parts[order[i]];
        }
    }

    function _list(ILineages.Edge[] memory edges) internal view returns (IAssets.Attachment[] memory attachments) {
        attachments = new IAssets.Attachment[](1);
        attachments[0] = _lineage(edges);
    }

    function _expectTooSmall(uint16 share) internal {
        _expect(
            _list(_edges(_edge(terms, share))),
            abi.encodeWithSelector(ILineages.Lineages_ShareTooSmall.selector, asset, share, 500)
        );
    }

    function _expectNotLicensed(ILicenses.Terms memory lacking) internal {
        _expect(
            _list(_edges(_edge(lacking, 0))),
            abi.encodeWithSelector(ILineages.Lineages_NotLicensed.selector, lacking.asset, licenses.idOf(lacking), heir)
        );
    }

    function _expect(IAssets.Attachment[] memory attachments, bytes memory reason) internal {
        vm.prank(heir);
        vm.expectRevert(reason);
        assets.publish(publication, attachments);
    }
}
