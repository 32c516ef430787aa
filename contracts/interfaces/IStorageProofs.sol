// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AnswerDemand, Pledge, Round, ShownAnswer, Standing} from "../types/Storage.sol";

/// @title Nodes prove day by day that they still hold what they say.
/// @notice A node freezes a root over all the replicas it holds. A later block seeds each round; its hash asks every node for eight
///         leaves of all it pledged. The node answers with one root over its eight answers; an answer is spelled out only when
///         somebody demands to see it. So a round costs a node the same whether it holds a megabyte or a terabyte.
/// @dev Rounds are numbered from 1. A round is opened in its first quarter, seeded before its half is over, answered within
///      `answerTime` of the seed, and its answers can be demanded until it ends. A round that nobody opens asks for nothing.
///      No answer is no reward; the third reported miss among eight rounds, and each further one, costs a tenth of the bond
///      and ends the pledge; an answer that
///      is demanded and not shown costs all of it. Half of what is lost goes to who reported or demanded, the rest is burnt.
///      What a pledge is over is not looked at here: peers work out the root from the ReplicaBook, and reward no other.
interface IStorageProofs {
    /// @notice The terms of this deployment: when round 1 began, seconds a round lasts, to answer, and to show; the bond of a demand and
    ///         the stake for every GiB begun.
    event StorageTerms(
        uint40 start, uint40 length, uint40 answerTime, uint40 showTime, uint96 demandBond, uint96 gibStake
    );
    /// @notice A node says what it holds from round `since` on.
    event StoragePledged(
        address indexed node, bytes32 root, uint48 leaves, uint8 depth, uint24 number, uint24 since, uint96 bond
    );
    /// @notice A node pledges nothing from round `until` on.
    event StorageRetired(address indexed node, uint24 until);
    /// @notice What was left of a node's bond is free.
    event StorageFreed(address indexed node, uint96 bond);
    /// @notice A round is open; the hash of `seedBlock` will be its seed.
    event RoundOpened(uint24 indexed round, uint64 seedBlock);
    /// @notice A round asks its questions.
    event RoundSeeded(uint24 indexed round, bytes32 seed, uint40 answerBy);
    /// @notice A node answered a round.
    event StorageAnswered(address indexed node, uint24 indexed round, bytes32 answers);
    /// @notice A node did not answer a round. `fine` is not 0 when it was one miss too many, which ends the pledge.
    event AnswerMissed(address indexed node, uint24 indexed round, address reporter, uint8 misses, uint96 fine);
    /// @notice Somebody wants to see one of a node's answers.
    event AnswerDemanded(
        address indexed node, uint24 indexed round, uint8 place, address by, bytes32 answers, uint40 showBy
    );
    /// @notice The answer was right.
    event AnswerShown(address indexed node, uint24 indexed round, uint8 place);
    /// @notice The answer was not shown. `taken` is what the node lost; 0 when it had lost all before.
    event StorageConvicted(address indexed node, uint24 indexed round, uint8 place, address by, uint96 taken);

    error StorageProofs_BadTimes(uint40 roundLength, uint40 answerTime, uint40 showTime);
    error StorageProofs_NotStore(address caller);
    error StorageProofs_NothingPledged(address node);
    error StorageProofs_TooDeep(uint8 depth);
    error StorageProofs_Leaving(address node, uint24 until);
    error StorageProofs_NotOver(uint24 round);
    error StorageProofs_DemandsOpen(address node, uint8 demands);
    error StorageProofs_RoundOpen(uint24 round, uint64 seedBlock);
    error StorageProofs_NotOpen(uint24 round);
    error StorageProofs_TooEarly(uint64 block_);
    error StorageProofs_TooLate(uint24 round);
    error StorageProofs_SeedLost(uint24 round, uint64 seedBlock);
    error StorageProofs_Seeded(uint24 round);
    error StorageProofs_NotSeeded(uint24 round);
    error StorageProofs_NotPledged(address node, uint24 round);
    error StorageProofs_NoAnswer();
    error StorageProofs_Answered(address node, uint24 round);
    error StorageProofs_NotAnswered(address node, uint24 round);
    error StorageProofs_Reported(address node, uint24 round);
    error StorageProofs_NoPlace(uint8 place);
    error StorageProofs_AlreadyDemanded(address node, uint24 round, uint8 place);
    error StorageProofs_NotDemanded(address node, uint24 round, uint8 place);
    error StorageProofs_ShowTimeOver(uint40 showBy);
    error StorageProofs_StillTime(uint40 showBy);
    error StorageProofs_BadLeaf(uint256 length);
    error StorageProofs_NotAtPosition(uint256 position);
    error StorageProofs_NotInReplica(bytes32 replica, uint48 index);
    error StorageProofs_OtherAnswer(uint8 place, bytes32 answer);

    /* WHAT IS HELD */

    /// @notice Freezes what the caller holds, from the next round on; the running round still asks for what was pledged before. Binds
    ///         stake for every GiB begun; a smaller pledge gives none back before the node retires.
    /// @param root of the tree of PledgeTree over all replicas
    /// @param leaves of 1,024 bytes in all of them
    /// @param depth of the tree, at most 20
    function pledge(bytes32 root, uint48 leaves, uint8 depth) external;

    /// @notice Ends the caller's pledge with the running round.
    function retire() external;

    /// @notice Frees what is left of a node's bond, a round after its pledge ended and once no demand is open. Anyone may.
    function free(address node) external;

    /* ROUNDS */

    /// @notice Names the block that will seed the running round. Again when its hash was lost.
    function openRound() external;

    /// @notice Draws the running round's seed from the block that was named, within 256 blocks of it.
    function seedRound() external;

    /// @notice Answers the running round.
    /// @param answers root of the tree over the eight answers
    function answer(bytes32 answers) external;

    /// @notice Says that a node did not answer: the running round, or one of the seven before it.
    function reportMiss(address node, uint24 round) external;

    /* DISPUTES */

    /// @notice Demands to see one of the answers a node gave in the running round, and lays down what pays it for the gas.
    /// @param place 0 to 7
    function demand(address node, uint8 place) external;

    /// @notice Shows a demanded answer. Anyone may send it; the demander's bond is the node's.
    function show(address node, uint24 round, uint8 place, ShownAnswer calldata shown) external;

    /// @notice Convicts a node that did not show in time. Anyone may.
    function convict(address node, uint24 round, uint8 place) external;

    /* VIEWS */

    /// @notice The round that is running.
    function currentRound() external view returns (uint24);

    function roundOf(uint24 round) external view returns (Round memory);

    function standingOf(address node) external view returns (Standing memory);

    function pledgeOf(address node, uint24 number) external view returns (Pledge memory);

    /// @notice The root a node answered with last.
    function answersOf(address node) external view returns (bytes32);

    function demandOf(address node, uint24 round, uint8 place) external view returns (AnswerDemand memory);

    /// @notice Stake that a pledge of so many leaves binds.
    function bondFor(uint48 leaves) external view returns (uint96);

    /// @notice When round 1 began, unix seconds; seconds a round lasts, to answer, and to show; the bond of a demand.
    function terms() external view returns (uint40 start, uint40 length, uint40 answerTime, uint40 showTime, uint96 demandBond);
}
