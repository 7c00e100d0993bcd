// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ILicenses
/// @notice Offers of licences under immutable terms, and the licences bought. Terms are identified by their hash; a
/// buyer names the complete terms, so neither price nor token nor rights can change under a purchase. A licence is one
/// slot for each pair of terms and holder. Nobody can move, revoke or change it; a payment extends it, and its holder
/// can leave it where the terms say so. Licences that can be sold on are tokens of {IResales}, which holds them here.
///
/// Money under terms without a refund goes straight to the payout address of the asset. Refundable money waits in
/// {IEscrows} until the licence is left or the money has become final. A refund goes to the holder, whoever paid: were
/// it the last payer, somebody could pay one renewal and take what others paid.
/// @dev Deliberately absent: an administrator, custody of what is not refundable, and every term whose enforcement does
/// not exist: such terms are refused.
interface ILicenses {
    /// @notice The terms of a licence. Zero always means "none", or "no limit" where a field is a limit.
    /// @param asset The asset
    /// @param version The version that is licensed
    /// @param rights A sum of {Rights}, not zero
    /// @param duties A sum of {Duties}
    /// @param price Price of one period, in atoms of `currency`
    /// @param pricesHash keccak256(abi.encode(Prices)) of the prices of use
    /// @param currency The token of every price
    /// @param period Length of what one payment buys, in seconds; 0 is without end
    /// @param noticePeriod Seconds after the end of an offer up to which running licences can be renewed, at least one
    /// period
    /// @param trial Seconds that a holder who never had a licence gets for nothing, once
    /// @param quota Calls that one payment buys. They add up over a run of periods without a gap, which ends by time or
    /// by its calls, whichever comes first
    /// @param overageBps What a call beyond the quota costs, in basis points of the prices of use; 0 permits none
    /// @param seats Number of simultaneous users; 0 is one. The gateway enforces it
    /// @param maxSupply Greatest number of licences that are not left
    /// @param resaleRoyaltyBps Part of a resale that goes to the asset, at most half; needs RESELL
    /// @param maxResales How often a licence can be sold on; needs RESELL
    /// @param derivativeShareBps Least part of the revenue of an asset derived under this licence
    /// @param refundPolicy One of {RefundPolicies}
    /// @param refundWindow FULL_WITHIN_WINDOW: seconds after a payment during which it is refunded whole
    /// @param refundPenaltyBps PRO_RATA: part of the refund that is kept
    /// @param slaId Not enforced, must be zero
    /// @param policyRoot What `checker` is asked about
    /// @param textHash Hash of the text of the licence
    /// @param checker Who decides whether a recipient may hold a licence, see {IChecker}
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
        uint56 quota;
        uint16 overageBps;
        uint16 seats;
        uint24 maxSupply;
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
    /// @param refundableUntil Under FULL_WITHIN_WINDOW, unix time in seconds until which the last payment is refundable.
    /// Under PRO_RATA, zero; beyond `end` after {announceLeave}: the time between the two was paid for and is given up
    /// @param quotaGranted Calls bought in this run
    /// @param quotaSettled Calls made in this run according to statements signed by both sides
    /// @param seats Number of simultaneous users; zero when there is no licence or it was left
    struct License {
        uint40 start;
        uint40 end;
        uint40 refundableUntil;
        uint56 quotaGranted;
        uint56 quotaSettled;
        uint16 seats;
    }

    /// @notice What is kept of an offer.
    /// @param mark The owner epoch of the asset under which it was made, plus one; zero when there never was one
    /// @param sold Number of licences that are not left; counted only under terms with a limit
    /// @param closedAt Unix time in seconds at which it was closed, zero while it is open
    /// @param payout The payout address of the asset, so that a purchase need not ask for it
    struct Offering {
        uint32 mark;
        uint24 sold;
        uint40 closedAt;
        address payout;
    }

    /// @notice How often a licence was used. It is signed as EIP-712
    /// Usage(bytes32 termsId,address holder,uint40 start,uint56 used,bool last) in the domain "Agorai Licenses", "1".
    /// @param holder The holder
    /// @param start Start of the run of periods, as in {License}
    /// @param used Calls made in this run
    /// @param last True when the signer agrees that no further call follows
    struct Usage {
        address holder;
        uint40 start;
        uint56 used;
        bool last;
    }

    /// @notice An allowance that the caller signed under EIP-2612.
    /// @param value Atoms
    /// @param deadline Unix time in seconds until which it counts
    /// @param v Part of the signature
    /// @param r Part of the signature
    /// @param s Part of the signature
    struct Permit {
        uint256 value;
        uint256 deadline;
        uint8 v;
        bytes32 r;
        bytes32 s;
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

    /// @notice An offer was closed. Licences that end by `renewableUntil` can be renewed, others cannot.
    event Close(bytes32 indexed termsId, uint256 indexed asset, uint256 renewableUntil);

