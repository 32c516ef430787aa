// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetCommitment} from "../types/Assets.sol";
import {AssetId, TermsId} from "../types/Ids.sol";
import {Acknowledgement, Exclusive, Former} from "../types/Covenants.sol";

/// @title Promises that outlive a sale: nobody else, not below this price, and left out from now on.
/// @notice An exclusive license keeps everybody else from being licensed while it runs; licenses given before it run on. A price
///         floor that came with a bought license binds whatever was made under it, and what is made of that. Whoever trains
///         says in public what they left out after consent was withdrawn.
/// @dev The registry's exclusive mark tells whether `requireOpen` must be asked at all, so that nobody pays for a promise nobody made.
interface ICovenants {
    /// @notice While it runs, nobody but the licensee can be licensed. `until` is exclusive; max means without end.
    event ExclusiveTaken(AssetId indexed asset, address indexed licensee, uint40 until);
    /// @notice Everybody can be licensed again.
    event ExclusiveDropped(AssetId indexed asset, address indexed licensee);
    /// @notice No license of the child can be bought below this price from here on.
    event FloorBound(AssetId indexed child, AssetId indexed parent, address indexed licensee, uint96 floor);
    /// @notice The owner of something derived says that it leaves out what was named when consent was withdrawn.
    event ExclusionAcknowledged(AssetId indexed model, AssetId indexed asset, uint32 consentEpoch, bytes32 exclusionRoot);

    error Covenants_NotSaleModule(address caller);
    error Covenants_Exclusive(AssetId asset, address licensee, uint40 until);
    error Covenants_NotLinked(AssetId child, AssetId parent);
    error Covenants_NotMaker(AssetId child, address licensee);
    error Covenants_NothingToBind(AssetId child, uint96 floor);
    error Covenants_NotOwner(AssetId asset, address caller);
    error Covenants_NotDerived(AssetId asset);
    error Covenants_NothingWithdrawn(AssetId asset);

    /// @notice Reserves an asset for one licensee, or sets how long it stays so. LicenseDesk and KeyExchange only.
    /// @dev Does nothing while somebody else's runs: a settlement must not fail for it. Whoever opens a sale asks `requireOpen` first.
    ///      A promise the licensee has by the other module is never shortened: a settlement leaves it, a purchase reverts.
    function takeExclusive(AssetId asset, address licensee, uint40 until) external;

    /// @notice Keeps what a license was that a newer one takes the place of: nobody escapes what it binds him to by buying again, or by
    ///         being given another. LicenseDesk, for what was paid for, and KeyExchange only.
    /// @param licensed the asset, or KeyRange.licensed for a part of it
    /// @param since when it was bought, unix seconds
    function noteFormer(AssetId licensed, address licensee, TermsId terms, uint40 since) external;

    /// @notice Keeps an asset for the buyer of an exclusive sale that runs, until it settles or is refunded. KeyExchange only.
    /// @dev Does nothing while an exclusive license runs: that is the buyer's own, because opening asked `requireOpen` first.
    function reserveExclusive(AssetId asset, address buyer) external;

    /// @notice Ends what was reserved for this licensee; nothing when there is none. LicenseDesk, and KeyExchange for its own.
    /// @param sale whether the KeyExchange had reserved it
    function dropExclusive(AssetId asset, address licensee, bool sale) external;

    /// @notice Binds the floor of a parent, and of the terms under which a license of it was bought, to what was made under it.
    ///         Anyone may call. A floor only ever rises.
    /// @dev The child names the parent in the RevenueGraph. Gifts bind nothing: nobody can refuse one.
    /// @param child the whole commitment, because only it names the author
    /// @param licensee author or owner of the child, who bought a license of the parent; 0 to pass on the parent's own floor only
    function bindFloor(AssetCommitment calldata child, AssetId parent, address licensee) external;

    /// @notice Says that a derived asset leaves out what was named when an asset's consent was last withdrawn. Its owner only.
    /// @dev A statement its maker can be held to; no contract can look into a model.
    /// @param exclusionRoot what was left out, as `ConsentChanged` named it
    function acknowledgeExclusion(AssetId model, AssetId asset, bytes32 exclusionRoot) external;

    /// @notice Reverts while somebody other than `who` holds an exclusive license of the asset.
    function requireOpen(AssetId asset, address who) external view;

    /// @notice The exclusive license as stored, which may have ended; all zero when there never was one.
    function exclusiveOf(AssetId asset) external view returns (Exclusive memory);

    /// @notice The price below which no license of a derived asset can be bought, settlement token units.
    function floorOf(AssetId asset) external view returns (uint96);

    /// @notice What somebody's earlier licenses were; all zero when none was followed by another.
    /// @param licensed the asset, or KeyRange.licensed for a part of it
    function formerOf(AssetId licensed, address licensee) external view returns (Former memory);

    /// @notice What a derived asset's owner last said about an asset; all zero when nothing.
    function acknowledgedOf(AssetId model, AssetId asset) external view returns (Acknowledgement memory);
}
