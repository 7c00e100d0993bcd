// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ILicenses
/// @notice Offers of licences under immutable terms, and the licences bought. Terms are identified by their hash; a
/// buyer names the complete terms, so neither price nor token nor rights can change under a purchase. A licence is one
/// slot for each pair of terms and holder. It cannot be moved, revoked or changed; only a payment extends it.
/// @dev Deliberately absent: an administrator, custody (a payment goes straight to the payout address of the asset),
/// and every term whose enforcement does not exist: such terms are refused.
interface ILicenses {
    /// @notice The terms of a licence. Fields marked "not enforced" must be zero.
    /// @param asset The asset
    /// @param version The version that is licensed
    /// @param rights A sum of {Rights}, not zero; RESELL is not enforced
    /// @param duties A sum of {Duties}
    /// @param price Price of one period, in atoms of `currency`
    /// @param pricesHash keccak256(abi.encode(Prices)) of the prices of use
    /// @param currency The token of every price
    /// @param period Length of what one payment buys, in seconds; 0 is without end
    /// @param noticePeriod Not enforced
    /// @param trial Not enforced
    /// @param quota Not enforced
    /// @param overageBps Not enforced
    /// @param seats Number of simultaneous users; 0 and 1 both mean the holder alone, more is not enforced
    /// @param maxSupply Not enforced
    /// @param resaleRoyaltyBps Not enforced
    /// @param maxResales Not enforced
    /// @param derivativeShareBps Least share of the asset in the revenue of what a holder makes of it, in basis points
    /// @param refundPolicy Not enforced
    /// @param refundWindow Not enforced
    /// @param refundPenaltyBps Not enforced
    /// @param slaId Not enforced
    /// @param policyRoot Not enforced
    /// @param textHash Hash of the text of the licence, zero for none
    /// @param checker Not enforced
    struct Terms {
        uint256 asset;
        uint32 version;
        uint32 rights;
        uint32 duties;
        uint128 price;
        bytes32 pricesHash;
        address currency;
        uint40 period;
        uint40 noticePeriod;
        uint40 trial;
        uint128 quota;
        uint16 overageBps;
        uint16 seats;
        uint32 maxSupply;
        uint16 resaleRoyaltyBps;
        uint8 maxResales;
        uint16 derivativeShareBps;
        uint8 refundPolicy;
        uint40 refundWindow;
        uint16 refundPenaltyBps;
        bytes32 slaId;
        bytes32 policyRoot;
        bytes32 textHash;
        address checker;
    }

    /// @notice Prices of use, in atoms of the currency for a million units.
    /// @param perCall For a million calls
    /// @param perInputToken For a million tokens of input
    /// @param perOutputToken For a million tokens of output
    /// @param perSecond For a million seconds
    /// @param perImage For a million images
    /// @param perByte For a million bytes of request
    struct Prices {
        uint128 perCall;
        uint128 perInputToken;
        uint128 perOutputToken;
        uint128 perSecond;
        uint128 perImage;
        uint128 perByte;
    }

    /// @notice What a holder has: the licence is valid while start <= time < end.
    /// @param start Unix time in seconds at which the present unbroken run of periods began
    /// @param end Unix time in seconds at which it ends; type(uint40).max is never
    /// @param seats Number of simultaneous users
    struct License {
        uint40 start;
        uint40 end;
        uint16 seats;
    }

    /// @notice A payment signed by the payer under ERC-3009, for anybody to submit.
    /// @param from The payer
    /// @param validAfter Unix time in seconds after which it counts
    /// @param validBefore Unix time in seconds before which it counts
    /// @param salt A number that makes the nonce of the authorization new
    /// @param signature The payer's signature of a ReceiveWithAuthorization to this contract over the price, with the
    /// nonce that {authorizationNonceOf} gives
    struct Authorization {
        address from;
        uint256 validAfter;
        uint256 validBefore;
        bytes32 salt;
        bytes signature;
    }

    /// @notice Terms were offered on behalf of the owner, `seller`.
    event Offer(bytes32 indexed termsId, uint256 indexed asset, address indexed seller, Terms terms, Prices prices);

    /// @notice An offer was closed.
    event Close(bytes32 indexed termsId, uint256 indexed asset);

    /// @notice A period from `start` to `end` was paid for.
    event Buy(
        bytes32 indexed termsId,
        address indexed holder,
        address indexed payer,
        uint256 asset,
        uint40 start,
        uint40 end,
        uint128 price
    );

    /// @notice What licences of an asset may grant and must demand became less, for ever.
    event Narrow(uint256 indexed asset, uint32 rights, uint32 duties);

    /// @notice The caller is not the module that carries out an attachment of this asset.
    error Licenses_NotAttached(uint256 asset, address caller);

    /// @notice The terms grant a right that the parents of the asset did not grant, or lack a duty they demanded.
    error Licenses_BeyondParents(uint256 asset, uint32 rights, uint32 duties);

    /// @notice The caller is neither the owner of the asset nor a delegate with OFFER.
    error Licenses_NotAuthorized(uint256 asset, address caller);

    /// @notice The caller is not the Assets contract.
    error Licenses_NotAssets(address caller);

