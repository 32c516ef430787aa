// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ILedger} from "./interfaces/ILedger.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IStorageProofs} from "./interfaces/IStorageProofs.sol";
import {Inclusion} from "./libraries/Inclusion.sol";
import {MemberTree} from "./libraries/MemberTree.sol";
import {PledgeTree} from "./libraries/PledgeTree.sol";
import {SumTree} from "./libraries/SumTree.sol";
import {Roles} from "./types/Nodes.sol";
import {AnswerDemand, Pledge, Round, ShownAnswer, Standing} from "./types/Storage.sol";

/// @title Proofs of storage: see IStorageProofs.
contract StorageProofs is IStorageProofs {
    uint256 private constant CHALLENGES = 8;
    uint256 private constant LEAF = 1024;
    uint256 private constant GIB = 2 ** 20; // leaves
    uint256 private constant MAPPED = 8; // rounds a standing remembers
    uint256 private constant MISSES = 3; // reported among those end the pledge
    uint96 private constant FINE = 10; // this part of the bond
    uint256 private constant SEEN = 256; // blocks whose hash the EVM still knows
    /// @dev What is burnt lies in the Ledger account of an address nobody has the key of.
    address private constant NOBODY = 0x000000000000000000000000000000000000dEaD;

    ILedger private immutable _ledger;
    INodeRegistry private immutable _nodes;
    uint40 private immutable _start;
    uint40 private immutable _length;
    uint40 private immutable _answerTime;
    uint40 private immutable _showTime;
    uint8 private immutable _drawDelay;
    uint96 private immutable _demandBond;
    uint96 private immutable _gibStake;

    mapping(address node => Standing) private _standings;
    mapping(address node => mapping(uint24 number => Pledge)) private _pledges;
    mapping(address node => bytes32) private _answers; // of the last round it answered
    mapping(uint24 round => Round) private _rounds;
    mapping(address node => mapping(uint24 round => mapping(uint8 place => AnswerDemand))) private _demands;

    /// @param roundLength seconds a round lasts; at least four times `answerTime`
    /// @param answerTime seconds to answer from the seed on
    /// @param showTime seconds to show a demanded answer; at most a round
    /// @param drawDelay blocks from opening a round to the block that seeds it
    /// @param demandBond pays a node for showing
    /// @param gibStake stake for every GiB begun
    constructor(
        ILedger ledger,
        INodeRegistry nodes,
        uint40 roundLength,
        uint40 answerTime,
        uint40 showTime,
        uint8 drawDelay,
        uint96 demandBond,
        uint96 gibStake
    ) {
        if (answerTime == 0 || roundLength / 4 < answerTime || roundLength < showTime) {
            revert StorageProofs_BadTimes(roundLength, answerTime, showTime);
        }

        _ledger = ledger;
        _nodes = nodes;
        _start = uint40(block.timestamp);
        _length = roundLength;
        _answerTime = answerTime;
        _showTime = showTime;
        _drawDelay = drawDelay;
        _demandBond = demandBond;
        _gibStake = gibStake;

        emit StorageTerms(_start, roundLength, answerTime, showTime, demandBond, gibStake);
    }

    /* WHAT IS HELD */

    /// @inheritdoc IStorageProofs
    function pledge(bytes32 root, uint48 leaves, uint8 depth) external {
        if (_nodes.nodeOf(msg.sender).roles & Roles.STORE == 0) revert StorageProofs_NotStore(msg.sender);
        if (root == 0 || leaves == 0) revert StorageProofs_NothingPledged(msg.sender);
        if (depth > SumTree.MAX_DEPTH) revert StorageProofs_TooDeep(depth);
        Standing memory standing = _standings[msg.sender];
        if (standing.until != 0) revert StorageProofs_Leaving(msg.sender, standing.until);
        uint24 since = currentRound() + 1;
        uint96 bond = bondFor(leaves);
        uint96 added = bond > standing.bond ? bond - standing.bond : 0;

        if (standing.since != since) ++standing.pledges; // otherwise it takes the place of one that is not asked about yet
        if (standing.first == 0) standing.first = since;
        standing.since = since;
        standing.bond += added;
        _standings[msg.sender] = standing;
        _pledges[msg.sender][standing.pledges] = Pledge(root, leaves, depth);

        emit StoragePledged(msg.sender, root, leaves, depth, standing.pledges, since, standing.bond);
        if (added != 0) _nodes.bind(msg.sender, added);
    }

    /// @inheritdoc IStorageProofs
    function retire() external {
        Standing storage standing = _standings[msg.sender];
        if (standing.first == 0) revert StorageProofs_NothingPledged(msg.sender);
        if (standing.until != 0) revert StorageProofs_Leaving(msg.sender, standing.until);

        uint24 until = currentRound() + 1;
        standing.until = until;

        emit StorageRetired(msg.sender, until);
    }

    /// @inheritdoc IStorageProofs
    function free(address node) external {
        Standing memory standing = _standings[node];
        if (standing.until == 0) revert StorageProofs_NothingPledged(node);
        if (currentRound() <= standing.until) revert StorageProofs_NotOver(standing.until);
        if (standing.demands != 0) revert StorageProofs_DemandsOpen(node, standing.demands);

        delete _standings[node];
        _standings[node].pledges = standing.pledges; // numbers are never used again: a demand names one

        emit StorageFreed(node, standing.bond);
        if (standing.bond != 0) _nodes.unbind(node, standing.bond);
    }

    /* ROUNDS */

    /// @inheritdoc IStorageProofs
    function openRound() external {
        uint24 number = currentRound();
        Round storage round = _rounds[number];
        uint64 named = round.seedBlock;
        if (round.answerBy != 0) revert StorageProofs_Seeded(number);
        if (named != 0 && block.number <= named + SEEN) revert StorageProofs_RoundOpen(number, named);
        if (_elapsed() >= _length / 4) revert StorageProofs_TooLate(number);

        uint64 seedBlock = uint64(block.number) + _drawDelay;
        round.seedBlock = seedBlock;

        emit RoundOpened(number, seedBlock);
    }

    /// @inheritdoc IStorageProofs
    function seedRound() external {
        uint24 number = currentRound();
        Round memory round = _rounds[number];
        if (round.seedBlock == 0) revert StorageProofs_NotOpen(number);
        if (round.answerBy != 0) revert StorageProofs_Seeded(number);
        if (block.number <= round.seedBlock) revert StorageProofs_TooEarly(round.seedBlock);
        if (_elapsed() >= _length / 2) revert StorageProofs_TooLate(number);
        bytes32 seed = blockhash(round.seedBlock);
        if (seed == 0) revert StorageProofs_SeedLost(number, round.seedBlock);

        uint40 answerBy = uint40(block.timestamp) + _answerTime;
        _rounds[number] = Round(seed, round.seedBlock, answerBy);

        emit RoundSeeded(number, seed, answerBy);
    }

    /// @inheritdoc IStorageProofs
    function answer(bytes32 answers) external {
        uint24 round = currentRound();
        uint40 answerBy = _rounds[round].answerBy;
        if (answers == 0) revert StorageProofs_NoAnswer();
        if (answerBy == 0) revert StorageProofs_NotSeeded(round);
        if (block.timestamp >= answerBy) revert StorageProofs_TooLate(round);
        Standing memory standing = _standings[msg.sender];
        _requirePledged(msg.sender, standing, round);
        _advance(standing, round);
        if (standing.answered & 1 == 1) revert StorageProofs_Answered(msg.sender, round);

        standing.answered |= 1;
        _standings[msg.sender] = standing;
        _answers[msg.sender] = answers;

        emit StorageAnswered(msg.sender, round, answers);
    }

    /// @inheritdoc IStorageProofs
    function reportMiss(address node, uint24 round) external {
        uint24 current = currentRound();
        if (round > current || round + MAPPED <= current) revert StorageProofs_TooLate(round);
        uint40 answerBy = _rounds[round].answerBy;
        if (answerBy == 0) revert StorageProofs_NotSeeded(round);
        if (block.timestamp < answerBy) revert StorageProofs_NotOver(round);
        Standing memory standing = _standings[node];
        _requirePledged(node, standing, round);
        _advance(standing, current);
        uint8 bit = uint8(1 << (current - round));
        if (standing.answered & bit != 0) revert StorageProofs_Answered(node, round);
        if (standing.missed & bit != 0) revert StorageProofs_Reported(node, round);

        standing.missed |= bit;
        uint8 misses = _ones(standing.missed);
        uint96 fine = misses < MISSES ? 0 : standing.bond / FINE;
        if (misses >= MISSES && standing.until == 0) standing.until = current;
        standing.bond -= fine;
        _standings[node] = standing;

        emit AnswerMissed(node, round, msg.sender, misses, fine);
        _share(node, msg.sender, fine);
    }

    /* DISPUTES */

    /// @inheritdoc IStorageProofs
    function demand(address node, uint8 place) external {
        if (place >= CHALLENGES) revert StorageProofs_NoPlace(place);
        uint24 round = currentRound();
        Standing storage standing = _standings[node];
        if (standing.latest != round || standing.answered & 1 == 0) revert StorageProofs_NotAnswered(node, round);
        AnswerDemand storage asked = _demands[node][round][place];
        if (asked.by != address(0)) revert StorageProofs_AlreadyDemanded(node, round, place);

        uint40 showBy = uint40(block.timestamp) + _showTime;
        bytes32 answers = _answers[node];
        asked.answers = answers;
        asked.by = msg.sender;
        asked.showBy = showBy;
        asked.pledge = standing.since <= round ? standing.pledges : standing.pledges - 1;
        ++standing.demands;

        emit AnswerDemanded(node, round, place, msg.sender, answers, showBy);
        _ledger.lock(msg.sender, _demandBond);
    }

    /// @inheritdoc IStorageProofs
    function show(address node, uint24 round, uint8 place, ShownAnswer calldata shown) external {
        AnswerDemand memory asked = _asked(node, round, place);
        if (block.timestamp >= asked.showBy) revert StorageProofs_ShowTimeOver(asked.showBy);
        _requireAnswer(node, _rounds[round].seed, place, asked, shown);

        _close(node, round, place);

        emit AnswerShown(node, round, place);
        _ledger.release(node, _demandBond);
    }

    /// @inheritdoc IStorageProofs
    function convict(address node, uint24 round, uint8 place) external {
        AnswerDemand memory asked = _asked(node, round, place);
        if (block.timestamp < asked.showBy) revert StorageProofs_StillTime(asked.showBy);

        _close(node, round, place);
        Standing storage standing = _standings[node];
        uint96 taken = standing.bond;
        standing.bond = 0;
        if (standing.until == 0) standing.until = currentRound();

        emit StorageConvicted(node, round, place, asked.by, taken);
        _ledger.release(asked.by, _demandBond);
        _share(node, asked.by, taken);
    }

    /* VIEWS */

    /// @inheritdoc IStorageProofs
    function currentRound() public view returns (uint24) {
        return uint24((block.timestamp - _start) / _length) + 1;
    }

    /// @inheritdoc IStorageProofs
    function roundOf(uint24 round) external view returns (Round memory) {
        return _rounds[round];
    }

    /// @inheritdoc IStorageProofs
    function standingOf(address node) external view returns (Standing memory) {
        return _standings[node];
    }

    /// @inheritdoc IStorageProofs
    function pledgeOf(address node, uint24 number) external view returns (Pledge memory) {
        return _pledges[node][number];
    }

    /// @inheritdoc IStorageProofs
    function answersOf(address node) external view returns (bytes32) {
        return _answers[node];
    }

    /// @inheritdoc IStorageProofs
    function demandOf(address node, uint24 round, uint8 place) external view returns (AnswerDemand memory) {
        return _demands[node][round][place];
    }

    /// @inheritdoc IStorageProofs
    function bondFor(uint48 leaves) public view returns (uint96) {
        return uint96(_gibStake * ((leaves + GIB - 1) / GIB));
    }

    /// @inheritdoc IStorageProofs
    function terms() external view returns (uint40, uint40, uint40, uint40, uint96) {
        return (_start, _length, _answerTime, _showTime, _demandBond);
    }

    /* PRIVATE */

    /// @dev Seconds since the running round began.
    function _elapsed() private view returns (uint256) {
        return (block.timestamp - _start) % _length;
    }

    function _requirePledged(address node, Standing memory standing, uint24 round) private pure {
        bool begun = standing.first != 0 && standing.first <= round;
        if (!begun || (standing.until != 0 && round >= standing.until)) revert StorageProofs_NotPledged(node, round);
    }

    /// @dev Brings a standing's maps up to a round.
    function _advance(Standing memory standing, uint24 round) private pure {
        uint256 rounds = round - standing.latest;
        standing.answered = uint8(uint256(standing.answered) << rounds);
        standing.missed = uint8(uint256(standing.missed) << rounds);
        standing.latest = round;
    }

    function _ones(uint8 map) private pure returns (uint8 count) {
        for (; map != 0; map &= map - 1) {
            ++count;
        }
    }

    function _asked(address node, uint24 round, uint8 place) private view returns (AnswerDemand memory asked) {
        asked = _demands[node][round][place];
        if (asked.showBy == 0) revert StorageProofs_NotDemanded(node, round, place);
    }

    /// @dev Ends a demand; `by` stays, so that what was shown is not demanded again.
    function _close(address node, uint24 round, uint8 place) private {
        _demands[node][round][place].showBy = 0;
        --_standings[node].demands;
    }

    /// @dev Reverts unless the shown leaf is the challenged one, held under the pledge, and gives the answer that was given.
    function _requireAnswer(
        address node,
        bytes32 seed,
        uint8 place,
        AnswerDemand memory asked,
        ShownAnswer calldata shown
    ) private view {
        uint256 length = shown.leaf.length;
        bool last = shown.leaves == uint256(shown.index) + 1;
        if (length == 0 || length > LEAF || (length < LEAF && !last)) revert StorageProofs_BadLeaf(length);
        Pledge memory held = _pledges[node][asked.pledge];
        uint256 position = PledgeTree.positionOf(seed, node, place, held.leaves);
        if (!PledgeTree.holds(held.root, held.leaves, held.depth, shown, position)) {
            revert StorageProofs_NotAtPosition(position);
        }
        bytes32 leaf = sha256(abi.encodePacked(uint8(0), shown.leaf));
        if (!Inclusion.contains(shown.replica, leaf, shown.index, shown.leaves, shown.path)) {
            revert StorageProofs_NotInReplica(shown.replica, shown.index);
        }
        bytes32 given = PledgeTree.answerOf(seed, node, place, shown.leaf);
        if (!MemberTree.contains(asked.answers, CHALLENGES, place, given, shown.beside)) {
            revert StorageProofs_OtherAnswer(place, given);
        }
    }

    /// @dev Takes `sum` of a node's bond: half is whose word it was, the rest is burnt.
    function _share(address node, address to, uint96 sum) private {
        if (sum == 0) return;
        _nodes.seize(node, sum);
        _ledger.release(to, sum / 2);
        _ledger.release(NOBODY, sum - sum / 2);
    }
}
