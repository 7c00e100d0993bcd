// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { IAssets } from "./interfaces/IAssets.sol";
import { IAttachable } from "./interfaces/IAttachable.sol";
import { IERC3009 } from "./interfaces/IERC3009.sol";
import { ILicenses } from "./interfaces/ILicenses.sol";
import { INarrowable } from "./interfaces/INarrowable.sol";
import { IPayouts } from "./interfaces/IPayouts.sol";
import { IPolicy } from "./interfaces/IPolicy.sol";
import { Powers } from "./libraries/Powers.sol";
import { Duties, Rights } from "./libraries/Rights.sol";

/// @title Licenses
/// @notice See the documentation in {ILicenses}.
contract Licenses is ILicenses, IAttachable, INarrowable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev What terms of an asset must leave out and put in. All zero for an asset that was made from no other.
    struct Limits {
        uint32 withheld;
        uint32 duties;
    }

    /// @dev The end of a licence without end.
    uint40 private constant FOREVER = type(uint40).max;

    /// @notice The registry of assets.
    IAssets public immutable ASSETS;
    /// @notice The allowed currencies.
    IPolicy public immutable POLICY;
    /// @notice The payout address of each asset.
    IPayouts public immutable PAYOUTS;

    /// @dev The owner epoch under which terms were offered, plus one; zero when they are not on offer.
    mapping(bytes32 termsId => uint256 mark) private _offers;
    mapping(bytes32 termsId => mapping(address holder => License license)) private _licenses;
    mapping(uint256 asset => Limits limits) private _limits;

    /// @notice Names the contracts that this one asks, for ever.
    /// @param assets The registry of assets
    /// @param policy The allowed currencies
    /// @param payouts The payout address of each asset
    constructor(IAssets assets, IPolicy policy, IPayouts payouts) {
        ASSETS = assets;
        POLICY = policy;
        PAYOUTS = payouts;
    }

    /// @inheritdoc ILicenses
    function offer(Terms calldata terms, Prices calldata prices) external returns (bytes32 termsId) {
        _requireSeller(terms.asset);
        if (terms.version == 0 || terms.version > ASSETS.versionOf(terms.asset)) {
            revert Licenses_UnknownVersion(terms.asset, terms.version);
        }

        return _offer(ASSETS.ownerOf(terms.asset), terms, prices);
    }

    /// @notice Offers terms in the transaction that publishes or updates their asset.
    /// @dev `data` is abi.encode(Terms[], Prices[]). Zero for the asset or the version of terms means those at hand.
    /// @inheritdoc IAttachable
    function attach(address owner, uint256 asset, uint32 version, bytes calldata data) external {
        if (msg.sender != address(ASSETS)) revert Licenses_NotAssets(msg.sender);
        (Terms[] memory terms, Prices[] memory prices) = abi.decode(data, (Terms[], Prices[]));
        if (terms.length != prices.length) revert Licenses_LengthMismatch(terms.length, prices.length);

        for (uint256 i; i < terms.length; ++i) {
            if (terms[i].asset == 0) terms[i].asset = asset;
            else if (terms[i].asset != asset) revert Licenses_ForeignAsset(asset, terms[i].asset);
            if (terms[i].version == 0) terms[i].version = version;
            else if (terms[i].version > version) revert Licenses_UnknownVersion(asset, terms[i].version);

            _offer(owner, terms[i], prices[i]);
        }
    }

    /// @inheritdoc INarrowable
    function narrow(uint256 asset, uint32 rights, uint32 duties) external {
        (uint256 attached, address module) = ASSETS.attaching();
        if (msg.sender != module || asset != attached) revert Licenses_NotAttached(asset, msg.sender);

        _limits[asset].withheld |= ~rights;
        _limits[asset].duties |= duties;

        emit Narrow({ asset: asset, rights: ~_limits[asset].withheld, duties: _limits[asset].duties });
    }

    /// @inheritdoc ILicenses
    function close(Terms calldata terms) external {
        _requireSeller(terms.asset);
        bytes32 termsId = idOf(terms);
        if (!_stands(termsId, terms.asset)) revert Licenses_NotOffered(termsId);

        delete _offers[termsId];

        emit Close({ termsId: termsId, asset: terms.asset });
    }

    /// @inheritdoc ILicenses
    function buy(Terms calldata terms, address recipient) external nonReentrant returns (uint40 end) {
        end = _grant({ termsId: idOf(terms), terms: terms, holder: recipient, payer: msg.sender });

        _pay({ terms: terms, payer: msg.sender });
    }

    /// @inheritdoc ILicenses
    function buyWithAuthorization(Terms calldata terms, address recipient, Authorization calldata authorization)
        external
        nonReentrant
        returns (uint40 end)
    {
        bytes32 termsId = idOf(terms);
        end = _grant({ termsId: termsId, terms: terms, holder: recipient, payer: authorization.from });

        _receive(terms, authorizationNonceOf(termsId, recipient, authorization.salt), authorization);
        _pay({ terms: terms, payer: address(this) });
    }

    /// @inheritdoc ILicenses
    function isOffered(Terms calldata terms) external view returns (bool offered) {
        return _stands(idOf(terms), terms.asset);
    }

    /// @inheritdoc ILicenses
    function licenseOf(bytes32 termsId, address holder) external view returns (License memory license) {
        return _licenses[termsId][holder];
    }

    /// @inheritdoc ILicenses
    function isValid(bytes32 termsId, address holder, uint40 at) external view returns (bool valid) {
        License storage license = _licenses[termsId][holder];
        return license.start <= at && at < license.end;
    }

    /// @inheritdoc ILicenses
    function idOf(Terms memory terms) public view returns (bytes32 termsId) {
        return keccak256(abi.encode(block.chainid, address(this), terms));
    }

    /// @inheritdoc ILicenses
    function authorizationNonceOf(bytes32 termsId, address recipient, bytes32 salt)
        public
        pure
        returns (bytes32 nonce)
    {
        return keccak256(abi.encode(termsId, recipient, salt));
    }

    function _offer(address seller, Terms memory terms, Prices memory prices) private returns (bytes32 termsId) {
        _requireEnforceable(terms);
        _requireWithin(terms.asset, terms.rights, terms.duties);
        if (!POLICY.isToken(terms.currency)) revert Licenses_CurrencyNotAllowed(terms.currency);
        bytes32 pricesHash = keccak256(abi.encode(prices));
        if (pricesHash != terms.pricesHash) revert Licenses_PricesMismatch(terms.pricesHash, pricesHash);

        termsId = idOf(terms);
        _offers[termsId] = _markOf(terms.asset);

        emit Offer({ termsId: termsId, asset: terms.asset, seller: seller, terms: terms, prices: prices });
    }

    function _grant(bytes32 termsId, Terms calldata terms, address holder, address payer) private returns (uint40 end) {
        if (holder == address(0)) revert Licenses_NoRecipient();
        if (!_stands(termsId, terms.asset)) revert Licenses_NotOffered(termsId);
        // The same publication can offer terms before it names what narrows them.
        _requireWithin(terms.asset, terms.rights, terms.duties);
        License memory license = _licenses[termsId][holder];
        if (license.end == FOREVER) revert Licenses_AlreadyForever(termsId, holder);

        bool lapsed = license.end < block.timestamp;
        uint40 start = lapsed ? uint40(block.timestamp) : license.end;
        end = _endOf(termsId, start, terms.period);
        _licenses[termsId][holder] = License({ start: lapsed ? start : license.start, end: end, seats: 1 });

        emit Buy({
            termsId: termsId,
            holder: holder,
            payer: payer,
            asset: terms.asset,
            start: start,
            end: end,
            price: terms.price
        });
    }

    /// @dev Moves the price from `payer`, who is the caller of {buy} or this contract, to the payout address.
    function _pay(Terms calldata terms, address payer) private {
        if (terms.price == 0) return;
        IERC20 currency = IERC20(terms.currency);
        address payout = PAYOUTS.payoutOf(terms.asset);
        uint256 before = currency.balanceOf(payout);

        if (payer == address(this)) currency.safeTransfer(payout, terms.price);
        else currency.safeTransferFrom(payer, payout, terms.price);

        _requireArrived(terms, payout, before);
    }

    /// @dev A price of zero is authorized as well: the payer named in the event has always signed.
    function _receive(Terms calldata terms, bytes32 nonce, Authorization calldata authorization) private {
        uint256 before = IERC20(terms.currency).balanceOf(address(this));

        IERC3009(terms.currency)
            .receiveWithAuthorization({
            from: authorization.from,
            to: address(this),
            value: terms.price,
            validAfter: authorization.validAfter,
            validBefore: authorization.validBefore,
            nonce: nonce,
            signature: authorization.signature
        });

        _requireArrived(terms, address(this), before);
    }

    function _requireArrived(Terms calldata terms, address account, uint256 before) private view {
        uint256 arrived = IERC20(terms.currency).balanceOf(account) - before;
        if (arrived != terms.price) revert Licenses_WrongAmount(terms.currency, terms.price, arrived);
    }

    function _requireSeller(uint256 asset) private view {
        if (!ASSETS.isAuthorized(asset, msg.sender, Powers.OFFER)) revert Licenses_NotAuthorized(asset, msg.sender);
    }

    function _stands(bytes32 termsId, uint256 asset) private view returns (bool) {
        return _offers[termsId] == _markOf(asset);
    }

    function _markOf(uint256 asset) private view returns (uint256) {
        return uint256(ASSETS.ownerEpochOf(asset)) + 1;
    }

    function _requireWithin(uint256 asset, uint32 rights, uint32 duties) private view {
        Limits memory limits = _limits[asset];
        if (rights & limits.withheld != 0 || limits.duties & ~duties != 0) {
            revert Licenses_BeyondParents(asset, rights, duties);
        }
    }

    function _requireEnforceable(Terms memory terms) private pure {
        if (terms.rights == 0) revert Licenses_NoRights();
        if (terms.rights > Rights.ALL) revert Licenses_UnknownRights(terms.rights);
        if (terms.duties > Duties.ALL) revert Licenses_UnknownDuties(terms.duties);
        _requireZero(terms.rights & Rights.RESELL, "rights");
        _requireZero(terms.noticePeriod, "noticePeriod");
        _requireZero(terms.trial, "trial");
        _requireZero(terms.quota, "quota");
        _requireZero(terms.overageBps, "overageBps");
        _requireZero(terms.seats / 2, "seats");
        _requireZero(terms.maxSupply, "maxSupply");
        _requireZero(terms.resaleRoyaltyBps, "resaleRoyaltyBps");
        _requireZero(terms.maxResales, "maxResales");
        // Lineages enforces the share; no asset can pass on more than its whole revenue.
        if (terms.derivativeShareBps > 10_000) revert Licenses_NotEnforced("derivativeShareBps");
        _requireZero(terms.refundPolicy, "refundPolicy");
        _requireZero(terms.refundWindow, "refundWindow");
        _requireZero(terms.refundPenaltyBps, "refundPenaltyBps");
        _requireZero(uint256(terms.slaId), "slaId");
        _requireZero(uint256(terms.policyRoot), "policyRoot");
        _requireZero(uint160(terms.checker), "checker");
    }

    function _requireZero(uint256 value, bytes32 field) private pure {
        if (value != 0) revert Licenses_NotEnforced(field);
    }

    /// @dev A period that ends stays below FOREVER.
    function _endOf(bytes32 termsId, uint40 start, uint40 period) private pure returns (uint40) {
        if (period == 0) return FOREVER;
        uint256 end = uint256(start) + period;
        if (end >= FOREVER) revert Licenses_PeriodTooLong(termsId, start, period);
        return uint40(end);
    }
}
