// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC2981 } from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Strings } from "@openzeppelin/contracts/utils/Strings.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import { ERC721 } from "solady/src/tokens/ERC721.sol";
import { IFunder } from "./interfaces/IFunder.sol";
import { ILicenses } from "./interfaces/ILicenses.sol";
import { IPayouts } from "./interfaces/IPayouts.sol";
import { IResales } from "./interfaces/IResales.sol";
import { Rights } from "./libraries/Rights.sol";
import { TermsRules } from "./libraries/TermsRules.sol";

/// @title Resales
/// @notice See the documentation in {IResales}.
/// @dev The token of Solady keeps 96 bits beside the owner: the state of a token costs no slot of its own.
contract Resales is IResales, IFunder, ERC721, EIP712, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    bytes32 private constant SALE_TYPEHASH =
        keccak256("Sale(uint256 tokenId,uint128 price,uint32 nonce,uint40 validUntil)");
    uint256 private constant BPS = 10_000;

    /// @notice Where the licences of the tokens are.
    ILicenses public immutable LICENSES;
    /// @notice The payout address of each asset.
    IPayouts public immutable PAYOUTS;

    mapping(uint256 prefix => Rules rules) private _rules;

    /// @notice Names the contracts that this one asks, for ever.
    /// @param licenses Where the licences of the tokens are
    /// @param payouts The payout address of each asset
    constructor(ILicenses licenses, IPayouts payouts) EIP712("Agorai Resales", "1") {
        LICENSES = licenses;
        PAYOUTS = payouts;
    }

    /// @inheritdoc IResales
    function buy(ILicenses.Terms calldata terms, address recipient, bytes32 salt)
        external
        nonReentrant
        returns (uint256 tokenId)
    {
        tokenId = _issue({ terms: terms, recipient: recipient, salt: salt, payer: msg.sender });

        LICENSES.buyThrough({ terms: terms, recipient: holderOf(tokenId), data: abi.encode(msg.sender) });
    }

    /// @inheritdoc IResales
    function buyWithAuthorization(
        ILicenses.Terms calldata terms,
        address recipient,
        bytes32 salt,
        ILicenses.Authorization calldata authorization
    ) external nonReentrant returns (uint256 tokenId) {
        bytes32 termsId = TermsRules.idOf(address(LICENSES), terms);
        // Whoever saw the authorization may have used it in the registry itself.
        bool isBought = _isBought(termsId, tokenIdOf(termsId, recipient, salt));
        address payer = isBought ? address(0) : authorization.from;
        tokenId = _issue({ terms: terms, recipient: recipient, salt: salt, payer: payer });
        if (isBought) return tokenId;

        LICENSES.buyWithAuthorization({
            terms: terms, recipient: holderOf(tokenId), authorization: authorization, data: ""
        });
    }

    /// @inheritdoc IResales
    function issue(ILicenses.Terms calldata terms, address recipient, bytes32 salt)
        external
        nonReentrant
        returns (uint256 tokenId)
    {
        tokenId = _issue({ terms: terms, recipient: recipient, salt: salt, payer: address(0) });
        if (!_isBought(rulesOf(tokenId).termsId, tokenId)) revert Resales_NotBought(tokenId);
    }

    /// @notice Brings the price of a purchase that is under way.
    /// @dev {ILicenses} asks only whoever called it, and this contract calls it in {buy} alone. `data` is the payer.
    /// @inheritdoc IFunder
    function fund(address token, address to, uint256 amount, bytes calldata data) external {
        if (msg.sender != address(LICENSES)) revert Resales_NotLicenses(msg.sender);
        IERC20(token).safeTransferFrom(abi.decode(data, (address)), to, amount);
    }

    /// @inheritdoc IResales
    function resell(Sale calldata sale, bytes calldata signature, address recipient) external nonReentrant {
        uint256 tokenId = sale.tokenId;
        address seller = _requireToken(tokenId);
        State memory state = stateOf(tokenId);
        Rules storage rules = _rules[tokenId >> 96];
        if (state.isInert) revert Resales_Inert(tokenId);
        if (state.nonce != sale.nonce) revert Resales_WrongNonce(tokenId, state.nonce, sale.nonce);
        if (block.timestamp > sale.validUntil) revert Resales_Expired(tokenId, sale.validUntil);
        uint256 royalty = _royaltyDown(rules, sale.price > rules.price ? sale.price : rules.price);
        if (royalty > sale.price) revert Resales_BelowRoyalty(tokenId, sale.price, royalty);
        if (!_isSigned(seller, saleDigestOf(sale), signature)) revert Resales_InvalidSignature(tokenId, seller);

        _transfer(seller, recipient, tokenId);
        _count(tokenId, rules.maxResales);

        emit Resell({
            tokenId: tokenId,
            seller: seller,
            recipient: recipient,
            buyer: msg.sender,
            price: sale.price,
            royalty: royalty
        });

        address currency = rules.currency;
        _send(currency, rules.payout, royalty);
        _send(currency, seller, sale.price - royalty);
    }

    /// @inheritdoc IResales
    function revive(uint256 tokenId) external nonReentrant {
        _requireToken(tokenId);
        if (!stateOf(tokenId).isInert) revert Resales_NotInert(tokenId);
        Rules storage rules = _rules[tokenId >> 96];
        uint256 royalty = _royaltyDown(rules, rules.price);

        _count(tokenId, rules.maxResales);

        emit Revive({ tokenId: tokenId, payer: msg.sender, royalty: royalty });

        _send(rules.currency, rules.payout, royalty);
    }

    /// @inheritdoc IResales
    function cancel(uint256 tokenId) external {
        if (_ownerOf(tokenId) != msg.sender) revert Resales_NotOwner(tokenId, msg.sender);

        State memory state = stateOf(tokenId);
        ++state.nonce;
        _setState(tokenId, state);

        emit Cancel({ tokenId: tokenId, nonce: state.nonce });
    }

    /// @inheritdoc IResales
    function isValid(uint256 tokenId, address account) external view returns (bool valid) {
        if (account == address(0) || _ownerOf(tokenId) != account) return false;
        if (stateOf(tokenId).isInert) return false;
        return LICENSES.isValid(rulesOf(tokenId).termsId, holderOf(tokenId), uint40(block.timestamp));
    }

    /// @inheritdoc IResales
    function expiresAt(uint256 tokenId) external view returns (uint64 expiration) {
        _requireToken(tokenId);
        return LICENSES.licenseOf(rulesOf(tokenId).termsId, holderOf(tokenId)).end;
    }

    /// @inheritdoc IResales
    function royaltyInfo(uint256 tokenId, uint256 salePrice)
        external
        view
        returns (address receiver, uint256 royaltyAmount)
    {
        _requireToken(tokenId);
        Rules storage rules = _rules[tokenId >> 96];
        return (rules.payout, _royaltyDown(rules, salePrice));
    }

    /// @inheritdoc IResales
    function stateOf(uint256 tokenId) public view returns (State memory state) {
        uint96 packed = _getExtraData(tokenId);
        return State({ nonce: uint32(packed), resales: uint8(packed >> 32), isInert: packed >> 40 != 0 });
    }

    /// @inheritdoc IResales
    function rulesOf(uint256 tokenId) public view returns (Rules memory rules) {
        return _rules[tokenId >> 96];
    }

    /// @inheritdoc IResales
    function saleDigestOf(Sale calldata sale) public view returns (bytes32 digest) {
        return _hashTypedDataV4(keccak256(abi.encode(SALE_TYPEHASH, sale)));
    }

    /// @inheritdoc IResales
    function holderOf(uint256 tokenId) public view returns (address holder) {
        return address(uint160(uint256(keccak256(abi.encode(address(this), tokenId)))));
    }

    /// @notice Names the terms of a token.
    /// @param tokenId The token, which must exist
    /// @return urn:agorai:terms:0x followed by the hash of the terms in hexadecimal
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        _requireToken(tokenId);
        return string.concat("urn:agorai:terms:", Strings.toHexString(uint256(rulesOf(tokenId).termsId), 32));
    }

    /// @notice Whether an interface is supported: ERC-165, ERC-721 with metadata, ERC-2981.
    /// @param interfaceId The interface
    /// @return supported True when it is
    function supportsInterface(bytes4 interfaceId) public view override returns (bool supported) {
        return interfaceId == type(IERC2981).interfaceId || super.supportsInterface(interfaceId);
    }

    /// @inheritdoc IResales
    function tokenIdOf(bytes32 termsId, address recipient, bytes32 salt) public pure returns (uint256 tokenId) {
        return (uint256(termsId) >> 96 << 96) | uint96(uint256(keccak256(abi.encode(recipient, salt))));
    }

    /// @notice The name of the collection.
    /// @return The name
    function name() public pure override returns (string memory) {
        return "Agorai Licences";
    }

    /// @notice The symbol of the collection.
    /// @return The symbol
    function symbol() public pure override returns (string memory) {
        return "LICENCE";
    }

    /// @dev Every transfer makes inert and voids what the owner signed; {resell} pays for what it moves.
    function _afterTokenTransfer(address from, address, uint256 tokenId) internal override {
        if (from == address(0)) return;
        State memory state = stateOf(tokenId);
        (state.nonce, state.isInert) = (state.nonce + 1, true);
        _setState(tokenId, state);
    }

    function _issue(ILicenses.Terms calldata terms, address recipient, bytes32 salt, address payer)
        private
        returns (uint256 tokenId)
    {
        if (recipient == address(0)) revert Resales_NoRecipient();
        bytes32 termsId = TermsRules.idOf(address(LICENSES), terms);
        tokenId = tokenIdOf(termsId, recipient, salt);
        _register(termsId, terms);

        _mint(recipient, tokenId);

        emit Buy({ tokenId: tokenId, termsId: termsId, recipient: recipient, payer: payer });
    }

    function _register(bytes32 termsId, ILicenses.Terms calldata terms) private {
        Rules storage rules = _rules[uint256(termsId) >> 96];
        bytes32 registered = rules.termsId;
        if (registered == termsId) return;
        if (registered != 0) revert Resales_Collision(termsId, registered);
        if (terms.rights & Rights.RESELL == 0) revert Resales_NotResellable(termsId);
        if (terms.price > type(uint96).max) revert Resales_PriceTooHigh(terms.price);

        address payout = PAYOUTS.payoutOf(terms.asset);
        _rules[uint256(termsId) >> 96] = Rules({
            termsId: termsId,
            payout: payout,
            price: uint96(terms.price),
            currency: terms.currency,
            royaltyBps: terms.resaleRoyaltyBps,
            maxResales: terms.maxResales
        });

        emit Register({
            termsId: termsId, asset: terms.asset, payout: payout, currency: terms.currency, price: terms.price
        });
    }

    /// @dev Counts a change of hands whose royalty is paid, after which the licence is of use.
    function _count(uint256 tokenId, uint8 maxResales) private {
        State memory state = stateOf(tokenId);
        if (maxResales != 0 && state.resales >= maxResales) revert Resales_TooManyResales(tokenId, maxResales);
        // Without a limit the number is for readers, and stops at what it can hold.
        if (state.resales != type(uint8).max) ++state.resales;
        state.isInert = false;
        _setState(tokenId, state);
    }

    function _setState(uint256 tokenId, State memory state) private {
        uint96 flag = state.isInert ? 1 : 0;
        _setExtraData(tokenId, uint96(state.nonce) | uint96(state.resales) << 32 | flag << 40);
    }

    function _send(address currency, address to, uint256 amount) private {
        if (amount != 0) IERC20(currency).safeTransferFrom(msg.sender, to, amount);
    }

    function _isBought(bytes32 termsId, uint256 tokenId) private view returns (bool) {
        return LICENSES.licenseOf(termsId, holderOf(tokenId)).end != 0;
    }

    function _requireToken(uint256 tokenId) private view returns (address owner) {
        owner = _ownerOf(tokenId);
        if (owner == address(0)) revert Resales_NoToken(tokenId);
    }

    /// @dev The key of the signer is tried first: to ask whether the signer has code costs almost as much.
    function _isSigned(address signer, bytes32 digest, bytes calldata signature) private view returns (bool) {
        (address recovered, ECDSA.RecoverError error,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (error == ECDSA.RecoverError.NoError && recovered == signer) return true;
        return SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature);
    }

    function _royaltyDown(Rules storage rules, uint256 price) private view returns (uint256) {
        return price * rules.royaltyBps / BPS;
    }
}