    /// @notice What later offers of an asset may grant at most, and must demand at least.
    event Narrow(uint256 indexed asset, address indexed module, uint32 rights, uint32 duties);

    /// @notice A period from `start` to `end` was paid for, at the price of the terms in {Offer}.
    event Buy(bytes32 indexed termsId, address indexed holder, address indexed payer, uint40 start, uint40 end);

    /// @notice A holder tries terms from `start` to `end` for nothing.
    event Trial(bytes32 indexed termsId, address indexed holder, uint256 indexed asset, uint40 start, uint40 end);

    /// @notice Both sides agree that a licence was used this often in the run that began at `start`.
    event SettleUsage(
        bytes32 indexed termsId, address indexed holder, address indexed seller, uint40 start, uint56 used, bool last
    );

    /// @notice A licence ended at `end`; its holder can leave it at `leaveAt`, with what was paid for until `until`.
    event AnnounceLeave(bytes32 indexed termsId, address indexed holder, uint40 end, uint40 until, uint256 leaveAt);

    /// @notice A holder left a licence, which ended at `end`, and was refunded to the account `to`.
    event Leave(bytes32 indexed termsId, address indexed holder, address indexed to, uint40 end, uint256 refund);

    /// @notice Money paid for a licence became final and went to the payout address.
    event Release(bytes32 indexed termsId, address indexed holder, address payout, uint256 amount);

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

    /// @notice A field of the terms is out of bounds, or contradicts another.
    error Licenses_Incoherent(bytes32 field);

    /// @notice The asset descends from others that do not permit these rights or demand further duties.
    error Licenses_Widens(uint256 asset, uint32 rights, uint32 duties);

    /// @notice The module is not carrying out instructions for the asset now.
    error Licenses_NotAttaching(uint256 asset, address module);

    /// @notice The asset was offered earlier in the transaction that would narrow it.
    error Licenses_OfferedBefore(uint256 asset);

    /// @notice The currency is not allowed.
    error Licenses_CurrencyNotAllowed(address currency);

    /// @notice The prices are not those of the terms.
    error Licenses_PricesMismatch(bytes32 expected, bytes32 actual);

    /// @notice The terms are not on offer by the present owner, and the licence cannot be renewed by notice either.
    error Licenses_NotOffered(bytes32 termsId);

    /// @notice The licence would belong to the zero address.
    error Licenses_NoRecipient();

    /// @notice The holder has a licence without end.
    error Licenses_AlreadyForever(bytes32 termsId, address holder);

    /// @notice The period would end beyond what a timestamp can hold.
    error Licenses_PeriodTooLong(bytes32 termsId, uint40 start, uint40 period);

    /// @notice The licence would grant more calls than can be counted.
    error Licenses_QuotaTooLarge(bytes32 termsId, address holder);

    /// @notice All licences are sold.
    error Licenses_SoldOut(bytes32 termsId, uint24 maxSupply);

    /// @notice The checker of the terms does not admit the recipient, or does not answer.
    error Licenses_NotAdmitted(bytes32 termsId, address recipient);

    /// @notice The terms have no trial, or the account has or had a licence under them.
    error Licenses_NoTrial(bytes32 termsId, address holder);

    /// @notice The token moved another amount than the price.
    error Licenses_WrongAmount(address currency, uint256 expected, uint256 arrived);

    /// @notice A payment by a contract in its own way is possible for terms without a refund only.
    error Licenses_Refundable(bytes32 termsId);

    /// @notice Nobody but the escrow may ask for money.
    error Licenses_NotEscrows(address caller);

    /// @notice The account has no licence that runs.
    error Licenses_NotRunning(bytes32 termsId, address holder);

    /// @notice There is no refund: the terms have none, its window has passed, or nothing needs to be announced.
    error Licenses_NotRefundable(bytes32 termsId, address holder);

    /// @notice The holder is about to leave.
    error Licenses_Leaving(bytes32 termsId, address holder);

    /// @notice The holder has not announced to leave, or not long enough ago. Zero: it was not announced.
    error Licenses_LeaveTooEarly(bytes32 termsId, address holder, uint256 leaveAt);

    /// @notice All money paid for the licence can still be refunded, or was released.
    error Licenses_NothingToRelease(bytes32 termsId, address holder);

    /// @notice The statement is about another run of periods.
    error Licenses_OtherRun(bytes32 termsId, address holder, uint40 start, uint40 stated);

    /// @notice The statement says less than an earlier one.
    error Licenses_UsageDecreased(bytes32 termsId, address holder, uint56 settled, uint56 used);

    /// @notice The statement says more than what was bought.
    error Licenses_UsageAboveQuota(bytes32 termsId, address holder, uint56 granted, uint56 used);

