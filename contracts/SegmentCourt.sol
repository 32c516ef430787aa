// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ILedger} from "./interfaces/ILedger.sol";
import {ICourtClient, ISegmentCourt} from "./interfaces/ISegmentCourt.sol";
import {IWorkerPool} from "./interfaces/IWorkerPool.sol";
import {Aggregates} from "./libraries/Aggregates.sol";
import {JuryVotes} from "./libraries/JuryVotes.sol";
import {Narrowing} from "./libraries/Narrowing.sol";
import {TraceTree} from "./libraries/TraceTree.sol";
import {Aggregation} from "./types/Aggregations.sol";
import {CourtParams, Dispute, DisputeId, Matter, Opening, Panel, Phase, Ruling} from "./types/Disputes.sol";

/// @title Which of two traces of the same work is right: see ISegmentCourt.
contract SegmentCourt is ISegmentCourt {
    using JuryVotes for *;
    using Narrowing for Dispute;

    uint8 private constant LAST_ROUND = 2;
    address private constant BURNT = 0x000000000000000000000000000000000000dEaD;
    uint256 private constant FOR_CLAIM = uint256(Ruling.CLAIM);
    uint256 private constant FOR_OTHER = uint256(Ruling.OTHER);
    uint256 private constant FOR_NEITHER = 3;
    uint256 private constant FINED = 4;
    uint256 private constant PAID = 5;

    ILedger private immutable _ledger;
    IWorkerPool private immutable _pool;
    ICourtClient private immutable _client;
    ICourtClient private immutable _captures;
    ICourtClient private immutable _calls;
    ICourtClient private immutable _epochs;
    ICourtClient private immutable _words;
    uint32 private immutable _clock;
    uint32 private immutable _commitWindow;
    uint32 private immutable _revealWindow;
    uint32 private immutable _appealWindow;
    uint8 private immutable _drawDelay;
    uint8 private immutable _smallestPanel;
    uint88 private immutable _appealBond;

    uint64 private _opened;
    mapping(DisputeId dispute => Dispute) private _disputes;
    mapping(DisputeId dispute => mapping(uint8 round => Panel)) private _panels;
    mapping(DisputeId dispute => mapping(uint8 round => mapping(address juror => bytes32))) private _votes;
    mapping(DisputeId dispute => mapping(uint8 round => address)) private _appellants;

    /// @param clients of work, of captures, of calls, of epochs and of words
    constructor(ILedger ledger, IWorkerPool pool, ICourtClient[5] memory clients, CourtParams memory params) {
        bool isBad = params.clock == 0 || params.commitWindow == 0 || params.revealWindow == 0 || params.drawDelay == 0;
        isBad = isBad || params.smallestPanel == 0 || params.appealBond == 0;
        if (isBad || params.appealBond > type(uint88).max >> LAST_ROUND) revert SegmentCourt_BadParameters();

        _ledger = ledger;
        _pool = pool;
        (_client, _captures, _calls, _epochs, _words) = (clients[0], clients[1], clients[2], clients[3], clients[4]);
        _clock = params.clock;
        _commitWindow = params.commitWindow;
        _revealWindow = params.revealWindow;
        _appealWindow = params.appealWindow;
        _drawDelay = params.drawDelay;
        _smallestPanel = params.smallestPanel;
        _appealBond = params.appealBond;
    }

    /// @inheritdoc ISegmentCourt
    function open(Opening calldata opening) external returns (DisputeId dispute) {
        Matter matter = _matterOf(msg.sender);
        uint256 leaves = uint256(opening.segments) + 1;
        if (opening.claimRoot == opening.otherRoot || leaves < 2 || leaves > TraceTree.MAX_LEAVES) {
            revert SegmentCourt_BadOpening();
        }

        dispute = DisputeId.wrap(++_opened);
        Dispute storage d = _disputes[dispute];
        uint40 time = uint40(block.timestamp);
        (d.phase, d.level, d.leaves) = (Phase.NARROWING, TraceTree.depthOf(leaves), uint16(leaves));
        (d.claimClock, d.otherClock, d.openedAt, d.mark) = (_clock, _clock, time, time);
        (d.claimNode, d.otherNode) = (opening.claimRoot, opening.otherRoot);
        d.opening = keccak256(abi.encode(opening));
        (d.matter, d.computable) = (matter, matter == Matter.WORK && opening.classId == Aggregates.CLASS);

        emit CaseOpened(dispute, opening, time);
    }

    /* NARROWING */

    /// @inheritdoc ISegmentCourt
    function post(DisputeId dispute, bytes32[16] calldata children) external {
        Dispute storage d = _in(dispute, Phase.NARROWING);
        if (d.otherMoves) revert SegmentCourt_NotClaimsTurn(dispute);
        d.requireChildren(dispute, children, d.claimNode);

        d.spend(dispute);
        d.otherMoves = true;

        emit ChildrenPosted(dispute, children);
    }

    /// @inheritdoc ISegmentCourt
    function answer(DisputeId dispute, bytes32[16] calldata claims, bytes32[16] calldata others) external {
        Dispute storage d = _in(dispute, Phase.NARROWING);

        d.spend(dispute);
        _descend(dispute, d, claims, others);
    }

    /// @inheritdoc ISegmentCourt
    function narrow(
        DisputeId dispute,
        bytes32[16][] calldata claims,
        bytes32[16][] calldata others,
        bytes calldata state,
        bytes32[15][] calldata path
    ) external {
        Dispute storage d = _in(dispute, Phase.NARROWING);

        d.spend(dispute);
        for (uint256 i = 0; i < claims.length; ++i) {
            _descend(dispute, d, claims[i], others[i]);
        }
        if (d.phase != Phase.STATE || state.length == 0) return;
        d.takeState(dispute, state, path);
        _arm(dispute, d);
    }

    /// @inheritdoc ISegmentCourt
    function postState(DisputeId dispute, bytes calldata state, bytes32[15][] calldata path) external {
        Dispute storage d = _in(dispute, Phase.STATE);

        d.spend(dispute);
        d.takeState(dispute, state, path);
        _arm(dispute, d);
    }

    /// @inheritdoc ISegmentCourt
    function flag(DisputeId dispute) external {
        Dispute storage d = _disputes[dispute];
        if (d.phase != Phase.STATE) d = _in(dispute, Phase.NARROWING);
        uint256 until = uint256(d.mark) + (d.otherMoves ? d.otherClock : d.claimClock);
        if (block.timestamp < until) revert SegmentCourt_TimeLeft(dispute, until);

        _decide(dispute, d, d.otherMoves ? Ruling.CLAIM : Ruling.OTHER);
    }

    /// @inheritdoc ISegmentCourt
    function recompute(
        DisputeId dispute,
        Opening calldata opening,
        Aggregation calldata sum,
        bytes calldata values,
        int256 before,
        bytes32[] calldata path
    ) external {
        Dispute storage d = _in(dispute, Phase.STATE);
        if (!d.computable) revert SegmentCourt_NotComputable(dispute);
        d.requireOpening(dispute, opening);
        bytes32 leaf = Aggregates.leafOf(opening, d.first, sum, values, before, path);
        if (leaf == 0) revert SegmentCourt_WrongNumbers(dispute);

        d.spend(dispute);
        _decide(dispute, d, leaf == d.claimNode ? Ruling.CLAIM : Ruling.OTHER);
    }

    /* JURY */

    /// @inheritdoc ISegmentCourt
    function drawJury(DisputeId dispute, Opening calldata opening) external {
        Dispute storage d = _in(dispute, Phase.DRAWING);
        d.requireOpening(dispute, opening);
        if (block.number <= d.mark) revert SegmentCourt_TooEarly(d.mark + 1);

        bytes32 drawn = blockhash(d.mark);
        if (drawn == 0) return _arm(dispute, d);
        uint8 round = d.round;
        address[] memory panel = JuryVotes.draw(_pool, opening, drawn, dispute, round, d.openedAt);
        if (panel.length < _smallestPanel) return _rule(dispute, d, d.ruling == Ruling.NONE ? Ruling.VOID : d.ruling, true);
        Panel storage p = _panels[dispute][round];
        d.phase = Phase.VOTING;
        p.members = keccak256(abi.encode(panel));
        uint40 commitUntil = uint40(block.timestamp) + _commitWindow;
        (p.commitUntil, p.revealUntil, p.size) = (commitUntil, commitUntil + _revealWindow, uint8(panel.length));

        emit JuryDrawn(dispute, round, panel, commitUntil, commitUntil + _revealWindow);
    }

    /// @inheritdoc ISegmentCourt
    function commitVote(DisputeId dispute, address[] calldata panel, uint256 place, bytes32 commitment) external {
        uint8 round = _in(dispute, Phase.VOTING).round;
        Panel storage p = _panels[dispute][round];
        address juror = p.member(dispute, round, panel, place);
        if (juror != msg.sender) revert SegmentCourt_NotJuror(msg.sender);
        if (block.timestamp >= p.commitUntil) revert SegmentCourt_TooLate(p.commitUntil);
        if (uint256(commitment) <= PAID) revert SegmentCourt_BadCommitment(commitment);
        if (_votes[dispute][round][msg.sender] != 0) revert SegmentCourt_AlreadyVoted(msg.sender);

        _votes[dispute][round][msg.sender] = commitment;
        ++p.commits;

        emit VoteCommitted(dispute, round, msg.sender, commitment);
    }

    /// @inheritdoc ISegmentCourt
    function revealVote(DisputeId dispute, bytes32 leaf, bytes32 salt) external {
        Dispute storage d = _in(dispute, Phase.VOTING);
        uint8 round = d.round;
        Panel storage p = _panels[dispute][round];
        if (p.commits < p.size && block.timestamp < p.commitUntil) revert SegmentCourt_TooEarly(p.commitUntil);
        if (block.timestamp >= p.revealUntil) revert SegmentCourt_TooLate(p.revealUntil);
        bytes32 given = JuryVotes.commitment(dispute, round, msg.sender, leaf, salt);
        bytes32 committed = _votes[dispute][round][msg.sender];
        if (committed != given) revert SegmentCourt_WrongVote(committed, given);

        uint256 vote = leaf == d.otherNode ? FOR_OTHER : leaf == d.claimNode ? FOR_CLAIM : FOR_NEITHER;
        _votes[dispute][round][msg.sender] = bytes32(vote);
        ++p.reveals;
        if (vote == FOR_CLAIM) ++p.forClaim;
        if (vote == FOR_OTHER) ++p.forOther;

        emit VoteRevealed(dispute, round, msg.sender, leaf);
        if (p.reveals == p.size) _count(dispute, d, p);
    }

    /// @inheritdoc ISegmentCourt
    function rule(DisputeId dispute) external {
        Dispute storage d = _in(dispute, Phase.VOTING);
        Panel storage p = _panels[dispute][d.round];
        bool committed = p.commits == p.size || block.timestamp >= p.commitUntil;
        if (!committed || p.reveals != p.commits) {
            if (block.timestamp < p.revealUntil) revert SegmentCourt_TooEarly(p.revealUntil);
        }

        _count(dispute, d, p);
    }

    /* WAYS OUT */

    /// @inheritdoc ISegmentCourt
    function appeal(DisputeId dispute) external {
        Dispute storage d = _in(dispute, Phase.RULED);
        uint8 round = d.round;
        if (block.timestamp >= d.mark) revert SegmentCourt_TooLate(d.mark);

        uint88 bond = _appealBond << round; // the constructor left room for it
        _panels[dispute][round].appealBond = bond;
        _appellants[dispute][round] = msg.sender;

        emit CaseAppealed(dispute, round, msg.sender, bond);
        _next(dispute, d);
        _ledger.lock(msg.sender, bond);
    }

    /// @inheritdoc ISegmentCourt
    function close(DisputeId dispute) external {
        Dispute storage d = _in(dispute, Phase.RULED);
        if (block.timestamp < d.mark) revert SegmentCourt_TooEarly(d.mark);
        Ruling ruling = d.ruling;

        d.phase = Phase.CLOSED;

        (uint256 pot, uint256 winners) = _panels[dispute].settle(_appellants[dispute], _ledger, d.round, ruling);
        pot += _toldOf(d.matter).resolve(dispute, ruling, ruling != Ruling.VOID);
        uint96 fee = winners == 0 ? 0 : uint96(pot / winners);
        d.claimNode = bytes32(uint256(fee));
        _release(BURNT, pot - fee * winners); // what does not divide among the jurors
        emit CaseClosed(dispute, ruling, ruling != Ruling.VOID, fee);
    }

    /// @inheritdoc ISegmentCourt
    function collectFee(DisputeId dispute, uint8 round, address juror) external {
        Ruling ruling = _in(dispute, Phase.CLOSED).ruling;
        uint96 fee = feeOf(dispute);
        if (fee == 0 || uint256(_votes[dispute][round][juror]) != uint256(ruling)) revert SegmentCourt_NothingDue(juror);

        _votes[dispute][round][juror] = bytes32(PAID);

        emit JurorPaid(dispute, round, juror, fee);
        _ledger.release(juror, fee);
    }

    /// @inheritdoc ISegmentCourt
    function fineAbsent(
        DisputeId dispute,
        Opening calldata opening,
        uint8 round,
        address[] calldata panel,
        uint256 place
    ) external {
        Dispute storage d = _disputes[dispute];
        d.requireOpening(dispute, opening);
        address juror = _panels[dispute][round].member(dispute, round, panel, place);
        if (d.round == round && d.phase == Phase.VOTING) {
            revert SegmentCourt_TooEarly(_panels[dispute][round].revealUntil);
        }
        uint256 vote = uint256(_votes[dispute][round][juror]);
        if (vote != 0 && vote <= PAID) revert SegmentCourt_NotAbsent(juror);

        _votes[dispute][round][juror] = bytes32(FINED);

        uint96 fine = _pool.unseat(juror, opening.classId, false);
        emit JurorFined(dispute, round, juror, msg.sender, fine);
        _release(msg.sender, fine / 2);
        _release(BURNT, fine - fine / 2);
    }

    /* VIEWS */

    /// @inheritdoc ISegmentCourt
    function disputeOf(DisputeId dispute) external view returns (Dispute memory) {
        return _disputes[dispute];
    }

    /// @inheritdoc ISegmentCourt
    function panelOf(DisputeId dispute, uint8 round) external view returns (Panel memory) {
        return _panels[dispute][round];
    }

    /// @inheritdoc ISegmentCourt
    function feeOf(DisputeId dispute) public view returns (uint96) {
        return _disputes[dispute].phase == Phase.CLOSED ? uint96(uint256(_disputes[dispute].claimNode)) : 0;
    }

    /// @inheritdoc ISegmentCourt
    function voteOf(DisputeId dispute, uint8 round, address juror) external view returns (bytes32) {
        return _votes[dispute][round][juror];
    }

    /// @inheritdoc ISegmentCourt
    function parameters() external view returns (CourtParams memory) {
        return CourtParams(_clock, _commitWindow, _revealWindow, _appealWindow, _drawDelay, _smallestPanel, _appealBond);
    }

    /* PRIVATE */

    function _in(DisputeId dispute, Phase phase) private view returns (Dispute storage d) {
        d = _disputes[dispute];
        if (d.phase != phase) revert SegmentCourt_WrongPhase(dispute, uint8(d.phase), uint8(phase));
    }

    function _matterOf(address caller) private view returns (Matter matter) {
        for (; address(_toldOf(matter)) != caller; matter = Matter(uint8(matter) + 1)) {
            if (matter == Matter.WORD) revert SegmentCourt_NotClient(caller);
        }
    }

    /// @dev Who acts on a ruling.
    function _toldOf(Matter matter) private view returns (ICourtClient) {
        if (matter == Matter.WORK) return _client;
        if (matter == Matter.CAPTURE) return _captures;
        return matter == Matter.CALL ? _calls : matter == Matter.EPOCH ? _epochs : _words;
    }

    /// @dev Goes down one level, to the first children that differ.
    function _descend(DisputeId dispute, Dispute storage d, bytes32[16] calldata claims, bytes32[16] calldata others) private {
        d.descend(dispute, claims, others);
        if (d.level != 0) return;
        if (d.first == 0 && !d.computable) _arm(dispute, d);
        else d.phase = Phase.STATE;
    }

    /// @dev What a panel's votes come to: a ruling, the next panel, or after the last one nothing.
    function _count(DisputeId dispute, Dispute storage d, Panel storage p) private {
        Ruling ruling = (d.ruling = p.majority());
        if (ruling == Ruling.NONE && d.round < LAST_ROUND) _next(dispute, d);
        else _rule(dispute, d, ruling == Ruling.NONE ? Ruling.VOID : ruling, d.round == LAST_ROUND);
    }

    /// @dev Ends a case without a jury.
    function _decide(DisputeId dispute, Dispute storage d, Ruling ruling) private {
        (d.ruling, d.phase, d.claimNode) = (ruling, Phase.CLOSED, 0);

        emit CaseClosed(dispute, ruling, false, 0);
        _client.resolve(dispute, ruling, false);
    }

    /// @dev Lets a block that is not there yet draw the panel.
    function _arm(DisputeId dispute, Dispute storage d) private {
        uint40 drawBlock = uint40(block.number) + _drawDelay;
        (d.phase, d.mark) = (Phase.DRAWING, drawBlock);

        emit JuryArmed(dispute, d.round, drawBlock);
    }

    function _next(DisputeId dispute, Dispute storage d) private {
        ++d.round;
        _arm(dispute, d);
    }

    function _rule(DisputeId dispute, Dispute storage d, Ruling ruling, bool final_) private {
        uint40 until = uint40(block.timestamp) + (final_ ? 0 : _appealWindow);
        (d.phase, d.ruling, d.mark) = (Phase.RULED, ruling, until);

        emit CaseRuled(dispute, d.round, ruling, until);
    }

    /// @dev The jurors' and the callers' money; nothing is moved for nothing.
    function _release(address to, uint256 amount) private {
        if (amount != 0) _ledger.release(to, amount);
    }
}
