// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Multicall } from "@openzeppelin/contracts/utils/Multicall.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IAssets } from "./interfaces/IAssets.sol";
import { IAttachable } from "./interfaces/IAttachable.sol";
import { IChannels } from "./interfaces/IChannels.sol";
import { ILogs } from "./interfaces/ILogs.sol";
import { IPayouts } from "./interfaces/IPayouts.sol";
import { IPolicy } from "./interfaces/IPolicy.sol";
import { IVault } from "./interfaces/IVault.sol";
import { IVaults } from "./interfaces/IVaults.sol";
import { Buckets } from "./libraries/Buckets.sol";
import { Powers } from "./libraries/Powers.sol";
import { Receipts } from "./libraries/Receipts.sol";
import { Splits } from "./libraries/Splits.sol";

/// @title Vaults
/// @notice See {IVaults}.
/// @dev {Multicall} delegates to this contract's own functions only, none of which takes ether: it lets a payee mature
/// and withdraw in one transaction.
contract Vaults is IVaults, Multicall, ReentrancyGuardTransient {
    using Buckets for Buckets.Ring;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    uint256 private constant MAX_TOKENS = 8;
    bytes32 private constant FEE_BPS = "protocolFeeBps";

    /// @inheritdoc IVaults
    uint40 public constant WINDOW_CEILING = 30 days;
    /// @inheritdoc IVaults
    uint40 public immutable WINDOW_FLOOR;
    /// @inheritdoc IVaults
    address public immutable IMPLEMENTATION;
    /// @inheritdoc IVaults
    address public immutable ASSETS;
    /// @inheritdoc IVaults
    address public immutable CHANNELS;
    /// @inheritdoc IVaults
    address public immutable LOGS;
    /// @inheritdoc IVaults
    address public immutable POLICY;

    /// @inheritdoc IVaults
    mapping(bytes32 splitId => mapping(address token => uint128 amount)) public accruedOf;
    /// @inheritdoc IVaults
    mapping(bytes32 splitId => mapping(address token => mapping(uint256 index => uint128 amount))) public paidOf;
    /// @inheritdoc IVaults
    mapping(bytes32 receipt => uint128 amount) public refundedOf;
    /// @inheritdoc IVaults
    mapping(
        address seller => mapping(address key => mapping(address token => mapping(uint40 day => uint128 amount)))
    ) public spentOf;

    /// @inheritdoc IVaults
    mapping(uint256 account => bytes32 upstreamHash) public upstreamHashOf;
    /// @inheritdoc IVaults
    mapping(uint256 account => Announcement announcement) public announcementOf;

    mapping(uint256 account => Terms) private _terms;
    mapping(uint256 account => mapping(address token => mapping(bytes32 splitId => Buckets.Ring))) private _rings;

    /// @notice Names the contracts this one works with and the least dispute window.
    /// @param implementation The code behind the payout addresses.
    /// @param assets The assets whose owners own the asset accounts.
    /// @param channels The channels whose claimed money is settled at a harvest; those of `implementation`.
    /// @param logs The receipt keys.
    /// @param policy The protocol fee.
    /// @param windowFloor The least dispute window, in seconds.
    constructor(
        address implementation,
        address assets,
        address channels,
        address logs,
        address policy,
        uint40 windowFloor
    ) {
        if (windowFloor == 0 || windowFloor > WINDOW_CEILING) {
            revert Vaults_InvalidFloor(windowFloor, WINDOW_CEILING);
        }
        IMPLEMENTATION = implementation;
        ASSETS = assets;
        CHANNELS = channels;
        LOGS = logs;
        POLICY = policy;
        WINDOW_FLOOR = windowFloor;
    }

    /*//////////////////////////////////////////////////////////////////////////
                                 CHANGING FUNCTIONS
    //////////////////////////////////////////////////////////////////////////*/

    /// @inheritdoc IAttachable
    function attach(address owner, uint256 asset, uint32, bytes calldata data) external nonReentrant {
        if (msg.sender != ASSETS) revert Vaults_NotAssets(msg.sender);
        // A later change must harvest first, which only {configure} does.
        if (_terms[asset].window != 0) revert Vaults_Configured(asset);
        (Payee[] memory payees, uint40 window) = abi.decode(data, (Payee[], uint40));

        _configure(asset, owner, payees, window);
    }

    /// @inheritdoc IVaults
    function bind(uint256 asset, Upstream[] memory upstream) external nonReentrant {
        (uint256 attached, address module) = IAssets(ASSETS).attaching();
        if (msg.sender != module || asset != attached) revert Vaults_NotAttached(asset, msg.sender);
        // Later, an asset that is younger could be named, and two could pass money on to each other.
        bool late = IAssets(ASSETS).versionOf(asset) != 1 || payoutOf(asset).code.length != 0;
        if (late || upstreamHashOf[asset] != 0) revert Vaults_Bound(asset);
        Splits.requireUpstream(upstream, asset);
        for (uint256 i = 0; i < upstream.length; ++i) {
            _ownerOf(upstream[i].account);
        }

        bytes32 upstreamHash = Splits.hashUpstream(upstream);
        upstreamHashOf[asset] = upstreamHash;
        // Shares that the same publication has configured before now come after those of the assets.
        if (_terms[asset].window != 0) {
            _terms[asset].sharesHash = Splits.behind(_terms[asset].sharesHash, upstreamHash);
        }

        emit Bind(asset, upstream);
    }

    /// @inheritdoc IVaults
    function announce(uint256 account, Payee[] memory payees) external {
        _requireManager(account);
        uint40 usableFrom = _now() + termsOf(account).window;

        announcementOf[account] = Announcement(_hashShares(payees), usableFrom);

        emit Announce({ account: account, payees: payees, usableFrom: usableFrom });
    }

    /// @inheritdoc IVaults
    function configure(
        uint256 account,
        Payee[] memory payees,
        uint40 window,
        address[] calldata tokens,
        Split calldata current
    ) external nonReentrant {
        address owner = _requireManager(account);
        _requirePermitted(account, owner, payees, current);

        _harvestAll(account, tokens);

        _configure(account, owner, payees, window);
    }

    /// @inheritdoc IVaults
    function assign(uint256 account, Split calldata current, uint256 index, address to, address[] calldata tokens)
        external
        nonReentrant
    {
        address owner = _ownerOf(account);
        Terms memory terms = _requireCurrent(account, current);
        // The rows of assets come before those of the payees.
        uint256 place = index - current.upstream.length;
        Payee calldata payee = current.payees[place];
        // The owner's own row is zero, which calls nobody.
        if (msg.sender != payee.account) revert Vaults_NotPayee(msg.sender, payee.account);

        _harvestAll(account, tokens);

        emit Assign({ account: account, from: msg.sender, to: to, bps: payee.bps });

        Payee[] memory payees = Splits.handedOver(current.payees, place, to);
        _adopt(account, owner, payees, current.treasury, current.feeBps, terms.window);
    }

    /// @inheritdoc IVaults
    function harvest(uint256 account, address token) external nonReentrant returns (uint128 amount) {
        return _harvest(account, token);
    }

    /// @inheritdoc IVaults
    function mature(uint256 account, address token, bytes32 splitId) external nonReentrant returns (uint128 amount) {
        return _mature(account, token, splitId);
    }

    /// @inheritdoc IVaults
    function withdraw(Split calldata split, uint256 index, address token)
        external
        nonReentrant
        returns (uint128 amount)
    {
        return _withdraw(split, index, token, address(0));
    }

    /// @inheritdoc IVaults
    function withdrawTo(Split calldata split, uint256 index, address token, address to)
        external
        nonReentrant
        returns (uint128 amount)
    {
        (address payee,) = Splits.rowOf(split, index);
        if (msg.sender != payee) revert Vaults_NotPayee(msg.sender, payee);

        return _withdraw(split, index, token, to);
    }

    /// @inheritdoc IVaults
    function cascade(Split calldata split, uint256 index, address token)
        external
        nonReentrant
        returns (uint128 amount)
    {
        if (index >= split.upstream.length) revert Vaults_NoRow(index);
        uint256 account = split.upstream[index].account;
        address owner = _ownerOf(account);
        bytes32 into = Splits.idOf(_inForce(account, owner), owner);

        bytes32 splitId;
        (splitId, amount) = _take(split, index, token);
        accruedOf[into][token] += amount;

        emit Cascade({ splitId: splitId, token: token, account: account, into: into, index: index, amount: amount });
    }

    /// @inheritdoc IVaults
    function claim(uint256 account, IChannels.VoucherClaim[] calldata rows) external nonReentrant {
        if (msg.sender != _ownerOf(account)) revert Vaults_NotAuthorized(account, msg.sender);

        IVault(_deployed(account)).claim(account, rows);
    }

    /// @inheritdoc IVaults
    function refund(Note calldata note, uint256 account, Terms calldata terms)
        external
        nonReentrant
        returns (uint128 amount)
    {
        Receipts.Receipt calldata receipt = note.receipt;
        bytes32 receiptHash = Receipts.hash(receipt);
        address key = _requireSigned(note, receiptHash);
        uint128 owed = _requireOwed(note, receiptHash, account);
        _requireWindow(terms.window);
        uint128 room = _requireRoom(receipt.seller, key, receipt.token);
        // A stranger to the account names a ring that holds nothing: the seller is part of its identity.
        bytes32 splitId = Splits.idOf(terms, receipt.seller);

        amount = _rings[account][receipt.token][splitId].take({
            wanted: owed < room ? owed : room, window: terms.window, time: _now()
        });
        if (amount == 0) revert Vaults_Insufficient(account, receipt.token, splitId);
        refundedOf[receiptHash] += amount;
        spentOf[receipt.seller][key][receipt.token][_today()] += amount;

        emit Refund({
            receipt: receiptHash,
            account: account,
            payer: receipt.payer,
            token: receipt.token,
            splitId: splitId,
            key: key,
            amount: amount
        });

        IERC20(receipt.token).safeTransfer({ to: receipt.payer, value: amount });
    }

    /*//////////////////////////////////////////////////////////////////////////
                                       VIEWS
    //////////////////////////////////////////////////////////////////////////*/

    /// @inheritdoc IVaults
    function creditOf(Split calldata split, uint256 index, address token) external view returns (uint128 amount) {
        return _creditDown(split, index, token, Splits.idOf(split));
    }

    /// @inheritdoc IVaults
    function pendingOf(uint256 account, address token, bytes32 splitId)
        external
        view
        returns (uint128 immature, uint128 matured)
    {
        return _rings[account][token][splitId].sums(_now());
    }

    /// @inheritdoc IVaults
    function splitIdOf(uint256 account) external view returns (bytes32 splitId) {
        return Splits.idOf(termsOf(account), _ownerOf(account));
    }

    /// @inheritdoc IVaults
    function termsOf(uint256 account) public view returns (Terms memory terms) {
        terms = _terms[account];
        if (terms.window != 0) return terms;
        (address treasury, uint16 feeBps) = _fee();
        return Terms(_sharesHash(account, _ownerOnly(feeBps), treasury, feeBps), WINDOW_FLOOR);
    }

    /// @inheritdoc IPayouts
    function payoutOf(uint256 account) public view returns (address payout) {
        return Clones.predictDeterministicAddress(IMPLEMENTATION, bytes32(account));
    }

    /*//////////////////////////////////////////////////////////////////////////
                                      INTERNAL
    //////////////////////////////////////////////////////////////////////////*/

    function _configure(uint256 account, address owner, Payee[] memory payees, uint40 window)
        private
        returns (Terms memory terms)
    {
        (address treasury, uint16 feeBps) = _fee();
        _requireWindow(window);
        return _adopt(account, owner, payees, treasury, feeBps, window);
    }

    function _adopt(
        uint256 account,
        address owner,
        Payee[] memory payees,
        address treasury,
        uint16 feeBps,
        uint40 window
    ) private returns (Terms memory terms) {
        Splits.requireValid(payees, feeBps, payoutOf(account));

        terms = Terms(_sharesHash(account, payees, treasury, feeBps), window);
        _terms[account] = terms;

        emit Configure({
            account: account,
            splitId: Splits.idOf(terms, owner),
            owner: owner,
            payees: payees,
            treasury: treasury,
            feeBps: feeBps,
            window: window
        });
    }

    function _harvestAll(uint256 account, address[] calldata tokens) private {
        if (tokens.length > MAX_TOKENS) revert Vaults_ManyTokens(tokens.length, MAX_TOKENS);
        for (uint256 i = 0; i < tokens.length; ++i) {
            _harvest(account, tokens[i]);
        }
    }

    function _harvest(uint256 account, address token) private returns (uint128 amount) {
        address owner = _ownerOf(account);
        Terms memory terms = _inForce(account, owner);
        bytes32 splitId = Splits.idOf(terms, owner);

        // What arrives is known only after the transfer. Nothing can enter in between.
        address payout = payoutOf(account);
        IChannels(CHANNELS).settle({ receiver: payout, token: token });
        amount = _sweep(account, payout, token);

        _mature(account, token, splitId);
        if (amount == 0) return 0;
        uint40 index = _rings[account][token][splitId].put({ amount: amount, window: terms.window, time: _now() });

        emit Harvest({
            account: account, token: token, splitId: splitId, amount: amount, bucketIndex: index, payout: payout
        });
    }

    /// @dev The default is stored when money first goes by it, so that its fee does not change afterwards.
    function _inForce(uint256 account, address owner) private returns (Terms memory terms) {
        terms = _terms[account];
        if (terms.window != 0) return terms;
        (, uint16 feeBps) = _fee();
        return _configure(account, owner, _ownerOnly(feeBps), WINDOW_FLOOR);
    }

    function _sweep(uint256 account, address payout, address token) private returns (uint128 amount) {
        uint256 balance = IERC20(token).balanceOf(payout);
        if (balance == 0) return 0;

        uint256 before = IERC20(token).balanceOf(address(this));
        IVault(_deployed(account)).sweep({ account: account, token: token, amount: balance });
        return (IERC20(token).balanceOf(address(this)) - before).toUint128();
    }

    function _mature(uint256 account, address token, bytes32 splitId) private returns (uint128 amount) {
        amount = _rings[account][token][splitId].collect(_now());
        if (amount == 0) return 0;
        accruedOf[splitId][token] += amount;

        emit Mature({ account: account, token: token, splitId: splitId, amount: amount });
    }

    /// @dev Pays the payee when `to` is zero.
    function _withdraw(Split calldata split, uint256 index, address token, address to)
        private
        returns (uint128 amount)
    {
        (address payee,) = Splits.rowOf(split, index);
        if (payee == address(0)) revert Vaults_NoRow(index);
        if (to == address(0)) to = payee;
        bytes32 splitId;
        (splitId, amount) = _take(split, index, token);

        emit Withdraw({ splitId: splitId, token: token, payee: payee, index: index, to: to, amount: amount });

        IERC20(token).safeTransfer({ to: to, value: amount });
    }

    function _take(Split calldata split, uint256 index, address token)
        private
        returns (bytes32 splitId, uint128 amount)
    {
        splitId = Splits.idOf(split);
        amount = _creditDown(split, index, token, splitId);
        if (amount == 0) revert Vaults_NoCredit(splitId, index, token);

        paidOf[splitId][token][index] += amount;
    }

    function _deployed(uint256 account) private returns (address payout) {
        payout = payoutOf(account);
        if (payout.code.length == 0) Clones.cloneDeterministic(IMPLEMENTATION, bytes32(account));
    }

    function _creditDown(Split calldata split, uint256 index, address token, bytes32 splitId)
        private
        view
        returns (uint128 amount)
    {
        (, uint256 parts) = Splits.rowOf(split, index);
        // What was paid is an earlier value of the same growing share.
        return Splits.shareDown(accruedOf[splitId][token], parts) - paidOf[splitId][token][index];
    }

    /// @dev Who manages an account may give to others at once, and take from them what was announced a window before.
    function _requirePermitted(uint256 account, address owner, Payee[] memory payees, Split calldata current) private {
        Announcement memory announced = announcementOf[account];
        // Whatever is configured, what was announced before is over: it must not return as a surprise.
        if (announced.usableFrom != 0) delete announcementOf[account];
        if (_terms[account].window == 0) return;
        bool inTime = announced.usableFrom <= _now() && _now() <= announced.usableFrom + WINDOW_CEILING;
        if (inTime && announced.sharesHash == _hashShares(payees)) return;
        _requireCurrent(account, current);
        if (!Splits.keepsAll(current.payees, payees, owner)) revert Vaults_NotAnnounced(account);
    }

    function _requireCurrent(uint256 account, Split calldata current) private view returns (Terms memory terms) {
        terms = _terms[account];
        if (Splits.sharesHashOf(current) != terms.sharesHash) revert Vaults_OtherSplit(account);
    }

    function _requireManager(uint256 account) private view returns (address owner) {
        owner = _ownerOf(account);
        if (msg.sender != owner && !_isDelegate(account)) revert Vaults_NotAuthorized(account, msg.sender);
    }

    function _requireSigned(Note calldata note, bytes32 receiptHash) private view returns (address key) {
        address seller = note.receipt.seller;
        bytes32 domainSeparator = ILogs(LOGS).DOMAIN_SEPARATOR();
        address signer = Receipts.recoverHashed(domainSeparator, receiptHash, note.path, note.batchSignature);
        _requireKey(seller, signer, (uint256(note.receipt.startedAt) / 1000).toUint40());

        key = Receipts.recoverCreditNote(
            domainSeparator, Receipts.CreditNote(receiptHash, note.credit), note.noteSignature
        );
        _requireKey(seller, key, _now());
    }

    function _requireKey(address seller, address signer, uint40 time) private view {
        if (!ILogs(LOGS).isKeyAt(seller, signer, time)) revert Vaults_InvalidSigner(seller, signer, time);
    }

    function _requireOwed(Note calldata note, bytes32 receiptHash, uint256 account)
        private
        view
        returns (uint128 owed)
    {
        // An owner who is also the payer would take the share of the assets that this one passes revenue on to.
        if (upstreamHashOf[account] != 0) revert Vaults_Bound(account);
        address payout = payoutOf(account);
        if (note.receipt.payTo != payout) revert Vaults_OtherPayout(note.receipt.payTo, payout);
        if (note.credit > note.receipt.price) revert Vaults_OverPrice(note.credit, note.receipt.price);
        uint128 refunded = refundedOf[receiptHash];
        if (note.credit <= refunded) revert Vaults_Refunded(receiptHash, note.credit, refunded);
        return note.credit - refunded;
    }

    function _requireRoom(address seller, address key, address token) private view returns (uint128 room) {
        uint128 cap = ILogs(LOGS).keyOf(seller, key).capPerEpoch;
        uint128 spent = spentOf[seller][key][token][_today()];
        // A cap never changes, so that nothing was spent beyond it.
        if (spent == cap) revert Vaults_CapReached(seller, key, token, cap);
        return cap - spent;
    }

    function _requireWindow(uint40 window) private view {
        if (window < WINDOW_FLOOR || window > WINDOW_CEILING) {
            revert Vaults_WrongWindow(window, WINDOW_FLOOR, WINDOW_CEILING);
        }
    }

    function _ownerOf(uint256 account) private view returns (address owner) {
        if (account == 0) revert Vaults_ZeroAccount();
        if (account <= type(uint160).max) return address(uint160(account));
        return IAssets(ASSETS).ownerOf(account);
    }

    function _isDelegate(uint256 account) private view returns (bool delegate) {
        // A seller has no delegates.
        if (account <= type(uint160).max) return false;
        return IAssets(ASSETS).isAuthorized({ asset: account, who: msg.sender, power: Powers.SPLIT });
    }

    function _fee() private view returns (address treasury, uint16 feeBps) {
        feeBps = IPolicy(POLICY).valueOf(FEE_BPS).toUint16();
        if (feeBps != 0) treasury = IPolicy(POLICY).treasury();
    }

    function _sharesHash(uint256 account, Payee[] memory payees, address treasury, uint16 feeBps)
        private
        view
        returns (bytes27 sharesHash)
    {
        return Splits.behind(Splits.hashShares(payees, treasury, feeBps), upstreamHashOf[account]);
    }

    function _hashShares(Payee[] memory payees) private view returns (bytes27 sharesHash) {
        (address treasury, uint16 feeBps) = _fee();
        return Splits.hashShares(payees, treasury, feeBps);
    }

    function _ownerOnly(uint16 feeBps) private pure returns (Payee[] memory payees) {
        payees = new Payee[](1);
        payees[0] = Payee({ account: address(0), bps: uint16(Splits.WHOLE_BPS) - feeBps });
    }

    function _now() private view returns (uint40 time) {
        return uint40(block.timestamp);
    }

    function _today() private view returns (uint40 day) {
        return uint40(block.timestamp / 1 days);
    }
}
