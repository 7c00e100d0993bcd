// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { TransientSlot } from "@openzeppelin/contracts/utils/TransientSlot.sol";
import { IAssets } from "./interfaces/IAssets.sol";
import { IAttachable } from "./interfaces/IAttachable.sol";
import { IEscrows } from "./interfaces/IEscrows.sol";
import { IFunder } from "./interfaces/IFunder.sol";
import { ILicenses } from "./interfaces/ILicenses.sol";
import { IPayouts } from "./interfaces/IPayouts.sol";
import { IPolicy } from "./interfaces/IPolicy.sol";
import { Checkers } from "./libraries/Checkers.sol";
import { Payments } from "./libraries/Payments.sol";
import { Powers } from "./libraries/Powers.sol";
import { Record, Records } from "./libraries/Records.sol";
import { Refunds } from "./libraries/Refunds.sol";
import { Duties, RefundPolicies, Rights } from "./libraries/Rights.sol";
import { TermsRules } from "./libraries/TermsRules.sol";
import { Usages } from "./libraries/Usages.sol";

/// @title Licenses
/// @notice See the documentation in {ILicenses}.
contract Licenses is ILicenses, IAttachable, IFunder, ReentrancyGuardTransient {
    using TransientSlot for *;

    /// @dev What the owner of an asset may grant less, and must demand more, than all. Zero narrows nothing.
    struct Narrowing {
        uint32 forbidden;
        uint32 demanded;
    }

    /// @inheritdoc ILicenses
    uint256 public constant LEAVE_DELAY = 3 days;
    uint256 private constant BPS = 10_000;
    /// @dev Stands for the account that a purchase is paid from when its caller pays in its own way.
    address private constant ASK_CALLER = address(0);

    /// @notice The registry of assets.
    IAssets public immutable ASSETS;
    /// @notice The allowed currencies.
    IPolicy public immutable POLICY;
    /// @notice The payout address of each asset.
    IPayouts public immutable PAYOUTS;
    /// @notice Where refundable money waits.
    IEscrows public immutable ESCROWS;

    mapping(bytes32 termsId => Offering offering) private _offerings;
    mapping(bytes32 termsId => mapping(address holder => Record license)) private _licenses;
    mapping(uint256 asset => Narrowing narrowing) private _narrowings;

    /// @notice Names the contracts that this one asks, for ever.
    /// @param assets The registry of assets
    /// @param policy The allowed currencies
    /// @param payouts The payout address of each asset
    /// @param escrows Where refundable money waits
    constructor(IAssets assets, IPolicy policy, IPayouts payouts, IEscrows escrows) {
        ASSETS = assets;
        POLICY = policy;
        PAYOUTS = payouts;
        ESCROWS = escrows;
    }

    /// @inheritdoc ILicenses
    function offer(Terms calldata terms, Prices calldata prices) external returns (bytes32 termsId) {
        _requireSeller(terms.asset, msg.sender);
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

    /// @inheritdoc ILicenses
    function close(Terms calldata terms) external {
        _requireSeller(terms.asset, msg.sender);
        bytes32 termsId = idOf(terms);
        if (!isOffered(terms)) revert Licenses_NotOffered(termsId);

        _offerings[termsId].closedAt = uint40(block.timestamp);

        emit Close({ termsId: termsId, asset: terms.asset, renewableUntil: block.timestamp + terms.noticePeriod });
    }

    /// @inheritdoc ILicenses
    function narrow(uint256 asset, uint32 rights, uint32 duties) external {
        (uint256 attached, address module) = ASSETS.attaching();
        if (attached != asset || module != msg.sender) revert Licenses_NotAttaching(asset, msg.sender);
        // What was offered a moment ago would be wider than what the module permits.
        if (bytes32(asset).asBoolean().tload()) revert Licenses_OfferedBefore(asset);
        if (duties > Duties.ALL) revert Licenses_UnknownDuties(duties);

        Narrowing storage narrowing = _narrowings[asset];
        narrowing.forbidden |= Rights.ALL & ~rights;
        narrowing.demanded |= duties;

        (rights, duties) = boundsOf(asset);
        emit Narrow({ asset: asset, module: msg.sender, rights: rights, duties: duties });
    }

    /// @inheritdoc ILicenses
    function buy(Terms calldata terms, address recipient, bytes calldata data)
        external
        nonReentrant
        returns (uint40 end)
    {
        return _buy({ terms: terms, recipient: recipient, source: msg.sender, data: data });
    }

    /// @inheritdoc ILicenses
    function buyWithPermit(Terms calldata terms, address recipient, Permit calldata permit, bytes calldata data)
        external
        nonReentrant
        returns (uint40 end)
    {
        // Whoever saw the permit may have used it up; the allowance is there all the same.
        try IERC20Permit(terms.currency)
            .permit({
            owner: msg.sender,
            spender: address(this),
            value: permit.value,
            deadline: permit.deadline,
            v: permit.v,
            r: permit.r,
            s: permit.s
        }) { }
            catch { }

        return _buy({ terms: terms, recipient: recipient, source: msg.sender, data: data });
    }

    /// @inheritdoc ILicenses
    function buyWithAuthorization(
        Terms calldata terms,
        address recipient,
        Authorization calldata authorization,
        bytes calldata data
    ) external nonReentrant returns (uint40 end) {
        bytes32 termsId = idOf(terms);
        end = _grant({ termsId: termsId, terms: terms, holder: recipient, payer: authorization.from, data: data });

        Payments.receiveAuthorized({
            currency: terms.currency,
            price: terms.price,
            nonce: authorizationNonceOf(termsId, recipient, authorization.salt),
            authorization: authorization
        });
        _pay({ termsId: termsId, terms: terms, holder: recipient, source: address(this), data: data });
    }

    /// @inheritdoc ILicenses
    function buyThrough(Terms calldata terms, address recipient, bytes calldata data)
        external
        nonReentrant
        returns (uint40 end)
    {
        if (terms.refundPolicy != RefundPolicies.NONE) revert Licenses_Refundable(idOf(terms));

        return _buy({ terms: terms, recipient: recipient, source: ASK_CALLER, data: data });
    }

    /// @notice Brings the escrow the price of a purchase that is under way.
    /// @dev The escrow asks only whoever called it, and this contract calls it in {_pay} alone. `data` is the source.
    /// @inheritdoc IFunder
    function fund(address token, address to, uint256 amount, bytes calldata data) external {
        if (msg.sender != address(ESCROWS)) revert Licenses_NotEscrows(msg.sender);
        Payments.send({ token: token, source: abi.decode(data, (address)), to: to, amount: amount });
    }

    /// @inheritdoc ILicenses
    function startTrial(Terms calldata terms, bytes calldata data) external returns (uint40 end) {
        bytes32 termsId = idOf(terms);
        if (!isOffered(terms)) revert Licenses_NotOffered(termsId);
        // A licence that was left keeps its end: a trial is before everything else or never.
        if (terms.trial == 0 || Record.unwrap(_licenses[termsId][msg.sender]) != 0) {
            revert Licenses_NoTrial(termsId, msg.sender);
        }
        Checkers.requireAdmitted(termsId, terms, msg.sender, data);

        uint40 start = uint40(block.timestamp);
        end = TermsRules.endOf(termsId, start, terms.trial);
        License memory license;
        (license.start, license.end) = (start, end);
        (license.quotaGranted, license.seats) = (terms.quota, TermsRules.seatsOf(terms));
        _licenses[termsId][msg.sender] = Records.pack(license);

        emit Trial({ termsId: termsId, holder: msg.sender, asset: terms.asset, start: start, end: end });
    }

    /// @inheritdoc ILicenses
    function settleUsage(
        Terms calldata terms,
        Usage calldata usage,
        bytes calldata holderSignature,
        address seller,
        bytes calldata sellerSignature
    ) external {
        bytes32 termsId = idOf(terms);
        bytes32 digest = usageDigestOf(termsId, usage);
        Usages.requireSigned(usage.holder, digest, holderSignature);
        _requireSignedBySeller(terms.asset, seller, digest, sellerSignature);

        _settle(termsId, usage, seller);
    }

    /// @inheritdoc ILicenses
    function announceLeave(Terms calldata terms) external returns (uint256 leaveAt) {
        bytes32 termsId = idOf(terms);
        License memory license = licenseOf(termsId, msg.sender);
        if (terms.refundPolicy != RefundPolicies.PRO_RATA || terms.quota == 0) {
            revert Licenses_NotRefundable(termsId, msg.sender);
        }
        if (license.end <= block.timestamp) revert Licenses_NotRunning(termsId, msg.sender);

        uint40 until = license.end;
        license.refundableUntil = until;
        license.end = uint40(block.timestamp);
        _licenses[termsId][msg.sender] = Records.pack(license);
        leaveAt = block.timestamp + LEAVE_DELAY;

        emit AnnounceLeave({
            termsId: termsId, holder: msg.sender, end: uint40(block.timestamp), until: until, leaveAt: leaveAt
        });
    }

    /// @inheritdoc ILicenses
    function leave(Terms calldata terms, address to) external nonReentrant returns (uint256 refund) {
        bytes32 termsId = idOf(terms);
        if (terms.quota != 0) _requireAnnounced(termsId, LEAVE_DELAY);

        return _leave(termsId, terms, to);
    }

    /// @inheritdoc ILicenses
    function leaveSettled(
        Terms calldata terms,
        Usage calldata usage,
        address seller,
        bytes calldata sellerSignature,
        address to
    ) external nonReentrant returns (uint256 refund) {
        bytes32 termsId = idOf(terms);
        // The holder agrees by its call.
        if (usage.holder != msg.sender) revert Licenses_InvalidSignature(usage.holder);
        if (!usage.last) revert Licenses_NotLast(termsId, msg.sender);
        // Before, the holder could go on calling and use the statement later.
        _requireAnnounced(termsId, 0);
        _requireSignedBySeller(terms.asset, seller, usageDigestOf(termsId, usage), sellerSignature);

        _settle(termsId, usage, seller);
        return _leave(termsId, terms, to);
    }

    /// @inheritdoc ILicenses
    function release(Terms calldata terms, address holder) external nonReentrant returns (uint256 amount) {
        bytes32 termsId = idOf(terms);
        bytes32 escrowId = _escrowOf(termsId, holder);
        uint256 held = _heldIn(escrowId, terms);
        amount = held - Refunds.refundable(terms, licenseOf(termsId, holder), held);
        if (amount == 0) revert Licenses_NothingToRelease(termsId, holder);

        address payout = _offerings[termsId].payout;
        emit Release({ termsId: termsId, holder: holder, payout: payout, amount: amount });

        ESCROWS.pay({ token: terms.currency, id: escrowId, to: payout, amount: amount });
    }

    /// @inheritdoc ILicenses
    function offeringOf(bytes32 termsId) external view returns (Offering memory offering) {
        return _offerings[termsId];
    }

    /// @inheritdoc ILicenses
    function licenseOf(bytes32 termsId, address holder) public view returns (License memory license) {
        return _licenses[termsId][holder].unpack();
    }

    /// @inheritdoc ILicenses
    function isHeld(Terms calldata terms, address holder) external view returns (bool held) {
        return isValid(idOf(terms), holder, uint40(block.timestamp));
    }

    /// @inheritdoc ILicenses
    function refundableOf(Terms calldata terms, address holder) external view returns (uint256 amount) {
        bytes32 termsId = idOf(terms);
        return Refunds.refundable(terms, licenseOf(termsId, holder), _heldIn(_escrowOf(termsId, holder), terms));
    }

    /// @inheritdoc ILicenses
    function idOf(Terms calldata terms) public view returns (bytes32 termsId) {
        return TermsRules.idOf(address(this), terms);
    }

    /// @inheritdoc ILicenses
    function isOffered(Terms calldata terms) public view returns (bool offered) {
        Offering storage offering = _offerings[idOf(terms)];
        return offering.closedAt == 0 && offering.mark == _markOf(terms.asset);
    }

    /// @inheritdoc ILicenses
    function isValid(bytes32 termsId, address holder, uint40 at) public view returns (bool valid) {
        License memory license = licenseOf(termsId, holder);
        return license.start <= at && at < license.end;
    }

    /// @inheritdoc ILicenses
    function boundsOf(uint256 asset) public view returns (uint32 rights, uint32 duties) {
        Narrowing storage narrowing = _narrowings[asset];
        return (Rights.ALL & ~narrowing.forbidden, narrowing.demanded);
    }

    /// @inheritdoc ILicenses
    function usageDigestOf(bytes32 termsId, Usage calldata usage) public view returns (bytes32 digest) {
        return Usages.digest(address(this), termsId, usage);
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
        TermsRules.requireCoherent(terms);
        _requireNarrow(terms);
        if (!POLICY.isToken(terms.currency)) revert Licenses_CurrencyNotAllowed(terms.currency);
        bytes32 pricesHash = keccak256(abi.encode(prices));
        if (pricesHash != terms.pricesHash) revert Licenses_PricesMismatch(terms.pricesHash, pricesHash);

        termsId = keccak256(abi.encode(block.chainid, address(this), terms));
        Offering storage offering = _offerings[termsId];
        (offering.mark, offering.closedAt) = (_markOf(terms.asset), 0);
        offering.payout = PAYOUTS.payoutOf(terms.asset);
        bytes32(terms.asset).asBoolean().tstore(true);

        emit Offer({ termsId: termsId, asset: terms.asset, seller: seller, terms: terms, prices: prices });
    }

    function _buy(Terms calldata terms, address recipient, address source, bytes calldata data)
        private
        returns (uint40 end)
    {
        bytes32 termsId = idOf(terms);
        end = _grant({ termsId: termsId, terms: terms, holder: recipient, payer: msg.sender, data: data });

        _pay({ termsId: termsId, terms: terms, holder: recipient, source: source, data: data });
    }

    function _grant(bytes32 termsId, Terms calldata terms, address holder, address payer, bytes calldata data)
        private
        returns (uint40 end)
    {
        License memory license = licenseOf(termsId, holder);
        // A licence that was left is over, although it may end now: statements about its run say nothing of a new one.
        bool isRenewal = license.seats != 0 && license.end >= block.timestamp;
        uint40 start = isRenewal ? license.end : uint40(block.timestamp);
        _requireBuyable(termsId, terms, holder, license, isRenewal);
        Checkers.requireAdmitted(termsId, terms, holder, data);

        // A licence that was left has given back its place.
        if (terms.maxSupply != 0 && license.seats == 0) _take(termsId, terms.maxSupply);
        end = TermsRules.endOf(termsId, start, terms.period);
        if (!isRenewal) (license.start, license.quotaGranted, license.quotaSettled) = (start, 0, 0);
        license.end = end;
        license.seats = TermsRules.seatsOf(terms);
        license.quotaGranted = TermsRules.grantedAfter(termsId, holder, license.quotaGranted, terms.quota);
        if (terms.refundPolicy == RefundPolicies.FULL_WITHIN_WINDOW) {
            // Never beyond the end, which would mean that the holder is leaving.
            license.refundableUntil = TermsRules.endOf(termsId, uint40(block.timestamp), terms.refundWindow);
        }
        _licenses[termsId][holder] = Records.pack(license);

        emit Buy({ termsId: termsId, holder: holder, payer: payer, start: start, end: end });
    }

    function _take(bytes32 termsId, uint24 maxSupply) private {
        Offering storage offering = _offerings[termsId];
        if (offering.sold >= maxSupply) revert Licenses_SoldOut(termsId, maxSupply);
        ++offering.sold;
    }

    function _settle(bytes32 termsId, Usage calldata usage, address seller) private {
        License memory license = licenseOf(termsId, usage.holder);
        (uint40 start, uint56 granted, uint56 settled) = (license.start, license.quotaGranted, license.quotaSettled);
        if (usage.start != start) revert Licenses_OtherRun(termsId, usage.holder, start, usage.start);
        if (usage.used < settled) revert Licenses_UsageDecreased(termsId, usage.holder, settled, usage.used);
        if (usage.used > granted) revert Licenses_UsageAboveQuota(termsId, usage.holder, granted, usage.used);

        license.quotaSettled = usage.used;
        _licenses[termsId][usage.holder] = Records.pack(license);

        emit SettleUsage({
            termsId: termsId,
            holder: usage.holder,
            seller: seller,
            start: usage.start,
            used: usage.used,
            last: usage.last
        });
    }

    /// @dev What is not refunded stays in escrow as final money: a payout address that cannot be paid must not keep
    /// anybody from leaving.
    function _leave(bytes32 termsId, Terms calldata terms, address to) private returns (uint256 refund) {
        if (to == address(0)) revert Licenses_NoRecipient();
        License memory license = licenseOf(termsId, msg.sender);
        bool runs = license.end > block.timestamp;
        if (!runs && license.refundableUntil <= license.end) revert Licenses_NotRunning(termsId, msg.sender);
        bytes32 escrowId = _escrowOf(termsId, msg.sender);
        refund = Refunds.refundable(terms, license, _heldIn(escrowId, terms));
        if (terms.refundPolicy != RefundPolicies.PRO_RATA && refund == 0) {
            revert Licenses_NotRefundable(termsId, msg.sender);
        }
        refund = refund * (BPS - terms.refundPenaltyBps) / BPS;

        if (runs) license.end = uint40(block.timestamp);
        (license.refundableUntil, license.seats, license.quotaGranted) = (0, 0, license.quotaSettled);
        _licenses[termsId][msg.sender] = Records.pack(license);
        if (terms.maxSupply != 0) --_offerings[termsId].sold;

        emit Leave({ termsId: termsId, holder: msg.sender, to: to, end: license.end, refund: refund });

        if (refund != 0) ESCROWS.pay({ token: terms.currency, id: escrowId, to: to, amount: refund });
    }

    /// @dev `source` is the caller of a purchase, this contract when it has received the price already, or ASK_CALLER.
    function _pay(bytes32 termsId, Terms calldata terms, address holder, address source, bytes calldata data) private {
        (address currency, uint256 price) = (terms.currency, terms.price);
        if (price == 0) return;
        if (terms.refundPolicy != RefundPolicies.NONE) {
            ESCROWS.deposit({
                token: currency, id: _escrowOf(termsId, holder), amount: price, data: abi.encode(source)
            });
            return;
        }
        if (source == ASK_CALLER) {
            // Measured here, where nothing else arrives: the caller could have other money of the seller paid out.
            source = address(this);
            uint256 had = IERC20(currency).balanceOf(source);
            IFunder(msg.sender).fund({ token: currency, to: source, amount: price, data: data });
            Payments.requireArrived(currency, price, source, had);
        }
        address payout = _offerings[termsId].payout;
        uint256 before = IERC20(currency).balanceOf(payout);
        Payments.send({ token: currency, source: source, to: payout, amount: price });
        Payments.requireArrived(currency, price, payout, before);
    }

    function _requireSeller(uint256 asset, address seller) private view {
        if (!ASSETS.isAuthorized(asset, seller, Powers.OFFER)) revert Licenses_NotAuthorized(asset, seller);
    }

    function _requireSignedBySeller(uint256 asset, address seller, bytes32 digest, bytes calldata signature)
        private
        view
    {
        _requireSeller(asset, seller);
        Usages.requireSigned(seller, digest, signature);
    }

    function _requireNarrow(Terms memory terms) private view {
        (uint32 rights, uint32 duties) = boundsOf(terms.asset);
        if (terms.rights & ~rights != 0 || duties & ~terms.duties != 0) {
            revert Licenses_Widens(terms.asset, rights, duties);
        }
    }

    function _requireBuyable(
        bytes32 termsId,
        Terms calldata terms,
        address holder,
        License memory license,
        bool isRenewal
    ) private view {
        if (holder == address(0)) revert Licenses_NoRecipient();
        if (license.end == TermsRules.FOREVER) revert Licenses_AlreadyForever(termsId, holder);
        if (license.refundableUntil > license.end) revert Licenses_Leaving(termsId, holder);
        Offering storage offering = _offerings[termsId];
        (uint40 mark, uint40 closedAt) = (offering.mark, offering.closedAt);
        if (mark != _markOf(terms.asset)) revert Licenses_NotOffered(termsId);
        if (closedAt == 0) return;
        // By notice only what runs is renewed, and only by a period that begins within the notice.
        bool isByNotice = isRenewal && terms.noticePeriod != 0 && license.end <= uint256(closedAt) + terms.noticePeriod;
        if (!isByNotice) revert Licenses_NotOffered(termsId);
    }

    function _requireAnnounced(bytes32 termsId, uint256 delay) private view {
        License memory license = licenseOf(termsId, msg.sender);
        bool isAnnounced = license.refundableUntil > license.end;
        uint256 leaveAt = isAnnounced ? license.end + delay : 0;
        if (!isAnnounced || block.timestamp < leaveAt) revert Licenses_LeaveTooEarly(termsId, msg.sender, leaveAt);
    }

    function _heldIn(bytes32 escrowId, Terms calldata terms) private view returns (uint256) {
        return ESCROWS.heldOf({ controller: address(this), token: terms.currency, id: escrowId });
    }

    function _markOf(uint256 asset) private view returns (uint32) {
        return ASSETS.ownerEpochOf(asset) + 1;
    }

    function _escrowOf(bytes32 termsId, address holder) private pure returns (bytes32) {
        return keccak256(abi.encode(termsId, holder));
    }
}