    /// @notice The statement does not say that no further call follows.
    error Licenses_NotLast(bytes32 termsId, address holder);

    /// @notice A statement is not signed by whom it must be.
    error Licenses_InvalidSignature(address signer);

    /// @notice Puts terms on offer, or puts them on offer again.
    ///
    /// Requirements:
    /// - The caller must be the owner of `terms.asset`, or a delegate with OFFER.
    /// - `terms.version` must exist.
    /// - `terms.rights` must be known and not zero, `terms.duties` known.
    /// - The asset must not have been narrowed to fewer rights or more duties.
    /// - No field may contradict another, see {Licenses_Incoherent}; `terms.slaId` must be zero.
    /// - `terms.currency` must be allowed by the policy now; a later change there does not touch the offer.
    /// - `terms.pricesHash` must be the hash of `prices`.
    ///
    /// @param terms The terms
    /// @param prices The prices of use that the terms commit to
    /// @return termsId The hash of the terms
    function offer(Terms calldata terms, Prices calldata prices) external returns (bytes32 termsId);

    /// @notice Ends an offer. Licences bought under it stay as they are. One that runs can still be renewed while the
    /// new period begins within the notice period of the terms.
    ///
    /// Requirements:
    /// - The caller must be the owner of `terms.asset`, or a delegate with OFFER.
    /// - The terms must be on offer.
    ///
    /// @param terms The terms
    function close(Terms calldata terms) external;

    /// @notice Limits what later offers of an asset may grant, and adds to what they must demand. Limits only ever
    /// tighten. Offers of earlier versions stay: their content does not descend from what the module knows.
    ///
    /// Requirements:
    /// - The caller must be the module that is carrying out instructions of the owner for `asset` at this moment.
    /// - The asset must not have been offered earlier in this transaction.
    /// - `duties` must be known.
    ///
    /// @param asset The asset
    /// @param rights The rights that offers may grant
    /// @param duties The duties that offers must demand
    function narrow(uint256 asset, uint32 rights, uint32 duties) external;

    /// @notice Buys one period for `recipient`, from now or from the end of the licence it holds, whichever is later.
    /// Anybody may pay anybody's renewal.
    /// @dev The payment moves the caller's tokens to the payout address of the asset or into escrow.
    ///
    /// Requirements:
    /// - The terms must be on offer by the present owner; a licence that runs can also be renewed by notice.
    /// - `recipient` must not be zero, must not hold a licence without end under these terms, must not be leaving one,
    ///   and must be admitted by the checker of the terms.
    /// - There must be a licence left, if the terms limit their number.
    /// - The period must end before type(uint40).max.
    /// - The caller must have approved `terms.price`, and exactly that must arrive.
    ///
    /// @param terms The complete terms
    /// @param recipient The holder
    /// @param data What the checker of the terms is shown, empty when there is none
    /// @return end Unix time in seconds at which the licence ends
    function buy(Terms calldata terms, address recipient, bytes calldata data) external returns (uint40 end);

    /// @notice Buys like {buy}, with an allowance that the caller signed.
    /// @dev The permit may have been used by somebody else before; then the allowance is there.
    ///
    /// Requirements:
    /// - As for {buy}, after the permit.
    ///
    /// @param terms The complete terms
    /// @param recipient The holder
    /// @param permit The allowance for this contract
    /// @param data What the checker of the terms is shown, empty when there is none
    /// @return end Unix time in seconds at which the licence ends
    function buyWithPermit(Terms calldata terms, address recipient, Permit calldata permit, bytes calldata data)
        external
        returns (uint40 end);

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
    /// @param data What the checker of the terms is shown, empty when there is none
    /// @return end Unix time in seconds at which the licence ends
    function buyWithAuthorization(
        Terms calldata terms,
        address recipient,
        Authorization calldata authorization,
        bytes calldata data
    ) external returns (uint40 end);

    /// @notice Buys like {buy}, for a contract that pays in its own way when it is asked by {IFunder-fund}. The price comes
    /// here first, so that no other payment to the payout address counts as it.
    ///
    /// Requirements:
    /// - As for {buy}, but for the approval.
    /// - The terms must be without a refund.
    ///
    /// @param terms The complete terms
    /// @param recipient The holder
    /// @param data What the checker of the terms is shown and what the caller is handed back
    /// @return end Unix time in seconds at which the licence ends
    function buyThrough(Terms calldata terms, address recipient, bytes calldata data) external returns (uint40 end);

    /// @notice Starts the trial of the caller, with one quota if the terms have one.
    ///
    /// Requirements:
    /// - The terms must be on offer by the present owner and have a trial.
    /// - The caller must never have had a licence under them, and must be admitted by their checker.
    ///
    /// @param terms The complete terms
    /// @param data What the checker of the terms is shown, empty when there is none
    /// @return end Unix time in seconds at which the trial ends
    function startTrial(Terms calldata terms, bytes calldata data) external returns (uint40 end);

