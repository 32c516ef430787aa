// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccusationId, Accusation, Accused, CallCase} from "../types/Calls.sol";
import {DisputeId, Ruling} from "../types/Disputes.sol";
import {AssetId} from "../types/Ids.sol";
import {SignedAnswer} from "../types/Reflex.sol";
import {ICourtClient} from "./ISegmentCourt.sol";

/// @title Disputes about calls of a model: an answer that the model does not give.
/// @notice Whoever has the model runs a call again and finds another answer. He shows the answer the node signed, what was asked, and
///         one number of it with the right one beside, and lays down a bond. The node has the defence window to call a jury, or loses its
///         stake without one. Jurors are seated in the class of the model: they hold a license of it, run the observation, and vote.
/// @dev    accuse ─► ACCUSED ──condemn, after the window──► convicted
///                      └──defend, within it──► before the SegmentCourt ──► convicted, acquitted or void
///         The two numbers are more than 1/256 of the larger one, or of 1, apart. Jurors find for a number that is within 1/1024 of what
///         they compute, so that machines whose sums round differently never convict an honest node; what lies in between convicts
///         nobody, nor does an error below 1/256.
///         While the channel of an answer is not settled only its client accuses, so that who copies his transaction gains nothing.
///         A convicted node loses its whole stake for the model: half to the accuser, a quarter to the jurors when there were any, the
///         rest is burnt. An acquitted one has half of the bond, the jurors a quarter. A void costs neither side anything. The
///         observation is in the log for everybody: who does not want that does not accuse. Nothing here can be paused.
interface ICallDisputes is ICourtClient {
    /// @notice Somebody holds an answer against a node.
    /// @param runtime what the node said had computed it
    /// @param observation all of what was asked: float32 numbers, little-endian
    event CallAccused(
        AccusationId indexed accusation,
        address indexed accuser,
        Accused accused,
        bytes32 runtime,
        bytes observation,
        uint96 bond,
        uint40 defendBy
    );
    /// @notice A jury is called.
    event CallDefended(AccusationId indexed accusation, DisputeId indexed dispute);
    /// @notice An accusation is over. Without a jury `dispute` is 0 and the ruling is OTHER.
    event CallJudged(
        AccusationId indexed accusation,
        DisputeId indexed dispute,
        address indexed node,
        AssetId model,
        Ruling ruling,
        uint256 toWinner,
        uint256 toJurors,
        uint256 burnt
    );

    error CallDisputes_BadObservation(uint256 length, uint256 most);
    error CallDisputes_NoPlace(uint256 place, uint256 length);
    error CallDisputes_NotWhatWasSigned(bytes32 signed, bytes32 shown);
    error CallDisputes_TooClose(bytes4 claimed, bytes4 charged);
    error CallDisputes_NotClient(address client, address caller);
    error CallDisputes_AlreadyAccused(AccusationId accusation);
    error CallDisputes_NotAccused(AccusationId accusation);
    error CallDisputes_TooEarly(uint40 since);
    error CallDisputes_TooLate(uint40 until);
    error CallDisputes_NotCourt(address caller);
    error CallDisputes_Unknown(DisputeId dispute);

    /// @notice Accuses a node of an answer, with a bond from the caller's Ledger account.
    /// @param shown the answer under a window the node signed
    /// @param observation what was asked, at most 4,096 bytes
    /// @param answer what was answered: float32 numbers, little-endian
    /// @param place of the number that is wrong
    /// @param charged what the model gives there
    function accuse(
        SignedAnswer calldata shown,
        bytes calldata observation,
        bytes calldata answer,
        uint16 place,
        bytes4 charged
    ) external returns (AccusationId accusation);

    /// @notice Calls a jury, within the defence window. Anyone.
    function defend(Accused calldata accused) external returns (DisputeId dispute);

    /// @notice Convicts a node that called no jury in time. Anyone.
    function condemn(Accused calldata accused) external;

    function accusationOf(AccusationId accusation) external view returns (Accusation memory);

    function caseOf(DisputeId dispute) external view returns (CallCase memory);

    /// @notice The class in which jurors of a model are seated.
    function classOf(AssetId model) external pure returns (bytes32);

    /// @notice What an accuser lays down, and the seconds to call a jury.
    function terms() external view returns (uint96 bond, uint40 defenceWindow);
}
