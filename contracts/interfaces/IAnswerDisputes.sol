// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AnswerDispute, AnswerId, Charge, Shown} from "../types/Captures.sol";
import {DisputeId, Ruling} from "../types/Disputes.sol";
import {AssetId} from "../types/Ids.sol";
import {ICourtClient} from "./ISegmentCourt.sol";

/// @title Disputes about answers to capture bounties.
/// @notice A challenger says which score is right and why: the asset copies an older one under a transform he names, or its quality is
///         wrong. Nobody can compute a score in the EVM, so both go before the SegmentCourt as traces that differ in their first leaf.
///         Jurors of the class that the scoring rules name lay one sketch on the other as stated, and vote for the score they compute.
/// @dev    The loser's bond: half to the winner, a quarter to the jurors, the rest is burnt. A void costs neither side anything, and the
///         answer is not paid. Nothing here can be paused.
interface IAnswerDisputes is ICourtClient {
    /// @notice An answer is before the court.
    event AnswerDisputed(
        DisputeId indexed dispute, AnswerId indexed answer, address indexed challenger, Shown shown, Charge charge, uint96 bond
    );
    /// @notice The court has ruled. After CLAIM the answer stands and can be challenged until `until`.
    event AnswerJudged(
        DisputeId indexed dispute, AnswerId indexed answer, Ruling ruling, uint256 toWinner, uint256 toJurors, uint256 burnt, uint40 until
    );

    error AnswerDisputes_BadCharge();
    error AnswerDisputes_TooClose(uint256 charged, uint256 shown);
    error AnswerDisputes_NotOlder(AssetId prior, AssetId asset);
    error AnswerDisputes_NotCourt(address caller);
    error AnswerDisputes_Unknown(DisputeId dispute);

    /// @notice Challenges a revealed answer, with a bond from the caller's Ledger account. A jury is called.
    /// @dev A charge is at least a fifth below what was shown, and its witness has 4,096 bytes at most. The prior is older: minted, or
    ///      answered with, before. Without a prior the charge is about the quality alone.
    function challenge(AnswerId answer, Shown calldata shown, Charge calldata charge) external returns (DisputeId dispute);

    function disputeOf(DisputeId dispute) external view returns (AnswerDispute memory);

    /// @notice What a challenger lays down.
    function challengeBond() external view returns (uint96);
}