    /// @notice Records how often a licence was used, as far as both sides agree. Anybody may submit it.
    /// @dev A gateway that asks for the holder's signature now and then can settle without asking again.
    ///
    /// Requirements:
    /// - `usage` must be about the present run, say at least as much as before, and at most what was bought.
    /// - The holder must have signed it, and so must `seller`, the owner of the asset or a delegate with OFFER.
    ///
    /// @param terms The complete terms
    /// @param usage The statement
    /// @param holderSignature The holder's signature
    /// @param seller Who signs for the asset
    /// @param sellerSignature Its signature
    function settleUsage(
        Terms calldata terms,
        Usage calldata usage,
        bytes calldata holderSignature,
        address seller,
        bytes calldata sellerSignature
    ) external;

    /// @notice Ends the caller's licence under terms with a quota now. The refund follows after a delay, in which the
    /// seller can submit what the caller signed about its use.
    ///
    /// Requirements:
    /// - The terms must refund pro rata and have a quota; others need no announcement.
    /// - The licence must run.
    ///
    /// @param terms The complete terms
    /// @return leaveAt Unix time in seconds from which {leave} is possible
    function announceLeave(Terms calldata terms) external returns (uint256 leaveAt);

    /// @notice Ends the caller's licence and refunds what the terms say: the whole last payment within the window, or
    /// the time and calls that are not used, whichever are worth less, without the penalty. Rounded down.
    ///
    /// Requirements:
    /// - The terms must have a refund that is still possible.
    /// - The licence must run. Under terms with a quota it must have been announced {LEAVE_DELAY} ago.
    /// - `to` must not be zero.
    ///
    /// @param terms The complete terms
    /// @param to The receiver of the refund
    /// @return refund Atoms
    function leave(Terms calldata terms, address to) external returns (uint256 refund);

    /// @notice Leaves without the delay under terms with a quota, because the seller agrees how much was used. A seller
    /// signs once the announcement is final: only then is nothing used any more.
    ///
    /// Requirements:
    /// - As for {leave}, but for the delay: the licence must have ended by {announceLeave}.
    /// - `usage` must be about the caller, as for {settleUsage}, with `last` set.
    /// - `seller`, the owner of the asset or a delegate with OFFER, must have signed it.
    ///
    /// @param terms The complete terms
    /// @param usage The statement
    /// @param seller Who signs for the asset
    /// @param sellerSignature Its signature
    /// @param to The receiver of the refund
    /// @return refund Atoms
    function leaveSettled(
        Terms calldata terms,
        Usage calldata usage,
        address seller,
        bytes calldata sellerSignature,
        address to
    ) external returns (uint256 refund);

    /// @notice Moves what has become final from escrow to the payout address of the asset. Anybody may call it.
    ///
    /// Requirements:
    /// - Something must have become final since the last time.
    ///
    /// @param terms The complete terms
    /// @param holder The holder
    /// @return amount Atoms
    function release(Terms calldata terms, address holder) external returns (uint256 amount);

    /// @notice Seconds between {announceLeave} and {leave}.
    /// @return delay Seconds
    function LEAVE_DELAY() external view returns (uint256 delay);

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

    /// @notice What both sides sign about the use of a licence.
    /// @param termsId The terms
    /// @param usage The statement
    /// @return digest The EIP-712 digest
    function usageDigestOf(bytes32 termsId, Usage calldata usage) external view returns (bytes32 digest);

    /// @notice Whether terms can be bought.
    /// @param terms The terms
    /// @return offered True when the present owner has them on offer
    function isOffered(Terms calldata terms) external view returns (bool offered);

    /// @notice What is kept of an offer.
    /// @param termsId The terms
    /// @return offering The offer; all zero when there never was one
    function offeringOf(bytes32 termsId) external view returns (Offering memory offering);

    /// @notice What later offers of an asset may grant at most and must demand at least.
    /// @param asset The asset
    /// @return rights The rights that offers may grant
    /// @return duties The duties that offers must demand
    function boundsOf(uint256 asset) external view returns (uint32 rights, uint32 duties);

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

    /// @notice Whether an account holds a valid licence under terms now. What the licence permits and what it demands
    /// of derived assets stands in the terms, which are what the caller shows.
    /// @param terms The complete terms
    /// @param holder The holder
    /// @return held True when there is one
    function isHeld(Terms calldata terms, address holder) external view returns (bool held);

    /// @notice The part of a holder's payments in escrow that {leave} would be reckoned from now, before the penalty.
    /// @param terms The complete terms
    /// @param holder The holder
    /// @return amount Atoms
    function refundableOf(Terms calldata terms, address holder) external view returns (uint256 amount);
}