    /// @notice An attachment has not as many prices as terms.
    error Licenses_LengthMismatch(uint256 terms, uint256 prices);

    /// @notice An attachment to one asset offers another.
    error Licenses_ForeignAsset(uint256 asset, uint256 offered);

    /// @notice The asset has no such version.
    error Licenses_UnknownVersion(uint256 asset, uint32 version);

    /// @notice The terms grant nothing.
    error Licenses_NoRights();

    /// @notice A right that does not exist.
    error Licenses_UnknownRights(uint32 rights);

    /// @notice A duty that does not exist.
    error Licenses_UnknownDuties(uint32 duties);

    /// @notice The terms set a field that nothing enforces.
    error Licenses_NotEnforced(bytes32 field);

    /// @notice The currency is not allowed.
    error Licenses_CurrencyNotAllowed(address currency);

    /// @notice The prices are not those of the terms.
    error Licenses_PricesMismatch(bytes32 expected, bytes32 actual);

    /// @notice The terms are not on offer by the present owner.
    error Licenses_NotOffered(bytes32 termsId);

    /// @notice The licence would belong to the zero address.
    error Licenses_NoRecipient();

    /// @notice The holder has a licence without end.
    error Licenses_AlreadyForever(bytes32 termsId, address holder);

    /// @notice The period would end beyond what a timestamp can hold.
    error Licenses_PeriodTooLong(bytes32 termsId, uint40 start, uint40 period);

    /// @notice The token moved another amount than the price.
    error Licenses_WrongAmount(address currency, uint256 expected, uint256 arrived);

    /// @notice Puts terms on offer, or puts them on offer again.
    ///
    /// Requirements:
    /// - The caller must be the owner of `terms.asset`, or a delegate with OFFER.
    /// - `terms.version` must exist.
    /// - `terms.rights` must be known and not zero, `terms.duties` known, and fields that are not enforced zero.
    /// - `terms.currency` must be allowed by the policy now; a later change there does not touch the offer.
    /// - `terms.pricesHash` must be the hash of `prices`.
    ///
    /// @param terms The terms
    /// @param prices The prices of use that the terms commit to
    /// @return termsId The hash of the terms
    function offer(Terms calldata terms, Prices calldata prices) external returns (bytes32 termsId);

    /// @notice Ends an offer. Licences bought under it stay as they are, and cannot be renewed.
    ///
    /// Requirements:
    /// - The caller must be the owner of `terms.asset`, or a delegate with OFFER.
    /// - The terms must be on offer.
    ///
    /// @param terms The terms
    function close(Terms calldata terms) external;

    /// @notice Buys one period for `recipient`, from now or from the end of the licence it holds, whichever is later.
    /// @dev The payment moves the caller's tokens in one transfer to the payout address of the asset.
    ///
    /// Requirements:
    /// - The terms must be on offer by the present owner.
    /// - `recipient` must not be zero and must not hold a licence without end under these terms.
    /// - The period must end before type(uint40).max.
    /// - The caller must have approved `terms.price`, and exactly that must arrive.
    ///
    /// @param terms The complete terms
    /// @param recipient The holder
    /// @return end Unix time in seconds at which the licence ends
    function buy(Terms calldata terms, address recipient) external returns (uint40 end);

    /// @notice Buys one period for `recipient` with a payment that somebody else signed. Anybody may submit it.
    ///
    /// Requirements:
    /// - As for {buy}.
    /// - The token must accept the authorization. Its nonce binds terms and recipient, so that whoever submits it can
    ///   change neither.
    ///
    /// @param terms The complete terms
    /// @param recipient The holder
    /// @param authorization The payment
    /// @return end Unix time in seconds at which the licence ends
    function buyWithAuthorization(Terms calldata terms, address recipient, Authorization calldata authorization)
        external
        returns (uint40 end);

    /// @notice The identity of terms.
    /// @param terms The terms
    /// @return termsId keccak256(abi.encode(chain id, this contract, terms))
    function idOf(Terms calldata terms) external view returns (bytes32 termsId);

    /// @notice The nonce that a payer signs to buy with an authorization.
    /// @param termsId The terms
    /// @param recipient The holder
    /// @param salt The salt
    /// @return nonce keccak256(abi.encode(termsId, recipient, salt))
    function authorizationNonceOf(bytes32 termsId, address recipient, bytes32 salt)
        external
        pure
        returns (bytes32 nonce);

    /// @notice Whether terms can be bought.
    /// @param terms The terms
    /// @return offered True when the present owner has them on offer
    function isOffered(Terms calldata terms) external view returns (bool offered);

    /// @notice The licence of a holder.
    /// @param termsId The terms
    /// @param holder The holder
    /// @return license The licence; all zero when there is none
    function licenseOf(bytes32 termsId, address holder) external view returns (License memory license);

    /// @notice Whether a licence is valid at a time. After a gap only the present run of periods is known here; earlier
    /// ones are in the {Buy} events.
    /// @param termsId The terms
    /// @param holder The holder
    /// @param at Unix time in seconds
    /// @return valid True when start <= at < end
    function isValid(bytes32 termsId, address holder, uint40 at) external view returns (bool valid);
}
