// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Member, Seat} from "../types/Compute.sol";

/// @title Who works, audits and judges in which determinism class.
/// @notice A node enlists in the classes whose probe it reproduces. Every seat it takes binds the same stake, and draws are uniform over
///         seats, so they are weighted by stake. What an operator's audited claims were worth is kept as a score per class.
/// @dev A seat answers for absence and for wrong audits. It leaves the draw at once and its stake later, after a notice longer than
///      anything it may have been drawn for. A draw takes the places that there were when what is judged began, and passes over empty
///      ones and over seats taken since: who sees the seed before the draw cannot move it by taking seats, nor crowd anybody out.
///      Operators who belong together say so; a group never judges its own. Nothing here can be paused.
interface IWorkerPool {
    /// @notice An operator joined a class or took more seats of it. `probe` is the digest his probe gave.
    event Enlisted(address indexed operator, bytes32 indexed classId, bytes32 probe, uint32 added, uint32 seats);
    /// @notice Seats left the draw; their stake is free at `freeAt`, together with what was leaving before.
    event Resigned(address indexed operator, bytes32 indexed classId, uint32 seats, uint32 leaving, uint40 freeAt);
    /// @notice The stake of seats that had resigned is free.
    event SeatsFreed(address indexed operator, bytes32 indexed classId, uint32 freed);
    /// @notice A seat was taken from an operator who stayed away (`convicted` false) or was wrong; of its stake `taken` is lost.
    event SeatLost(address indexed operator, bytes32 indexed classId, bool convicted, uint96 taken, uint32 seats, uint32 leaving);
    /// @notice An operator wants to belong to a leader's group.
    event GroupAsked(address indexed operator, address indexed leader);
    /// @notice An operator belongs to a leader's group; to his own when they are equal.
    event GroupJoined(address indexed operator, address indexed leader);
    /// @notice A record changed: by one up after a claim that stood, by a third down after a fault.
    event ScoreChanged(address indexed operator, bytes32 indexed classId, uint32 score, bool fault);

    error WorkerPool_NoClass();
    error WorkerPool_NotWorker(address operator);
    error WorkerPool_NotJuror(address operator);
    error WorkerPool_TooManySeats(uint256 seats, uint256 most);
    error WorkerPool_NotEnough(uint32 seats, uint32 wanted);
    error WorkerPool_StillBound(uint40 until);
    error WorkerPool_NothingLeaving(address operator, bytes32 classId);
    error WorkerPool_OwnGroup(address operator);
    error WorkerPool_NotAsked(address operator, address leader);
    error WorkerPool_NotLeader(address leader);
    error WorkerPool_Leads(address operator, uint256 members);
    error WorkerPool_HasSeats(address operator, uint256 seats);
    error WorkerPool_NotJudge(address caller);

    /* SEATS */

    /// @notice Enlists the caller's node in a class, with `seats` more seats, each of which binds `seatStake`.
    /// @dev Needs the role COMPUTE, and JUROR for seats. At most 64 seats a class. Without seats one works and is never drawn.
    function enlist(bytes32 classId, bytes32 probe, uint32 seats) external;

    /// @notice Takes seats of the caller out of the draw. Their stake stays bound until the notice has passed; resigning again starts
    ///         the notice again for all that leave.
    function resign(bytes32 classId, uint32 seats) external;

    /// @notice Unbinds the stake of an operator's seats whose notice has passed. Anyone.
    function freeSeats(address operator, bytes32 classId) external;

    /* GROUPS */

    /// @notice Asks to belong to the group of `leader`, who must admit.
    function joinGroup(address leader) external;

    /// @notice Admits an operator who asked. The leader belongs to no other group, the operator leads none.
    function admit(address operator) external;

    /// @notice Leaves the group the caller belongs to, once he has no seat, leaving ones counted.
    function leaveGroup() external;

    /* JUDGES */

    /// @notice A claim counts for an operator: all of it was audited and found right, or a part was and it is paid. Judges only.
    function credit(address operator, bytes32 classId) external;

    /// @notice A claim that counted did not stand, and counts no more. Judges only.
    function discredit(address operator, bytes32 classId) external;

    /// @notice An operator was wrong: a third of his score is gone, and what he has committed before is audited anew. Judges only.
    function fault(address operator, bytes32 classId) external;

    /// @notice Takes one seat of an operator out of the draw. Judges only. Its whole stake when `convicted`, otherwise a twentieth, is
    ///         seized and moved to the caller's lock in the Ledger; the rest is free.
    /// @return taken 0 when the operator has no seat left
    function unseat(address operator, bytes32 classId, bool convicted) external returns (uint96 taken);

    /* VIEWS */

    /// @notice Draws up to `n` operators of distinct groups by a seed; fewer when 8 · n tries do not find so many.
    /// @param before only seats taken before this time, unix seconds
    /// @param parties whose groups are passed over
    function draw(bytes32 classId, bytes32 seed, uint256 n, uint40 before, address[] calldata parties)
        external
        view
        returns (address[] memory);

    /// @notice The first in 32 tries who is of neither the worker's nor the requester's group, or the zero address; and what part of the
    ///         worker's units is audited. Where `draw` finds anybody in its first 8 tries it is the same.
    function drawAuditor(
        bytes32 classId,
        bytes32 seed,
        address worker,
        address requester,
        uint16 jobBps,
        uint40 before
    ) external view returns (address auditor, uint16 bps);

    /// @notice What part of an operator's units is audited, in 1/10000: all until ten claims have stood, then 2 / score or the job's.
    function auditBps(address operator, bytes32 classId, uint16 jobBps) external view returns (uint16);

    function memberOf(address operator, bytes32 classId) external view returns (Member memory);

    /// @notice The leader of an operator's group: himself when he belongs to no other.
    function groupOf(address operator) external view returns (address);

    /// @notice How many seats a class has.
    function seatsOf(bytes32 classId) external view returns (uint256);

    function seatAt(bytes32 classId, uint256 place) external view returns (Seat memory);

    /// @notice Stake that a seat binds.
    function seatStake() external view returns (uint96);

    /// @notice Seconds the stake of a resigned seat stays bound.
    function notice() external view returns (uint40);
}
