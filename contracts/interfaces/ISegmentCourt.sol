// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Aggregation} from "../types/Aggregations.sol";
import {CourtParams, Dispute, DisputeId, Opening, Panel, Ruling} from "../types/Disputes.sol";

/// @title Who brings disputes to the court and acts on what it rules.
interface ICourtClient {
    /// @notice Carries out a ruling. SegmentCourt only; once for each dispute.
    /// @param judged whether a jury ruled; otherwise a clock did, and nobody is to be paid for it
    /// @return fees what the client has moved in the Ledger to the court's lock for the jurors; 0 unless `judged`
    function resolve(DisputeId dispute, Ruling ruling, bool judged) external returns (uint96 fees);
}

/// @title Which of two traces of the same work is right.
/// @notice Two traces of up to 4,096 checkpoints that differ are narrowed, sixteen at a time, to one segment before whose end they
///         agree. Whoever claimed the work posts the state at its start, and jurors of the same determinism class run the segment
///         again, a few milliseconds of physics, and vote for the hash of what comes out.
/// @dev    open ─► NARROWING: post (claim's children), answer (both sides' children); ceil(log16 leaves) times
///              ─► STATE: postState, or recompute, which closes; skipped when the first leaf is disputed, because jurors build it from the spec
///              ─► DRAWING: drawJury, some blocks later ─► VOTING: commitVote, revealVote, rule
///              ─► RULED: appeal (back to DRAWING) or close ─► CLOSED
///         NARROWING and STATE run on chess clocks: when the side to move has none left, `flag` closes the case against it. A move is
///         a preimage of a root, never a party's word, so anybody may move for a root and nobody can move against one.
///         Of the votes that a panel reveals, at least two in three must be for one side's leaf, and at least half of the panel must
///         reveal. Otherwise the next, larger panel is drawn: 7, 15, 31 seats, then the case is void. It is void too when too few
///         jurors can be drawn. A ruling by one of the first two panels can be appealed to the next for a bond, which comes back
///         unless the last ruling is the one appealed against. A void case costs neither side anything.
///         What the chain can compute itself (libraries/Aggregates.sol: sums over up to 4,096 numbers, an evolution strategy's update)
///         needs no jury: narrowed to one coordinate, `recompute` ends the case.
///         Votes bind chain, court, dispute, round and juror, so a copied one opens nothing. Jurors who voted with the last ruling
///         share what the client pays for it and lost appeal bonds; jurors who stayed away are fined. When no panel can be drawn after an
///         appeal, the ruling stands and the bond comes back. Only seats taken before the case was opened are drawn, by the hash of a
///         block that came after: whoever calls cannot choose. Nothing here can be paused.
interface ISegmentCourt {
    /// @notice A case was opened. `opening` says everything about it and is handed back to draw its juries.
    event CaseOpened(DisputeId indexed dispute, Opening opening, uint40 openedAt);
    /// @notice The claim's side showed the children of its node.
    event ChildrenPosted(DisputeId indexed dispute, bytes32[16] children);
    /// @notice The two sides first differ in `claimNode` and `otherNode`, whose first leaf is `first`, and agree left of them.
    /// @param agreed node left of both, on level `agreedLevel`; 0 when there is none
    event CaseNarrowed(
        DisputeId indexed dispute,
        uint8 level,
        uint16 first,
        bytes32 claimNode,
        bytes32 otherNode,
        bytes32 agreed,
        uint8 agreedLevel
    );
    /// @notice The state at the start of the disputed segment; its SHA-256 is the last leaf both sides agree on.
    event StatePosted(DisputeId indexed dispute, bytes state);
    /// @notice A panel of this round can be drawn by the hash of `drawBlock`, for 256 blocks.
    event JuryArmed(DisputeId indexed dispute, uint8 indexed round, uint40 drawBlock);
    /// @notice A panel was drawn; its members are handed back with every vote.
    event JuryDrawn(DisputeId indexed dispute, uint8 indexed round, address[] panel, uint40 commitUntil, uint40 revealUntil);
    /// @notice A juror committed to a vote.
    event VoteCommitted(DisputeId indexed dispute, uint8 indexed round, address indexed juror, bytes32 commitment);
    /// @notice A juror computed this leaf.
    event VoteRevealed(DisputeId indexed dispute, uint8 indexed round, address indexed juror, bytes32 leaf);
    /// @notice A panel ruled, or the last one or none could. Until `until` it can be appealed.
    event CaseRuled(DisputeId indexed dispute, uint8 indexed round, Ruling ruling, uint40 until);
    /// @notice Somebody laid down a bond for another panel.
    event CaseAppealed(DisputeId indexed dispute, uint8 indexed round, address indexed appellant, uint96 bond);
    /// @notice A case is over. `fee` is what each juror has for a vote with the ruling.
    event CaseClosed(DisputeId indexed dispute, Ruling ruling, bool judged, uint96 fee);
    /// @notice A juror was paid for a vote.
    event JurorPaid(DisputeId indexed dispute, uint8 indexed round, address indexed juror, uint96 fee);
    /// @notice A juror who did not vote lost a part of his stake.
    event JurorFined(DisputeId indexed dispute, uint8 indexed round, address indexed juror, address by, uint96 fine);

