// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {ILedger} from "./interfaces/ILedger.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IWorkerPool} from "./interfaces/IWorkerPool.sol";
import {Member, Seat} from "./types/Compute.sol";
import {Roles} from "./types/Nodes.sol";

/// @title Who works, audits and judges in which determinism class: see IWorkerPool.
/// @dev A class's seats are one array without holes. Every operator's own seats are numbered from 0, and where each of them stands is
///      kept, so that one leaves in a fixed number of steps: the last of the array takes its place.
contract WorkerPool is IWorkerPool {
    using Checkpoints for Checkpoints.Trace208;

    /// @dev What a draw goes by.
    struct Lot {
        bytes32 classId;
        bytes32 seed;
        uint40 before;
        uint256 length; // places there were before
    }

    /// @dev How many places a class has. One slot.
    struct Length {
        uint48 since; // unix seconds
        uint208 length;
    }

    uint256 private constant MOST_SEATS = 64; // of an operator in a class
    uint256 private constant TRIES = 8; // per juror to draw
    uint256 private constant AUDITOR_TRIES = 32; // no claim goes unaudited by bad luck
    uint32 private constant PROBATION = 10;
    uint256 private constant ALL = 10_000;
    uint96 private constant ABSENCE = 20; // this part of a seat's stake is the fine for staying away

    ILedger private immutable _ledger;
    INodeRegistry private immutable _nodes;
    uint96 private immutable _seatStake;
    uint40 private immutable _notice;

    mapping(address judge => bool) private _judges;
    mapping(bytes32 classId => Length) private _lengths; // how many places there are
    mapping(bytes32 classId => Checkpoints.Trace208) private _earlier; // how many there were before that, by time
    mapping(bytes32 classId => mapping(uint256 place => Seat)) private _seats; // below the latest length, without holes
    mapping(bytes32 classId => mapping(address operator => mapping(uint256 number => uint256 place))) private _places;
    mapping(bytes32 classId => mapping(address operator => Member)) private _members;
    mapping(address operator => address) private _leaders; // 0: himself
    mapping(address operator => address) private _asked;
    mapping(address leader => uint256) private _led;
    mapping(address operator => uint256) private _seated; // seats in all classes, leaving ones too

    /// @param seatStake_ settlement token units that a seat binds
    /// @param seatNotice seconds a resigned seat's stake stays bound: longer than anything it may have been drawn for
    /// @param judges contracts whose word counts: the bounties, their disputes and the court
    constructor(ILedger ledger, INodeRegistry nodes, uint96 seatStake_, uint40 seatNotice, address[] memory judges) {
        _ledger = ledger;
        _nodes = nodes;
        _seatStake = seatStake_;
        _notice = seatNotice;
        for (uint256 i = 0; i < judges.length; ++i) {
            _judges[judges[i]] = true;
        }
    }

    /* SEATS */

    /// @inheritdoc IWorkerPool
    function enlist(bytes32 classId, bytes32 probe, uint32 seats) external {
        if (classId == 0) revert WorkerPool_NoClass();
        uint16 roles = _nodes.nodeOf(msg.sender).roles;
        if (roles & Roles.COMPUTE == 0) revert WorkerPool_NotWorker(msg.sender);
        if (seats != 0 && roles & Roles.JUROR == 0) revert WorkerPool_NotJuror(msg.sender);
        Member memory member = _members[classId][msg.sender];
        uint256 total = uint256(member.seats) + member.leaving + seats;
        if (total > MOST_SEATS) revert WorkerPool_TooManySeats(total, MOST_SEATS);

        uint256 length = seatsOf(classId);
        for (uint32 i = 0; i < seats; ++i) {
            _places[classId][msg.sender][member.seats] = length;
            _seats[classId][length++] = Seat(msg.sender, uint40(block.timestamp), member.seats++);
        }
        if (member.enlistedAt == 0) member.enlistedAt = uint40(block.timestamp);
        _members[classId][msg.sender] = member;
        if (seats != 0) {
            _seated[msg.sender] += seats;
            _noteLength(classId, length);
        }

        emit Enlisted(msg.sender, classId, probe, seats, member.seats);
        if (seats != 0) _nodes.bind(msg.sender, _seatStake * seats);
    }

    /// @inheritdoc IWorkerPool
    function resign(bytes32 classId, uint32 seats) external {
        Member memory member = _members[classId][msg.sender];
        if (seats == 0 || seats > member.seats) revert WorkerPool_NotEnough(member.seats, seats);

        for (uint32 i = 0; i < seats; ++i) {
            _unseat(classId, msg.sender, --member.seats);
        }
        member.leaving += seats;
        member.freeAt = uint40(block.timestamp) + _notice;
        _members[classId][msg.sender] = member;

        emit Resigned(msg.sender, classId, member.seats, member.leaving, member.freeAt);
    }

    /// @inheritdoc IWorkerPool
    function freeSeats(address operator, bytes32 classId) external {
        Member storage member = _members[classId][operator];
        uint32 leaving = member.leaving;
        if (leaving == 0) revert WorkerPool_NothingLeaving(operator, classId);
        if (block.timestamp < member.freeAt) revert WorkerPool_StillBound(member.freeAt);

        member.leaving = 0;
        member.freeAt = 0;
        _seated[operator] -= leaving;

        emit SeatsFreed(operator, classId, leaving);
        _nodes.unbind(operator, _seatStake * leaving);
    }

    /* GROUPS */

    /// @inheritdoc IWorkerPool
    function joinGroup(address leader) external {
        if (leader == msg.sender || leader == address(0)) revert WorkerPool_OwnGroup(msg.sender);

        _asked[msg.sender] = leader;

        emit GroupAsked(msg.sender, leader);
    }

    /// @inheritdoc IWorkerPool
    function admit(address operator) external {
        if (_asked[operator] != msg.sender) revert WorkerPool_NotAsked(operator, msg.sender);
        if (_leaders[msg.sender] != address(0)) revert WorkerPool_NotLeader(msg.sender);
        if (_leaders[operator] != address(0)) revert WorkerPool_OwnGroup(operator);
        if (_led[operator] != 0) revert WorkerPool_Leads(operator, _led[operator]);

        delete _asked[operator];
        _leaders[operator] = msg.sender;
        ++_led[msg.sender];

        emit GroupJoined(operator, msg.sender);
    }

    /// @inheritdoc IWorkerPool
    function leaveGroup() external {
        address leader = _leaders[msg.sender];
        if (leader == address(0)) revert WorkerPool_NotAsked(msg.sender, leader);
        if (_seated[msg.sender] != 0) revert WorkerPool_HasSeats(msg.sender, _seated[msg.sender]);

        delete _leaders[msg.sender];
        --_led[leader];

        emit GroupJoined(msg.sender, msg.sender);
    }

    /* JUDGES */

    /// @inheritdoc IWorkerPool
    function credit(address operator, bytes32 classId) external {
        _requireJudge();
        Member storage member = _members[classId][operator];

        uint32 score = member.score + 1;
        member.score = score;

        emit ScoreChanged(operator, classId, score, false);
    }

    /// @inheritdoc IWorkerPool
    function discredit(address operator, bytes32 classId) external {
        _requireJudge();
        Member storage member = _members[classId][operator];
        uint32 score = member.score;
        if (score == 0) return; // lost to faults already

        member.score = --score;

        emit ScoreChanged(operator, classId, score, false);
    }

    /// @inheritdoc IWorkerPool
    function fault(address operator, bytes32 classId) external {
        _requireJudge();
        Member storage member = _members[classId][operator];

        uint32 score = uint32(uint256(member.score) * 2 / 3);
        member.score = score;
        member.convictedAt = uint40(block.timestamp);

        emit ScoreChanged(operator, classId, score, true);
    }

    /// @inheritdoc IWorkerPool
    function unseat(address operator, bytes32 classId, bool convicted) external returns (uint96 taken) {
        _requireJudge();
        Member memory member = _members[classId][operator];
        if (member.seats == 0 && member.leaving == 0) return 0;

        if (member.seats != 0) _unseat(classId, operator, --member.seats);
        else --member.leaving;
        _members[classId][operator] = member;
        --_seated[operator];
        taken = convicted ? _seatStake : _seatStake / ABSENCE;

        emit SeatLost(operator, classId, convicted, taken, member.seats, member.leaving);
        _nodes.seize(operator, taken);
        if (taken != _seatStake) _nodes.unbind(operator, _seatStake - taken);
        _ledger.move(msg.sender, taken);
    }

    /* VIEWS */

    /// @inheritdoc IWorkerPool
    function draw(bytes32 classId, bytes32 seed, uint256 n, uint40 before, address[] calldata parties)
        external
        view
        returns (address[] memory)
    {
        Lot memory lot = Lot(classId, seed, before, _lengthBefore(classId, before));
        address[] memory found = new address[](n);
        address[] memory barred = _groupsOf(parties, n);
        uint256 count = 0;
        for (uint256 i = 0; count < n && i < TRIES * n; ++i) {
            (address operator, address group) = _seatBy(lot, i);
            if (operator == address(0) || _among(barred, parties.length + count, group)) continue;
            barred[parties.length + count] = group;
            found[count++] = operator;
        }
        return _firstOf(found, count);
    }

    /// @inheritdoc IWorkerPool
    function drawAuditor(
        bytes32 classId,
        bytes32 seed,
        address worker,
        address requester,
        uint16 jobBps,
        uint40 before
    ) external view returns (address auditor, uint16 bps) {
        auditor = _drawApart(classId, seed, before, groupOf(worker), groupOf(requester));
        bps = auditBps(worker, classId, jobBps);
    }

    /// @inheritdoc IWorkerPool
    function auditBps(address operator, bytes32 classId, uint16 jobBps) public view returns (uint16) {
        uint256 score = _members[classId][operator].score;
        return score < PROBATION ? uint16(ALL) : uint16(Math.max(jobBps, 2 * ALL / score));
    }

    /// @inheritdoc IWorkerPool
    function memberOf(address operator, bytes32 classId) external view returns (Member memory) {
        return _members[classId][operator];
    }

    /// @inheritdoc IWorkerPool
    function groupOf(address operator) public view returns (address) {
        address leader = _leaders[operator];
        return leader == address(0) ? operator : leader;
    }

    /// @inheritdoc IWorkerPool
    function seatsOf(bytes32 classId) public view returns (uint256) {
        return _lengths[classId].length;
    }

    /// @inheritdoc IWorkerPool
    function seatAt(bytes32 classId, uint256 place) external view returns (Seat memory) {
        return _seats[classId][place];
    }

    /// @inheritdoc IWorkerPool
    function seatStake() external view returns (uint96) {
        return _seatStake;
    }

    /// @inheritdoc IWorkerPool
    function notice() external view returns (uint40) {
        return _notice;
    }

    /* PRIVATE */

    function _requireJudge() private view {
        if (!_judges[msg.sender]) revert WorkerPool_NotJudge(msg.sender);
    }

    /// @dev Seats taken later stand behind these or in places of seats that were given up: however many there are, they crowd out
    ///      nobody.
    function _lengthBefore(bytes32 classId, uint40 before) private view returns (uint256 length) {
        Length memory latest = _lengths[classId];
        length = latest.length;
        if (latest.since >= before && before != 0) length = Math.min(length, _earlier[classId].upperLookupRecent(before - 1));
    }

    function _noteLength(bytes32 classId, uint256 length) private {
        Length memory latest = _lengths[classId];
        _earlier[classId].push(latest.since, latest.length); // a second one of the same second takes the first one's place

        _lengths[classId] = Length(uint48(block.timestamp), uint208(length));
    }

    /// @dev Takes an operator's highest numbered seat out of a class's array.
    function _unseat(bytes32 classId, address operator, uint256 number) private {
        mapping(uint256 place => Seat) storage seats = _seats[classId];
        uint256 place = _places[classId][operator][number];
        uint256 end = seatsOf(classId) - 1;
        if (place != end) {
            Seat memory last = seats[end];
            seats[place] = last;
            _places[classId][last.operator][last.number] = place;
        }
        delete seats[end];
        delete _places[classId][operator][number];
        _noteLength(classId, end);
    }

    /// @dev Who sits where the seed's i-th try leads, and his group; nobody at an empty place and at one taken too late. Places are
    ///      drawn from the next power of two, so that seats given up meanwhile leave empty ones and move few.
    function _seatBy(Lot memory lot, uint256 i) private view returns (address operator, address group) {
        uint256 length = lot.length;
        uint256 mask = length < 2 ? 0 : (2 << Math.log2(length - 1)) - 1;
        uint256 place = uint256(keccak256(abi.encode(lot.seed, i))) & mask;
        if (place >= length) return (operator, group);
        Seat storage seat = _seats[lot.classId][place];
        if (seat.since < lot.before) return (seat.operator, groupOf(seat.operator));
    }

    /// @dev The first whom a seed draws of neither group.
    function _drawApart(bytes32 classId, bytes32 seed, uint40 before, address his, address its) private view returns (address) {
        Lot memory lot = Lot(classId, seed, before, _lengthBefore(classId, before));
        for (uint256 i = 0; i < AUDITOR_TRIES; ++i) {
            (address operator, address group) = _seatBy(lot, i);
            if (operator != address(0) && group != his && group != its) return operator;
        }
        return address(0);
    }

    /// @dev The groups of `parties`, with room for `more`.
    function _groupsOf(address[] calldata parties, uint256 more) private view returns (address[] memory groups) {
        groups = new address[](parties.length + more);
        for (uint256 i = 0; i < parties.length; ++i) {
            groups[i] = groupOf(parties[i]);
        }
    }

    function _firstOf(address[] memory all, uint256 count) private pure returns (address[] memory some) {
        if (count == all.length) return all;
        some = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            some[i] = all[i];
        }
    }

    function _among(address[] memory groups, uint256 count, address group) private pure returns (bool) {
        for (uint256 i = 0; i < count; ++i) {
            if (groups[i] == group) return true;
        }
        return false;
    }
}
