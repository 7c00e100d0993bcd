// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { Assets } from "../../src/Assets.sol";
import { Licenses } from "../../src/Licenses.sol";
import { TestDollar } from "../../src/TestDollar.sol";
import { IAssets } from "../../src/interfaces/IAssets.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { Powers } from "../../src/libraries/Powers.sol";
import { Rights } from "../../src/libraries/Rights.sol";

/// @notice Four people who publish, sell, delegate, offer, close, buy and wait, with and without the right to. A model
/// of who may do what is kept beside the contracts; what the model permits must succeed, and what it forbids and yet
/// succeeds is counted in `unauthorized`.
contract LicensesHandler is Test {
    /// @dev Everything that was ever paid under one pair of terms and holder.
    struct Purchases {
        uint256 termsIndex;
        address holder;
        uint40[] times;
    }

    uint256 public constant PEOPLE = 4;
    uint256 public constant TEMPLATES = 3;
    uint256 public constant MAX_ASSETS = 2;

    Licenses public immutable licenses;
    Assets public immutable assets;
    TestDollar public immutable dollar;
    bytes32 private immutable pricesHash;
    ILicenses.Prices private prices;

    address[PEOPLE] public person;
    uint256 public calls;
    uint256[] public assetIds;
    mapping(uint256 asset => address owner) public ownerOf;
    mapping(uint256 asset => uint32 epoch) public epochOf;
    mapping(uint256 asset => bytes32[] roots) private _roots;
    mapping(uint256 asset => mapping(uint32 epoch => mapping(address who => uint8 powers))) public powersOf;
    mapping(bytes32 termsId => uint256 mark) public markOf;
    mapping(uint256 asset => uint256 atoms) public paidFor;
    mapping(address payer => uint256 atoms) public paidBy;
    mapping(address payer => uint256 atoms) public minted;
    ILicenses.Terms[] private _terms;
    bytes32[] public termsIds;
    Purchases[] private _purchases;
    mapping(bytes32 termsId => mapping(address holder => uint256 index)) private _purchaseIndex;
    uint256 public unauthorized;

    constructor(Licenses licenses_, Assets assets_, TestDollar dollar_) {
        (licenses, assets, dollar) = (licenses_, assets_, dollar_);
        prices.perCall = 1;
        pricesHash = keccak256(abi.encode(prices));
        for (uint256 i; i < PEOPLE; ++i) {
            person[i] = vm.addr(1 + i);
        }
        for (uint256 i; i < PEOPLE; ++i) {
            vm.startPrank(person[i]);
            dollar.approve(address(licenses), type(uint256).max);
            // The last person may move everything and must have no power from that.
            assets.setApprovalForAll(person[PEOPLE - 1], i != PEOPLE - 1);
            vm.stopPrank();
        }
        _publish(person[0], false);
    }

    modifier counted() {
        ++calls;
        _;
    }

    function publish(uint256 who) external counted {
        if (assetIds.length < MAX_ASSETS) _publish(_person(who), who % 2 == 0);
    }

    /// @dev One call in four moves an asset, so that offers stand long enough to be bought and renewed.
    function transfer(uint256 which, uint256 to, bool byOperator, uint8 dice) external counted {
        if (dice % 4 != 0) return;
        uint256 asset = _asset(which);
        address owner = ownerOf[asset];
        vm.prank(byOperator ? person[PEOPLE - 1] : owner);
        assets.transferFrom(owner, _person(to), asset);
        ownerOf[asset] = _person(to);
        ++epochOf[asset];
    }

    function setDelegate(uint256 which, uint256 who, uint256 delegate, uint8 powers) external counted {
        uint256 asset = _asset(which);
        powers = uint8(bound(powers, 0, Powers.ALL));
        address caller = _ownerOrPerson(asset, who);
        bool permitted = caller == ownerOf[asset];
        vm.prank(caller);
        try assets.setDelegate(asset, _person(delegate), powers) {
            _expect(permitted);
            powersOf[asset][epochOf[asset]][_person(delegate)] = powers;
        } catch {
            assertFalse(permitted, "setDelegate");
        }
    }

    function update(uint256 which, uint256 who, bytes32 root) external counted {
        uint256 asset = _asset(which);
        address caller = _ownerOrPerson(asset, who);
        bool permitted = mayUse(asset, caller, Powers.UPDATE);
        if (root == 0) root = "root";
        vm.prank(caller);
        try assets.update(asset, root, "ipfs://update", new IAssets.Attachment[](0)) {
            _expect(permitted);
            _roots[asset].push(root);
        } catch {
            assertFalse(permitted, "update");
        }
    }

    function offer(uint256 which, uint256 who) external counted {
        uint256 index = which % _terms.length;
        uint256 asset = _terms[index].asset;
        address caller = _ownerOrPerson(asset, who);
        bool permitted = mayUse(asset, caller, Powers.OFFER) && _terms[index].version <= _roots[asset].length;
        vm.prank(caller);
        try licenses.offer(_terms[index], prices) returns (bytes32 termsId) {
            _expect(permitted);
            assertEq(termsId, termsIds[index], "termsId");
            markOf[termsId] = uint256(epochOf[asset]) + 1;
        } catch {
            assertFalse(permitted, "offer");
        }
    }

    function close(uint256 which, uint256 who) external counted {
        uint256 index = which % _terms.length;
        bool permitted = mayUse(_terms[index].asset, _person(who), Powers.OFFER) && stands(index);
        vm.prank(_person(who));
        try licenses.close(_terms[index]) {
            _expect(permitted);
            markOf[termsIds[index]] = 0;
        } catch {
            assertFalse(permitted, "close");
        }
    }

    /// @dev Somebody tells the licences that the assets contract sent him.
    function forgeAttachment(uint256 which, uint256 who) external counted {
        uint256 index = which % _terms.length;
        ILicenses.Terms[] memory list = new ILicenses.Terms[](1);
        ILicenses.Prices[] memory priceList = new ILicenses.Prices[](1);
        (list[0], priceList[0]) = (_terms[index], prices);
        uint256 asset = list[0].asset;
        vm.prank(_person(who));
        try licenses.attach(ownerOf[asset], asset, 2, abi.encode(list, priceList)) {
            _expect(false);
        } catch { }
    }

    function buy(uint256 which, uint256 who, uint256 recipient) external counted {
        _buy(which % _terms.length, _person(who), _person(recipient));
    }

    function renew(uint256 which, uint256 who) external counted {
        if (_purchases.length == 0) return;
        Purchases storage purchase = _purchases[which % _purchases.length];
        _buy(purchase.termsIndex, _person(who), purchase.holder);
    }

    function buyWithAuthorization(uint256 which, uint256 who, uint256 recipient, bytes32 salt) external counted {
        uint256 index = which % _terms.length;
        salt = keccak256(abi.encode(salt, block.timestamp, gasleft()));
        bool permitted = _mayBuy(index, _person(recipient));
        _mint(_person(who), _terms[index].price);
        ILicenses.Authorization memory authorization = _authorization(index, who, _person(recipient), salt);
        try licenses.buyWithAuthorization(_terms[index], _person(recipient), authorization, "") {
            _expect(permitted);
            _bought(index, _person(who), _person(recipient));
        } catch {
            assertFalse(permitted, "buyWithAuthorization");
        }
    }

    function wait(uint256 duration) external counted {
        vm.warp(block.timestamp + bound(duration, 0, 4 days));
    }

    /// @dev The model of a delegated power.
    function mayUse(uint256 asset, address who, uint8 power) public view returns (bool) {
        return who == ownerOf[asset] || powersOf[asset][epochOf[asset]][who] & power == power;
    }

    /// @dev The model of an offer.
    function stands(uint256 index) public view returns (bool) {
        return markOf[termsIds[index]] == uint256(epochOf[_terms[index].asset]) + 1;
    }

    function terms(uint256 index) external view returns (ILicenses.Terms memory) {
        return _terms[index];
    }

    function periodOf(uint256 index) external view returns (uint40) {
        return _terms[index].period;
    }

    function roots(uint256 asset) external view returns (bytes32[] memory) {
        return _roots[asset];
    }

    function purchases(uint256 index) external view returns (Purchases memory) {
        return _purchases[index];
    }

    function counts() external view returns (uint256 assetCount, uint256 termsCount, uint256 purchaseCount) {
        return (assetIds.length, _terms.length, _purchases.length);
    }

    function _publish(address publisher, bool withOffer) private {
        bytes32 root = keccak256(abi.encode("root", assetIds.length));
        uint256 asset = assets.idOf(publisher, IAssets.Kind.Dataset, root, 0);
        for (uint256 i; i < TEMPLATES; ++i) {
            _terms.push(_template(asset, i));
            termsIds.push(licenses.idOf(_template(asset, i)));
        }
        IAssets.Attachment[] memory attachments = new IAssets.Attachment[](withOffer ? 1 : 0);
        if (withOffer) {
            attachments[0] = _offerAttachment(asset);
            markOf[licenses.idOf(_template(asset, 0))] = 1;
        }
        vm.prank(publisher);
        assets.publish(IAssets.Publication(IAssets.Kind.Dataset, root, 0, "ipfs://publish"), attachments);
        assetIds.push(asset);
        ownerOf[asset] = publisher;
        _roots[asset].push(root);
    }

    function _offerAttachment(uint256 asset) private view returns (IAssets.Attachment memory) {
        ILicenses.Terms[] memory list = new ILicenses.Terms[](1);
        ILicenses.Prices[] memory priceList = new ILicenses.Prices[](1);
        (list[0], priceList[0]) = (_template(asset, 0), prices);
        (list[0].asset, list[0].version) = (0, 0);
        return IAssets.Attachment({ module: address(licenses), data: abi.encode(list, priceList) });
    }

    /// @dev A week for 5 dollars; a day of the second version for nothing; for ever for 90 dollars.
    function _template(uint256 asset, uint256 kind) private view returns (ILicenses.Terms memory one) {
        one.asset = asset;
        one.version = kind == 1 ? 2 : 1;
        one.rights = Rights.TRAIN;
        one.price = [uint128(5e6), 0, 90e6][kind];
        one.pricesHash = pricesHash;
        one.currency = address(dollar);
        one.period = [uint40(7 days), 1 days, 0][kind];
    }

    function _buy(uint256 index, address payer, address holder) private {
        bool permitted = _mayBuy(index, holder);
        _mint(payer, _terms[index].price);
        vm.prank(payer);
        try licenses.buy(_terms[index], holder, "") {
            _expect(permitted);
            _bought(index, payer, holder);
        } catch {
            assertFalse(permitted, "buy");
        }
    }

    function _authorization(uint256 index, uint256 who, address recipient, bytes32 salt)
        private
        view
        returns (ILicenses.Authorization memory)
    {
        bytes32 nonce = licenses.authorizationNonceOf(termsIds[index], recipient, salt);
        bytes32 structHash = keccak256(
            abi.encode(
                dollar.RECEIVE_WITH_AUTHORIZATION_TYPEHASH(),
                _person(who),
                address(licenses),
                uint256(_terms[index].price),
                uint256(0),
                type(uint256).max,
                nonce
            )
        );
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(1 + who % PEOPLE, keccak256(abi.encodePacked(hex"1901", dollar.DOMAIN_SEPARATOR(), structHash)));
        return ILicenses.Authorization(_person(who), 0, type(uint256).max, salt, abi.encodePacked(r, s, v));
    }

    function _mayBuy(uint256 index, address holder) private view returns (bool) {
        bool forever = _terms[index].period == 0 && _purchaseIndex[termsIds[index]][holder] != 0;
        return stands(index) && !forever;
    }

    function _bought(uint256 index, address payer, address holder) private {
        uint256 position = _purchaseIndex[termsIds[index]][holder];
        if (position == 0) {
            Purchases storage added = _purchases.push();
            (added.termsIndex, added.holder) = (index, holder);
            position = _purchases.length;
            _purchaseIndex[termsIds[index]][holder] = position;
        }
        _purchases[position - 1].times.push(uint40(block.timestamp));
        paidFor[_terms[index].asset] += _terms[index].price;
        paidBy[payer] += _terms[index].price;
    }

    function _mint(address account, uint256 amount) private {
        dollar.mint(account, amount);
        minted[account] += amount;
    }

    function _expect(bool permitted) private {
        if (!permitted) ++unauthorized;
    }

    function _person(uint256 index) private view returns (address) {
        return person[index % PEOPLE];
    }

    /// @dev The owner half of the time, and otherwise anybody.
    function _ownerOrPerson(uint256 asset, uint256 seed) private view returns (address) {
        return seed % 2 == 0 ? ownerOf[asset] : _person(seed / 2);
    }

    function _asset(uint256 which) private view returns (uint256) {
        return assetIds[which % assetIds.length];
    }
}
