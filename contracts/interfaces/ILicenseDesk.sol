// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId, TermsId} from "../types/Ids.sol";
import {Grant, Offer, Order} from "../types/Licenses.sol";

/// @title Offers, licenses that need no key delivery, and the one question everybody asks: may they?
/// @notice Fair sales of sealed assets go through the KeyExchange, which reads offers here. An offer is good only while its maker
///         owns the asset and the consent epoch is the one it was made in: a transfer silences it, `revokeAll` ends it for good.
///         A license follows the licensee: it outlives a transfer of the asset, and ends by time or by `revokeAll`.
/// @dev One license per asset and licensee. No gift and no purchase ever takes a permission away (see `grant` and `buy`).
interface ILicenseDesk {
    /// @notice An owner offers licenses under these terms.
    event Offered(AssetId indexed asset, address indexed seller, TermsId indexed terms, uint64 range, Offer offer);
    /// @notice The owner took the offer back.
    event OfferClosed(AssetId indexed asset, address indexed seller, TermsId indexed terms, uint64 range);
    /// @notice Someone holds a license that came without a key: bought here (`price` may be 0 for a gift).
    event LicenseGranted(AssetId indexed asset, address indexed licensee, Grant grant);
    /// @notice Its owner ended somebody's licenses of an asset, or of a part of it, this very second. `paidBack` went to the licensee
    ///         for time without end; the Escrow returns what was paid for time that is now lost.
    event LicenseEnded(AssetId indexed asset, address indexed licensee, uint64 range, uint256 paidBack);
    /// @notice Its owner set when a license that came without a key ends.
    event ExpirySet(AssetId indexed asset, address indexed licensee, uint40 until);

    error LicenseDesk_NotOwner(AssetId asset, address caller);
    error LicenseDesk_BelowFloor(uint256 price, uint256 floor);
    error LicenseDesk_TooLong(uint40 duration, uint40 maximum);
    error LicenseDesk_BondTooLarge(uint16 bondBps);
    error LicenseDesk_Expired(uint40 at);
    error LicenseDesk_NoOffer(AssetId licensed, address seller, TermsId terms);
    error LicenseDesk_PriceAbove(uint256 price, uint256 maxPrice);
    error LicenseDesk_ShareAbove(uint32 share, uint32 maxShare);
    error LicenseDesk_TooShort(uint40 duration, uint40 minDuration);
    error LicenseDesk_ShortPaid(uint256 received, uint256 price);
    error LicenseDesk_NoLicense(AssetId licensed, address licensee);
    error LicenseDesk_JustEnded(AssetId asset, address licensee);
    error LicenseDesk_ExclusivePart(AssetId asset, uint64 range);
    error LicenseDesk_LicenseRuns(AssetId asset, address licensee, TermsId terms, uint40 until);

    /// @notice Offers licenses of an asset under terms until `expiresAt`; replaces the caller's earlier offer under the same terms.
    /// @param range the part of the sealed file that is offered, a node of its key tree (see KeyRange); 0 for the whole. Only
    ///        fair sales license parts.
    /// @dev The price must reach the terms' floor and the duration must fit the terms. An offer that a transfer silenced is good
    ///      again if its maker owns the asset again before it expires; `closeOffer` works at any time.
    function offer(AssetId asset, TermsId terms, uint64 range, Offer calldata offer_) external;

    /// @notice Takes the offer of a whole file, or of a part, back. Works for anyone who made it, also after selling the asset.
    function closeOffer(AssetId asset, TermsId terms, uint64 range) external;

    /// @notice Gives a license away. Owner only. `until` is exclusive; max means without end.
    /// @dev While a license of the licensee runs, a gift can only prolong it under the same terms. Terms are not read for a
    ///      newcomer, but whenever the license is: it ends with the terms' maximum at the latest, counted from the gift, and
    ///      under terms written in a later second it permits nothing, now or ever. The price floor does not bind gifts. Nobody but
    ///      the licensee can be given anything while an exclusive license runs.
    function grant(AssetId asset, address licensee, TermsId terms, uint40 until) external;

