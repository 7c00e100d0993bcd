// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILicenses } from "./ILicenses.sol";

/// @title IResales
/// @notice Licences that can be sold on, as ERC-721 tokens. For {ILicenses} the holder of each is an address that
/// follows from the token id and has no key; whoever owns the token uses the licence. A sale in this contract pays the
/// royalty. A transfer outside of it makes the licence inert until somebody pays the royalty, so that a contract that
/// holds the token and sells parts of itself gains nothing.
///
/// A period is added to a token by {ILicenses-buy} for {holderOf} the token. A licence bought there for an ordinary
/// account has no token and does not move.
/// @dev Deliberately absent: custody, an order book (a sale is a message of the owner), burning, {renewSubscription} of
/// ERC-5643, whose expiry view is here.
interface IResales {
    /// @notice A sale that the owner of a token signs as EIP-712
    /// Sale(uint256 tokenId,uint128 price,uint32 nonce,uint40 validUntil) in the domain "Agorai Resales", "1".
    /// @param tokenId The token
    /// @param price What the buyer pays in all, royalty included, in atoms of the currency of the terms
    /// @param nonce The nonce of the token, see {stateOf}
    /// @param validUntil Unix time in seconds of the last moment at which it counts
    struct Sale {
        uint256 tokenId;
        uint128 price;
        uint32 nonce;
        uint40 validUntil;
    }

    /// @notice What is kept of terms of which there are tokens.
    /// @param termsId The terms
    /// @param payout Where royalties go
    /// @param price Price of one period
    /// @param currency The token of prices
    /// @param royaltyBps Royalty in basis points
    /// @param maxResales How often a token can be sold, 0 for any number
    struct Rules {
        bytes32 termsId;
        address payout;
        uint96 price;
        address currency;
        uint16 royaltyBps;
        uint8 maxResales;
    }

    /// @notice The state of a token beside its owner.
    /// @param nonce Counts what voids the messages of an owner: each transfer, sale and cancellation
    /// @param resales How often the licence has changed hands with the royalty paid
    /// @param isInert True since a transfer whose royalty is not paid
    struct State {
        uint32 nonce;
        uint8 resales;
        bool isInert;
    }

    /// @notice Tokens of terms can exist from now on. The first 20 bytes of their ids are those of the terms.
    event Register(bytes32 indexed termsId, uint256 indexed asset, address payout, address currency, uint128 price);

    /// @notice A licence was bought as a token, for `recipient`.
    event Buy(uint256 indexed tokenId, bytes32 indexed termsId, address indexed recipient, address payer);

    /// @notice A token was sold to `buyer`, for `recipient`. The seller got the price without the royalty.
    event Resell(
        uint256 indexed tokenId,
        address indexed seller,
        address indexed recipient,
        address buyer,
        uint128 price,
        uint256 royalty
    );

    /// @notice The royalty of a transfer was paid.
    event Revive(uint256 indexed tokenId, address indexed payer, uint256 royalty);

    /// @notice All messages about a token with a nonce below this one are void.
    event Cancel(uint256 indexed tokenId, uint32 nonce);

    /// @notice The terms do not grant RESELL.
    error Resales_NotResellable(bytes32 termsId);

    /// @notice The price is too high to be kept here.
    error Resales_PriceTooHigh(uint128 price);

    /// @notice Other terms begin with the same 20 bytes.
    error Resales_Collision(bytes32 termsId, bytes32 registered);

    /// @notice The token would belong to the zero address.
    error Resales_NoRecipient();

    /// @notice Only {ILicenses} asks for money.
    error Resales_NotLicenses(address caller);

    /// @notice The caller does not own the token.
    error Resales_NotOwner(uint256 tokenId, address caller);

    /// @notice No licence of the token was bought, so that it cannot be issued without a payment.
    error Resales_NotBought(uint256 tokenId);

    /// @notice There is no such token.
    error Resales_NoToken(uint256 tokenId);

    /// @notice The royalty of a transfer was not paid.
    error Resales_Inert(uint256 tokenId);

    /// @notice Nothing is owed for the token.
    error Resales_NotInert(uint256 tokenId);

    /// @notice The licence has changed hands as often as it may.
    error Resales_TooManyResales(uint256 tokenId, uint8 maxResales);

    /// @notice The message is no longer valid.
    error Resales_Expired(uint256 tokenId, uint40 validUntil);

    /// @notice The message is void because the token moved or the owner cancelled.
    error Resales_WrongNonce(uint256 tokenId, uint32 nonce, uint32 given);

    /// @notice The price does not cover the royalty.
    error Resales_BelowRoyalty(uint256 tokenId, uint128 price, uint256 royalty);

    /// @notice The message is not signed by the owner of the token.
    error Resales_InvalidSignature(uint256 tokenId, address owner);

    /// @notice Buys a licence as a new token for `recipient`. The caller's tokens go to the payout address of the asset
    /// by way of {ILicenses}.
    ///
    /// Requirements:
    /// - `terms` must grant RESELL and be on offer, and their price must be below 2^96.
    /// - `recipient` must not be zero and must not have bought with this salt under these terms before.
    /// - The caller must have approved the price for this contract.
    ///
    /// @param terms The complete terms
    /// @param recipient The owner of the token
    /// @param salt Tells apart the tokens of a recipient
    /// @return tokenId The token
    function buy(ILicenses.Terms calldata terms, address recipient, bytes32 salt) external returns (uint256 tokenId);

