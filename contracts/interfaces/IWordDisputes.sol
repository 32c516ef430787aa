// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {DisputeId, Ruling} from "../types/Disputes.sol";
import {AssetId} from "../types/Ids.sol";
import {Attestation, WordDispute} from "../types/Witnesses.sol";
import {ICourtClient} from "./ISegmentCourt.sol";

/// @title Disputes about words of witnesses.
/// @notice A witness says that his scan shows so much of a capture again. Whoever lays the two published sketches on each other as he
///         stated and finds less brings him before the SegmentCourt. Jurors are those seated for the scoring rules; each votes for the
///         overlap he computes: what both show, in basis points, where the two are one place recorded again, and nothing where the
///         one copies the other or they are two places.
/// @dev A false word is struck, and the stake bound behind it is lost: half to the accuser, a quarter to the jurors, the rest is burnt.
///      Of the bond of a false accusation half is the witness's, a quarter the jurors'. After a void the accuser has all but a
///      tenth of his bond back, so that nobody keeps others from accusing for nothing. The accused word keeps what was left of its window.
///      Nothing here can be paused.
interface IWordDisputes is ICourtClient {
    /// @notice Somebody holds against a word that only `charged` basis points are seen again.
    event WordAccused(
        DisputeId indexed dispute,
        AssetId indexed capture,
        address indexed witness,
        address accuser,
        uint16 charged,
        uint96 bond
    );
    /// @notice The court ruled. A word that stands can be accused until `until`; 0: it was struck.
    event WordJudged(
        DisputeId indexed dispute,
        AssetId indexed capture,
        address indexed witness,
        Ruling ruling,
        uint256 toWinner,
        uint256 toJurors,
        uint256 burnt,
        uint40 until
    );

    error WordDisputes_TooClose(uint256 charged, uint256 claimed);
    error WordDisputes_NotCourt(address caller);
    error WordDisputes_Unknown(DisputeId dispute);

    /// @notice Accuses a word that was counted, with the bond from the caller's Ledger account.
    /// @param word as it was lodged
    /// @param charged basis points the accuser finds; at least a fifth below what was said
    function accuse(Attestation calldata word, uint16 charged) external returns (DisputeId dispute);

    function disputeOf(DisputeId dispute) external view returns (WordDispute memory);

    /// @notice What an accuser lays down.
    function wordBond() external view returns (uint96);
}