    /// @notice Buys a license without key delivery at the owner's standing offer.
    /// @dev While a license of the caller runs: under the same terms the bought time is added to its end; under other terms the new
    ///      license takes its place only if it permits every purpose of the old one and ends no sooner. Everything else reverts,
    ///      as does adding time beyond the terms' maximum. The price of time without end goes at once to a capture's owner, or to the
    ///      node of any other asset in the RevenueGraph; that of a license with an end goes into the Escrow, which earns it by the
    ///      second. Under exclusive terms nobody else can be licensed while the license runs; earlier licenses run on. Something
    ///      derived is never sold below the floor that binds it (see ICovenants).
    /// @param maxPrice the caller pays no more, whatever happened to the offer meanwhile
    /// @param maxShare the caller owes no larger derivative share, parts per million
    /// @param minDuration the caller wants at least so many seconds; max when only a license without end will do, 0 for any
    function buy(AssetId asset, TermsId terms, uint256 maxPrice, uint32 maxShare, uint40 minDuration) external;

    /// @notice Ends a licensee's licenses of an asset, or of a part of it, at once: the one that came without a key and that of a
    ///         settled sale. Owner only; can never be paused.
    /// @dev What was paid for time without end is paid back from the caller's wallet in the same call. What was paid for a license
    ///      with an end is in the Escrow, where anybody can have the rest of it refunded from this second on.
    /// @param range the part that was licensed; 0 for the whole
    function revokeOne(AssetId asset, uint64 range, address licensee) external;

    /// @notice Sets when a license that came without a key ends. Owner only. A gift can be shortened or prolonged, bought time only
    ///         prolonged, and not into time without end. Never beyond what its terms allow, counted from when it was given.
    function setExpiry(AssetId asset, address licensee, uint40 until) external;

    /// @notice The current owner's offer, checked for the guards a buyer set; what a sale must then charge and copy.
    /// @dev The KeyExchange's one question to the desk. Reverts when there is no live offer of this seller, when the seller does
    ///      not own the asset, when a guard does not hold, when somebody other than the buyer is licensed exclusively, or when
    ///      something derived would be sold below its floor.
    /// @return price settlement token units
    /// @return duration seconds the license lasts; 0 means without end
    /// @return bondBps what buyer and seller each lay down beside the price, basis points of it
    /// @return exclusive whether nobody else may be licensed while the license runs
    function quote(Order calldata order, address seller, address buyer)
        external
        view
        returns (uint96 price, uint40 duration, uint16 bondBps, bool exclusive);

    /// @notice Whether `who` may use the asset for every purpose bit in `purposes` at time `at` (unix seconds).
    /// @dev True for an owner whatever the purpose. Adds up what a grant here and a settled sale in the KeyExchange permit; false for no purpose.
    ///      Consent is read as it stands now, also for other times: after `revokeAll` the answer is false for every `at`.
    ///      Reverts for an unknown asset.
    function isAllowed(AssetId asset, address who, uint16 purposes, uint40 at) external view returns (bool);

    /// @notice As `isAllowed`, of a part of a sealed file: true when the whole, the part, or a part around it is allowed.
    /// @dev Adds up what a grant, a settled sale of the whole and settled sales of this part and those around it permit.
    ///      Reverts for a range that names no part (see KeyRange).
    function isAllowedRange(AssetId asset, uint64 range, address who, uint16 purposes, uint40 at)
        external
        view
        returns (bool);

    /// @notice When an owner first ended this licensee's licenses at `since` or later: one that came without a key, and one of a
    ///         fair sale; unix seconds, 0 for never. What was bought at `since` ended then, whatever was given and ended later.
    /// @param licensed the asset, or KeyRange.licensed for a part of it
    function endedAt(AssetId licensed, address licensee, uint40 since) external view returns (uint40 granted, uint40 sold);

    /// @notice A seller's offer as stored; `expiresAt` 0 when there is none.
    function offerOf(AssetId asset, address seller, TermsId terms, uint64 range) external view returns (Offer memory);

    /// @notice A license without key delivery as stored; `until` 0 when there is none. Its terms may end it sooner (see `grant`).
    function grantOf(AssetId asset, address licensee) external view returns (Grant memory);
}
