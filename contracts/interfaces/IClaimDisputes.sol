// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ClaimId, Demand, DisputeRecord} from "../types/Compute.sol";
import {DisputeId, Ruling} from "../types/Disputes.sol";
import {ICourtClient} from "./ISegmentCourt.sol";

/// @title Disputes about claimed work.
/// @notice Whoever holds another trace of a unit than the one that was claimed brings both before the SegmentCourt. Three do: anybody who
///         sees that worker and auditor revealed different traces; anybody with a bond; and the requester with an answer hidden in the
///         bounty when it was made. Whoever is wrong loses his stake or bond: half goes to who is right, a quarter to the jurors and a
///         quarter is burnt, so disputing oneself always costs. What no jury was needed for burns the jurors' quarter too.
///         Work that is not shown cannot be disputed, so anybody can demand a place for a small bond, which pays whoever shows it; what is
///         not shown in time is wrong.
/// @dev One dispute at a time per claim, which stops its clock; demands run side by side. Every place can be demanded once.
///      With a claim falls the auditor who vouched for all of it. One who was not asked about the convicted place is paid out of what
///      would be burnt.
interface IClaimDisputes is ICourtClient {
    /// @notice Somebody wants to see the trace at a place of a claim, before `showBy`.
    event PlaceDemanded(ClaimId indexed claim, uint16 indexed place, address indexed by, uint96 bond, uint40 showBy);
    /// @notice The place was shown; the bond is whose call did it.
    event PlaceShown(ClaimId indexed claim, uint16 indexed place, address indexed by, bytes32 trace, bytes32[] path);
    /// @notice A demand is over without an answer: the claim was wrong (`convicted`) or had ended some other way.
    event DemandLapsed(ClaimId indexed claim, uint16 indexed place, address indexed by, bool convicted);
    /// @notice Two traces of a unit are before the court.
    /// @param opponent who wins or loses against the worker: the auditor, whoever laid down the bond, or the requester
    event ClaimDisputed(
        DisputeId indexed dispute,
        ClaimId indexed claim,
        address indexed opponent,
        uint8 ground,
        uint16 place,
        bytes32 claimed,
        bytes32 other,
        uint96 bond
    );
    /// @notice The court ruled: `toWinner`, `toJurors` and `burnt` is where the loser's money went.
    event DisputeResolved(
        DisputeId indexed dispute, ClaimId indexed claim, Ruling ruling, uint256 toWinner, uint256 toJurors, uint256 burnt
    );

    error ClaimDisputes_NotCourt(address caller);
    error ClaimDisputes_NotRevealed(ClaimId claim, uint8 stage);
    error ClaimDisputes_NoAudit(ClaimId claim, uint8 audit);
    error ClaimDisputes_NotAudited(ClaimId claim, uint16 place);
    error ClaimDisputes_NotRequester(ClaimId claim, address caller);
    error ClaimDisputes_NotMember(bytes32 root, uint256 place);
    error ClaimDisputes_SameTrace(bytes32 trace);
    error ClaimDisputes_NoPlace(uint256 place, uint256 count);
    error ClaimDisputes_AlreadyDemanded(ClaimId claim, uint16 place);
    error ClaimDisputes_NotDemanded(ClaimId claim, uint16 place);
    error ClaimDisputes_TooEarly(uint256 since);
    error ClaimDisputes_TooLate(uint256 until);
    error ClaimDisputes_Unknown(DisputeId dispute);

    /* DEMANDS */

    /// @notice Demands to see the trace at a place of a revealed claim, within its first hold window. The bond comes from the caller's
    ///         Ledger account.
    function demand(ClaimId claimId, uint16 place) external;

    /// @notice Shows the trace at a demanded place. Anyone; the bond is his.
    function show(ClaimId claimId, uint16 place, bytes32 trace, bytes32[] calldata path) external;

    /// @notice Ends a demand that nobody answered in time and convicts the claim; after a claim that ended otherwise gives the bond back.
    ///         Anyone.
    function lapse(ClaimId claimId, uint16 place) external;

    /* DISPUTES */

    /// @notice Brings a claim before the court whose auditor revealed another trace of an audited unit. Anyone; the auditor's seat
    ///         answers for it.
    function disagree(
        ClaimId claimId,
        uint16 place,
        bytes32 claimed,
        bytes32[] calldata pathClaimed,
        bytes32 other,
        bytes32[] calldata pathOther
    ) external returns (DisputeId dispute);

    /// @notice Brings a claim before the court that the caller has another trace of. The bond comes from his Ledger account.
    function challenge(ClaimId claimId, uint16 place, bytes32 claimed, bytes32[] calldata path, bytes32 other)
        external
        returns (DisputeId dispute);

    /// @notice Brings a claim before the court that differs from an answer hidden in the bounty. The requester only; the bond was
    ///         locked with the bounty.
    /// @dev The member of `canaryRoot` at the unit's number is keccak256(abi.encode(bytes32("thenar.canary/1"), unit, answer, salt)).
    function openCanary(
        ClaimId claimId,
        uint16 place,
        bytes32 claimed,
        bytes32[] calldata pathClaimed,
        bytes32 answer,
        bytes32 salt,
        bytes32[] calldata pathAnswer
    ) external returns (DisputeId dispute);

    /* VIEWS */

    function demandOf(ClaimId claimId, uint16 place) external view returns (Demand memory);

    function disputeOf(DisputeId dispute) external view returns (DisputeRecord memory);

    /// @notice What a demand and a challenge lay down, and within how many seconds a place must be shown.
    function terms() external view returns (uint96 demandBond, uint96 challengeBond, uint40 showWindow);
}
