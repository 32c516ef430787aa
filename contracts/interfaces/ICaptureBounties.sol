// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {
    Answer,
    AnswerId,
    Ask,
    AskId,
    Backing,
    CaptureBounty,
    CaptureParams,
    Shown
} from "../types/Captures.sol";
import {Ruling} from "../types/Disputes.sol";
import {AssetId} from "../types/Ids.sol";

/// @title Bounties for captures of what nobody has captured yet.
/// @notice A sponsor escrows a budget for a class of places in an area, or for a subject. Contributors commit to answers and reveal them:
///         an asset, where it counts, and its score. Unless somebody shows within the challenge window that the score is wrong, the answer
///         is paid for what it adds to the CoverageMap, in the order of the commitments, at the price of the time of its own. What is left
///         goes back.
/// @dev    commit ─► COMMITTED: reveal, or once too late lapse ─► LAPSED
///              ─► REVEALED: a challenge (IAnswerDisputes) ─► DISPUTED: the court's ruling ─► REVEALED, REFUTED or VOIDED
///              ─► SETTLED, by anyone, once the window is over and every answer before it is over
///      Nothing here can be paused, every state ends by a deadline that anybody can enforce, and no more than the budget is ever paid.
///      What is published of a place is a cell no finer than its class allows, and nothing of a home but a cell of resolution 7.
interface ICaptureBounties {
    /// @notice A sponsor asks. `ask` says everything about it.
    event CapturesAsked(AskId indexed bounty, address indexed sponsor, Ask ask, uint40 openedAt);
    /// @notice Somebody will answer, and reveals until `until`.
    event AnswerCommitted(
        AnswerId indexed answer, address indexed contributor, bytes32 commitment, uint256 bond, uint40 committedAt, uint40 until
    );
    /// @notice What is answered, to be challenged until `until`.
    event AnswerRevealed(AnswerId indexed answer, AssetId indexed asset, Shown shown, uint40 until);
    /// @notice An answer was paid for raising its spot to `covered`, and has its bond back.
    event AnswerSettled(AnswerId indexed answer, address indexed contributor, uint256 paid, uint64 before, uint64 covered);
    /// @notice An answer was not revealed in time: half its bond goes to `by`, the rest is burnt.
    event AnswerLapsed(AnswerId indexed answer, address indexed by, uint256 bond);
    /// @notice What was left of a budget went back.
    event AskClosed(AskId indexed bounty, address indexed sponsor, uint96 rest);

    error CaptureBounties_BadAsk(uint8 field);
    error CaptureBounties_ShortPaid(uint256 received, uint256 budget);
    error CaptureBounties_Unknown(AskId bounty);
    error CaptureBounties_OwnAsk(AskId bounty);
    error CaptureBounties_Ended(AskId bounty);
    error CaptureBounties_Full(AskId bounty);
    error CaptureBounties_Closed(AskId bounty);
    error CaptureBounties_WrongStage(AnswerId answer, uint8 actual, uint8 expected);
    error CaptureBounties_TooLate(uint256 until);
    error CaptureBounties_TooEarly(uint256 until);
    error CaptureBounties_WrongProof(AnswerId answer);
    error CaptureBounties_NotOwner(AssetId asset, address contributor);
    error CaptureBounties_NotCapture(AssetId asset);
    error CaptureBounties_WrongTerms(AssetId asset);
    error CaptureBounties_Answered(AssetId asset, AnswerId by);
    error CaptureBounties_BadScore(uint16 quality, uint16 novelty);
    error CaptureBounties_Elsewhere(uint64 cell, int16 level);
    error CaptureBounties_BadDevice(address device);
    error CaptureBounties_NoGesture();
    error CaptureBounties_BadBeacon(uint64 beacon, uint40 litAt);
    error CaptureBounties_TooOld(uint40 age, uint40 most);
    error CaptureBounties_NotNext(AnswerId answer, uint32 next);
    error CaptureBounties_StillAnswered(AskId bounty, uint32 next, uint32 count);
    error CaptureBounties_NotDisputes(address caller);

    /* SPONSORING */

    /// @notice Asks, with a budget from the caller's wallet.
    function post(Ask calldata ask) external returns (AskId bounty);

    /// @notice Gives what is left back to the sponsor, once the deadline has passed and every answer is over. Anyone.
    function close(AskId bounty) external;

    /* ANSWERING */

    /// @notice Commits to an answer, with `bondFor` from the caller's Ledger account. Not the sponsor.
    /// @param commitment keccak256(abi.encode("thenar.answer/1", chain id, this contract, bounty, contributor, Shown, salt))
    function commit(AskId bounty, bytes32 commitment) external returns (AnswerId answer);

    /// @notice Shows what was committed to. Anyone who knows it.
    /// @dev The contributor owns the asset, a capture that no answer names, under the terms asked for. The quality is what is asked for at
    ///      least, and something is new. A beacon that is named was lit (IBeaconBook) before the commitment, and no longer before it than a
    ///      capture may be old; it must be named where a gesture is asked for. Whether the gesture is there is for a jury.
    function reveal(AnswerId answer, Shown calldata shown, bytes32 salt, Backing calldata backing) external;

    /// @notice Pays an answer that was not refuted in time, once it is the next. Anyone.
    function settle(AnswerId answer, Shown calldata shown) external;

    /// @notice Ends an answer that was not revealed in time. Anyone; half the bond is the caller's.
    function lapse(AnswerId answer) external;

    /// @notice Passes over at most `most` answers at the front that are over. Anyone; needed when more than 16 stand in the way.
    function skip(AskId bounty, uint32 most) external;

    /* DISPUTES */

    /// @notice Stops the clock of an answer that is challenged in time. AnswerDisputes only.
    /// @return contributor who answered
    /// @return sponsor who asked
    /// @return rules what it is scored by
    function hold(AnswerId answer, Shown calldata shown)
        external
        returns (address contributor, address sponsor, bytes32 rules);

    /// @notice Carries out a ruling: after CLAIM the clock runs on, after OTHER the bond moves to the caller's lock in the Ledger, otherwise
    ///         it goes back and the asset may be answered with again. AnswerDisputes only.
    /// @return contributor who answered
    /// @return bond what was laid down; 0 while it stays
    /// @return until when the answer can be settled, after CLAIM
    function carryOut(AnswerId answer, AssetId asset, Ruling ruling)
        external
        returns (address contributor, uint256 bond, uint40 until);

    /* VIEWS */

    function bountyOf(AskId bounty) external view returns (CaptureBounty memory);

    function answerOf(AnswerId answer) external view returns (Answer memory);

    /// @notice The answer that names an asset; 0: none.
    function answerWith(AssetId asset) external view returns (AnswerId);

    /// @notice Since when an asset is known to be somebody's: minted, or committed to in an answer; unix seconds.
    function since(AssetId asset) external view returns (uint256);

    /// @notice What an answer committed to at a time lays down.
    function bondFor(AskId bounty, uint40 time) external view returns (uint256);

    /// @notice What a good capture's worth is paid at a time.
    function priceAt(AskId bounty, uint40 time) external view returns (uint256);

    /// @notice How many bounties there are.
    function askCount() external view returns (uint32);

    function parameters() external view returns (CaptureParams memory);
}
