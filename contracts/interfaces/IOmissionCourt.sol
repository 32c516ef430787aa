// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "../types/Ids.sol";
import {Accusation, Evidence, Filing, Listed, Verdict} from "../types/Revenue.sol";

/// @title Who bought licenses to train and left them out of a payout's license set answers for it here.
/// @notice A payout states which assets its publisher, and the author of what earns, may train on. When a license that the chain
///         knows is missing, anybody proves it: the payout's bond is slashed, half to who proved it and half to the asset that was
///         left out, and that payout alone stops paying until a corrected one is published or its time has passed.
/// @dev    published ──proveOmission, or accuse and condemn──► FROZEN ──thaw (corrected), lapse (time)──► THAWED
///              └──returnBond after every window──► RETURNED
///         `proveOmission` shows that the set lacks the asset: two adjacent places on both sides of it, an edge that lies beyond it,
///         or that the set is empty. A publisher who hides the set, or whose root is over no set at all, cannot be convicted that
///         way: `accuse` names the missing license, and unless somebody shows its place in time (`answer`), anybody may `condemn`.
///         A license counts when its licensee bought it: a settled sale of the KeyExchange, or one the LicenseDesk sold for a
///         price. Gifts count for nothing, because anybody could give one to frame a trainer. Its terms must permit TRAIN. The
///         publisher must have bought it in a second before the payout's, the author in a second before the asset was minted: later
///         ones are no part of what earns. A set may name more than it must.
///         An accusation is heard once per payout and asset, so that answering costs no more than buying the licenses did.
///         What was bought under another name is not found, and what was bought but never learned from belongs into the set as
///         well: the set says what was licensed, the weights say what it was worth. Nothing here can be paused.
interface IOmissionCourt {
    /// @notice A license was proved missing. `slashed` is the bond, half to the challenger and the larger half to the omitted asset's node.
    event OmissionProved(
        AssetId indexed asset,
        uint32 indexed payout,
        AssetId indexed omitted,
        address challenger,
        uint256 slashed,
        uint40 frozenUntil
    );
    /// @notice Somebody says an asset is missing; its place must be shown before `answerBy`.
    event OmissionAccused(
        AssetId indexed asset,
        uint32 indexed payout,
        AssetId indexed omitted,
        address accuser,
        uint40 answerBy
    );
    /// @notice The asset's place in the set was shown.
    event OmissionAnswered(AssetId indexed asset, uint32 indexed payout, AssetId indexed omitted);
    /// @notice The bond of a payout went back to its publisher.
    event BondReturned(AssetId indexed asset, uint32 indexed payout, address indexed publisher, uint256 amount);

    error OmissionCourt_NotGraph(address caller);
    error OmissionCourt_WrongFiling(AssetId asset, uint32 payout);
    error OmissionCourt_WrongCommitment(AssetId expected, AssetId given);
    error OmissionCourt_Decided(AssetId asset, uint32 payout);
    error OmissionCourt_NotFrozen(AssetId asset, uint32 payout);
    error OmissionCourt_NotInvolved(address licensee);
    error OmissionCourt_NoLicense(AssetId asset, address licensee, uint40 before);
    error OmissionCourt_NotOmitted(AssetId asset);
    error OmissionCourt_NotListed(AssetId asset);
    error OmissionCourt_NotLater(uint32 payout, uint32 correction);
    error OmissionCourt_AlreadyAccused(AssetId asset);
    error OmissionCourt_NotAccused(AssetId asset);
    error OmissionCourt_TooLate(uint40 deadline);
    error OmissionCourt_TooEarly(uint40 deadline);
    error OmissionCourt_NoBond(AssetId asset, uint32 payout);

    /// @notice Takes a publisher's bond out of their Ledger account. RevenueGraph only.
    function take(address publisher, uint96 bond) external;

    /// @notice Proves that a bought license is missing from a payout's set, at once. Within the challenge window; anyone.
    /// @param beside nothing for an empty set, the first or last place when the asset lies beyond it, else the two around it
    function proveOmission(Filing calldata filing, Evidence calldata evidence, Listed[] calldata beside) external;

    /// @notice Says that a bought license is missing from a set that is not to be had. Within the challenge window; anyone.
    function accuse(Filing calldata filing, Evidence calldata evidence) external;

    /// @notice Shows the place of an asset that is said to be missing, before the accusation's deadline. Anyone.
    function answer(Filing calldata filing, Listed calldata listed) external;

    /// @notice Convicts on an accusation that nobody answered, from its deadline until the bond may go back. Anyone; the accuser is
    ///         rewarded.
    function condemn(Filing calldata filing, AssetId omitted) external;

    /// @notice Thaws a payout because a later one of the same asset lists what it omitted. Anyone.
    function thaw(uint32 payout, Filing calldata correction, Listed calldata listed) external;

    /// @notice Thaws a payout whose time has passed. Anyone.
    function lapse(AssetId asset, uint32 payout) external;

    /// @notice Returns the bond of a payout to its publisher's account once every window has passed. Anyone.
    function returnBond(Filing calldata filing) external;

    /// @notice What became of a payout here.
    function verdictOf(AssetId asset, uint32 payout) external view returns (Verdict memory);

    /// @notice The accusation that a payout omits an asset; all zero when there is none.
    function accusationOf(AssetId asset, uint32 payout, AssetId omitted) external view returns (Accusation memory);

    /// @notice Seconds after its publication in which a payout can be challenged; a frozen one thaws after as many.
    function challengeWindow() external view returns (uint40);

    /// @notice Seconds to answer an accusation, and after that to condemn on it before the bond may go back.
    function answerWindow() external view returns (uint40);
}
