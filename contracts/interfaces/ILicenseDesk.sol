// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId, TermsId} from "../types/Ids.sol";
import {Grant, Offer} from "../types/Licenses.sol";

/// @title Offers, licenses that need no key delivery, and the one question everybody asks: may they?
/// @notice Fair sales of sealed assets go through the KeyExchange, which reads offers here. An offer belongs to the owner who
///         made it and dies with a transfer of the asset, because it is keyed by owner.
interface ILicenseDesk {
    /// @notice An owner offers licenses under these terms.
    event Offered(AssetId indexed asset, address indexed seller, TermsId indexed terms, Offer offer);
    /// @notice The owner took the offer back.
    event OfferClosed(AssetId indexed asset, address indexed seller, TermsId indexed terms);
    /// @notice Someone holds a license that came without a key: bought here (`price` may be 0 for a gift).
    event LicenseGranted(AssetId indexed asset, address indexed licensee, Grant grant, uint256 price);

    error LicenseDesk_NotOwner(AssetId asset, address caller);
    error LicenseDesk_BelowFloor(uint256 price, uint256 floor);
    error LicenseDesk_TooLong(uint40 duration, uint40 maximum);
    error LicenseDesk_Expired(uint40 at);
    error LicenseDesk_NoOffer(AssetId asset, address seller, TermsId terms);
    error LicenseDesk_PriceAbove(uint256 price, uint256 maxPrice);
    error LicenseDesk_ShareAbove(uint32 share, uint32 maxShare);
    error LicenseDesk_ShortPaid(uint256 received, uint256 price);

    /// @notice Offers licenses of an asset under terms until `expiresAt`; replaces the caller's earlier offer under the same terms.
    function offer(AssetId asset, TermsId terms, Offer calldata offer_) external;

    /// @notice Takes an offer back. Works for anyone who made it, also after selling the asset.
    function closeOffer(AssetId asset, TermsId terms) external;

    /// @notice Gives a license away. Owner only. `until` is exclusive; max means without end.
    function grant(AssetId asset, address licensee, TermsId terms, uint40 until) external;

    /// @notice Buys a license without key delivery at the owner's standing offer.
    /// @param maxPrice the caller pays no more, whatever happened to the offer meanwhile
    /// @param maxShare the caller owes no larger derivative share, parts per million
    function buy(AssetId asset, TermsId terms, uint256 maxPrice, uint32 maxShare) external;

    /// @notice The current owner's offer, checked for the guards a buyer set; what a sale must then charge and copy.
    /// @dev The KeyExchange's one question to the desk. Reverts when there is no live offer or a guard does not hold.
    function quote(AssetId asset, address seller, TermsId terms, uint256 maxPrice, uint32 maxShare)
        external
        view
        returns (uint96 price, uint40 duration);

    /// @notice Whether `who` may use the asset for every purpose bit in `purposes` at time `at` (unix seconds).
    /// @dev True for an owner. Looks at grants here and at settled sales in the KeyExchange.
    function isAllowed(AssetId asset, address who, uint16 purposes, uint40 at) external view returns (bool);

    /// @notice A seller's offer as stored; `expiresAt` 0 when there is none.
    function offerOf(AssetId asset, address seller, TermsId terms) external view returns (Offer memory);

    /// @notice A license without key delivery as stored; `until` 0 when there is none.
    function grantOf(AssetId asset, address licensee) external view returns (Grant memory);
}