    /// @notice Buys a licence as a new token with a payment that somebody else signed. Anybody may submit it. A licence
    /// that was bought for {holderOf} the token before, maybe with this payment, is issued as by {issue}.
    ///
    /// Requirements:
    /// - As for {buy}, but for the approval.
    /// - The payer must have signed a payment to {ILicenses} under {ILicenses-authorizationNonceOf} for {holderOf} the
    ///   token, whose id binds terms, recipient and salt.
    ///
    /// @param terms The complete terms
    /// @param recipient The owner of the token
    /// @param salt Tells apart the tokens of a recipient
    /// @param authorization The payment
    /// @return tokenId The token
    function buyWithAuthorization(
        ILicenses.Terms calldata terms,
        address recipient,
        bytes32 salt,
        ILicenses.Authorization calldata authorization
    ) external returns (uint256 tokenId);

    /// @notice Mints the token of a licence that was bought in {ILicenses} for {holderOf} it. Anybody may submit it. The
    /// payer in the event is zero: whoever it was is in that of {ILicenses}.
    ///
    /// Requirements:
    /// - `terms` must grant RESELL, and their price must be below 2^96.
    /// - The licence must have been bought, and the token must not exist.
    /// - `recipient` must not be zero.
    ///
    /// @param terms The complete terms
    /// @param recipient The owner of the token, bound by its id
    /// @param salt Tells apart the tokens of a recipient
    /// @return tokenId The token
    function issue(ILicenses.Terms calldata terms, address recipient, bytes32 salt) external returns (uint256 tokenId);

    /// @notice Buys a token of somebody at the price that its owner signed. The royalty is the part of the price of the
    /// sale or of one period, whichever is higher, that the terms name; it goes to the payout address of the asset.
    /// @dev Whether the licence still runs is not asked. Its end, see {expiresAt}, only ever grows.
    ///
    /// Requirements:
    /// - The owner must have signed `sale`, whose nonce must be that of the token, and which must not have expired.
    /// - The token must not be inert and must not have changed hands as often as it may.
    /// - The price must cover the royalty.
    /// - The caller must have approved the price for this contract.
    ///
    /// @param sale The sale
    /// @param signature The owner's signature
    /// @param recipient The new owner
    function resell(Sale calldata sale, bytes calldata signature, address recipient) external;

    /// @notice Pays the royalty of a transfer, so that the licence of an inert token is of use again. The royalty is
    /// that of a sale for the price of one period. Anybody may pay it.
    ///
    /// Requirements:
    /// - The token must be inert, and must not have changed hands as often as it may.
    /// - The caller must have approved the royalty for this contract.
    ///
    /// @param tokenId The token
    function revive(uint256 tokenId) external;

    /// @notice Voids every sale of a token that the caller has signed.
    ///
    /// Requirements:
    /// - The caller must own the token.
    ///
    /// @param tokenId The token
    function cancel(uint256 tokenId) external;

    /// @notice Whether an account may use the licence of a token now.
    /// @param tokenId The token
    /// @param account The account
    /// @return valid True when it owns the token, which is not inert, and the licence runs
    function isValid(uint256 tokenId, address account) external view returns (bool valid);

    /// @notice When the licence of a token ends (ERC-5643).
    ///
    /// Requirements:
    /// - The token must exist.
    ///
    /// @param tokenId The token
    /// @return expiration Unix time in seconds; type(uint40).max is never
    function expiresAt(uint256 tokenId) external view returns (uint64 expiration);

    /// @notice The part of a sale that the terms name (ERC-2981).
    ///
    /// Requirements:
    /// - The token must exist.
    ///
    /// @param tokenId The token
    /// @param salePrice What the token is sold for
    /// @return receiver The payout address of the asset
    /// @return royaltyAmount Royalty in the unit of the price, rounded down
    function royaltyInfo(uint256 tokenId, uint256 salePrice)
        external
        view
        returns (address receiver, uint256 royaltyAmount);

    /// @notice The state of a token beside its owner.
    /// @param tokenId The token
    /// @return state The state, all zero when there is no such token
    function stateOf(uint256 tokenId) external view returns (State memory state);

    /// @notice What is kept of the terms of a token.
    /// @param tokenId The token, or any number that begins with the first 20 bytes of the terms
    /// @return rules The rules, all zero when no token under these terms was ever bought
    function rulesOf(uint256 tokenId) external view returns (Rules memory rules);

    /// @notice What the owner of a token signs to sell it.
    /// @param sale The sale
    /// @return digest The EIP-712 digest
    function saleDigestOf(Sale calldata sale) external view returns (bytes32 digest);

    /// @notice The holder of a token's licence in {ILicenses}.
    /// @param tokenId The token
    /// @return holder An address without a key
    function holderOf(uint256 tokenId) external view returns (address holder);

    /// @notice The id of a token, bought or not.
    /// @param termsId The terms
    /// @param recipient The account it is bought for
    /// @param salt The salt
    /// @return tokenId The first 20 bytes of the terms and 12 bytes of keccak256(abi.encode(recipient, salt))
    function tokenIdOf(bytes32 termsId, address recipient, bytes32 salt) external pure returns (uint256 tokenId);
}