    error SegmentCourt_BadParameters();
    error SegmentCourt_NotClient(address caller);
    error SegmentCourt_BadOpening();
    error SegmentCourt_WrongOpening(DisputeId dispute);
    error SegmentCourt_WrongPhase(DisputeId dispute, uint8 actual, uint8 expected);
    error SegmentCourt_NotClaimsTurn(DisputeId dispute);
    error SegmentCourt_OutOfTime(DisputeId dispute);
    error SegmentCourt_TimeLeft(DisputeId dispute, uint256 until);
    error SegmentCourt_WrongChildren(bytes32 expected, bytes32 given);
    error SegmentCourt_BeyondTheEnd(DisputeId dispute);
    error SegmentCourt_StateTooBig(uint256 length, uint256 most);
    error SegmentCourt_WrongState(bytes32 expected, bytes32 given);
    error SegmentCourt_Computable(DisputeId dispute);
    error SegmentCourt_NotComputable(DisputeId dispute);
    error SegmentCourt_WrongNumbers(DisputeId dispute);
    error SegmentCourt_TooEarly(uint256 since);
    error SegmentCourt_TooLate(uint256 until);
    error SegmentCourt_WrongPanel(DisputeId dispute, uint8 round);
    error SegmentCourt_NotJuror(address caller);
    error SegmentCourt_BadCommitment(bytes32 commitment);
    error SegmentCourt_AlreadyVoted(address juror);
    error SegmentCourt_WrongVote(bytes32 expected, bytes32 given);
    error SegmentCourt_Final(DisputeId dispute);
    error SegmentCourt_NothingDue(address juror);
    error SegmentCourt_NotAbsent(address juror);

    /// @notice Opens a case about two different traces. The claim's clock runs from now. The client only.
    function open(Opening calldata opening) external returns (DisputeId dispute);

    /* NARROWING */

    /// @notice Shows the children of the claim's node. Anyone, on the claim's clock.
    function post(DisputeId dispute, bytes32[16] calldata children) external;

    /// @notice Shows the children of both nodes and goes down to the first that differ. Anyone, also on the claim's clock: who knows
    ///         both traces need not wait.
    function answer(DisputeId dispute, bytes32[16] calldata claims, bytes32[16] calldata others) external;

    /// @notice Makes several answers in one transaction, down to the leaves, and posts the state unless it is empty. Anyone who knows
    ///         both traces, on the clock of whose turn it is.
    /// @param claims children of the claim's nodes, from the top
    function narrow(
        DisputeId dispute,
        bytes32[16][] calldata claims,
        bytes32[16][] calldata others,
        bytes calldata state,
        bytes32[15][] calldata path
    ) external;

    /// @notice Posts the state that both sides agree on. Anyone, on the claim's clock.
    /// @param state at most 16 KiB
    /// @param path siblings left of the way from the agreed node down to its last leaf, from the leaf's level up
    function postState(DisputeId dispute, bytes calldata state, bytes32[15][] calldata path) external;

    /// @notice Computes the disputed leaf of an aggregation and closes the case: for the claim when the leaf is its own, else against it.
    ///         Anyone, on the claim's clock: whoever claims a sum can show it.
    /// @param sum what the spec is the digest of
    /// @param values all numbers that are summed
    /// @param before of an evolution's update: the coordinate until now, with its `path` in `sum.before`
    function recompute(
        DisputeId dispute,
        Opening calldata opening,
        Aggregation calldata sum,
        bytes calldata values,
        int256 before,
        bytes32[] calldata path
    ) external;

    /// @notice Closes a case against the side whose clock has run out. Anyone.
    function flag(DisputeId dispute) external;

    /* JURY */

    /// @notice Draws the next panel, or arms the draw again when the block that decides is too long ago. Anyone.
    function drawJury(DisputeId dispute, Opening calldata opening) external;

    /// @notice Commits to a vote; `panel[place]` is the caller.
    /// @param commitment keccak256(abi.encode(bytes32("thenar.vote/1"), chain id, court, dispute, round, juror, leaf, salt))
    function commitVote(DisputeId dispute, address[] calldata panel, uint256 place, bytes32 commitment) external;

    /// @notice Reveals the caller's vote: the leaf he computed. Once all have committed, or the time to do so has passed. The vote that
    ///         completes a panel is followed by the count.
    function revealVote(DisputeId dispute, bytes32 leaf, bytes32 salt) external;

    /// @notice Counts the revealed votes of a panel that is not complete, once no more may come. Anyone.
    function rule(DisputeId dispute) external;

    /* WAYS OUT */

    /// @notice Asks for the next panel, with a bond from the caller's Ledger account.
    function appeal(DisputeId dispute) external;

    /// @notice Tells the client the ruling once nobody can appeal. Anyone.
    function close(DisputeId dispute) external;

    /// @notice Pays a juror for a vote with the ruling of a closed case. Anyone.
    function collectFee(DisputeId dispute, uint8 round, address juror) external;

    /// @notice Fines a juror who did not reveal a vote in a round that is over; half goes to the caller, the rest is burnt. Anyone.
    function fineAbsent(
        DisputeId dispute,
        Opening calldata opening,
        uint8 round,
        address[] calldata panel,
        uint256 place
    ) external;

    /* VIEWS */

    function disputeOf(DisputeId dispute) external view returns (Dispute memory);

    function panelOf(DisputeId dispute, uint8 round) external view returns (Panel memory);

    /// @notice What each vote with the ruling of a closed case is paid.
    function feeOf(DisputeId dispute) external view returns (uint96);

    /// @notice A juror's commitment, or from the revelation on what it was for: 1 the claim, 2 the other, 3 neither, 4 fined, 5 paid.
    function voteOf(DisputeId dispute, uint8 round, address juror) external view returns (bytes32);

    /// @notice What the court was built with.
    function parameters() external view returns (CourtParams memory);
}
