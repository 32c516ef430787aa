// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ILedger} from "./interfaces/ILedger.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {ICourtClient, ISegmentCourt} from "./interfaces/ISegmentCourt.sol";
import {IWitnessBook} from "./interfaces/IWitnessBook.sol";
import {IWordDisputes} from "./interfaces/IWordDisputes.sol";
import {Verdicts} from "./libraries/Verdicts.sol";
import {DisputeId, Opening, Ruling} from "./types/Disputes.sol";
import {Attestation, WordDispute} from "./types/Witnesses.sol";

/// @title Disputes about words of witnesses: see IWordDisputes.
contract WordDisputes is IWordDisputes {
    bytes32 private constant OVERLAP = "thenar.overlap/1";
    /// @dev What is burnt lies in the Ledger account of an address nobody has the key of.
    address private constant NOBODY = 0x000000000000000000000000000000000000dEaD;
    uint256 private constant VOID_PART = 10; // of a bond is lost when nobody can say who is right

    ILedger private immutable _ledger;
    INodeRegistry private immutable _nodes;
    IWitnessBook private immutable _book;
    ISegmentCourt private immutable _court;
    uint96 private immutable _bond;

    mapping(DisputeId dispute => WordDispute) private _disputes;

    /// @param accusationBond of an accusation
    constructor(
        ILedger ledger,
        INodeRegistry nodes,
        IWitnessBook witnessBook,
        ISegmentCourt segmentCourt,
        uint96 accusationBond
    ) {
        _ledger = ledger;
        _nodes = nodes;
        _book = witnessBook;
        _court = segmentCourt;
        _bond = accusationBond;
    }

    /// @inheritdoc IWordDisputes
    function accuse(Attestation calldata word, uint16 charged) external returns (DisputeId dispute) {
        if (5 * uint256(charged) > 4 * uint256(word.overlap)) revert WordDisputes_TooClose(charged, word.overlap);

        Opening memory opening;
        (opening.requester, opening.classId) = _book.hold(word);
        (opening.claimant, opening.other) = (word.witness, msg.sender);
        opening.spec = keccak256(abi.encode(word, charged));
        dispute = Verdicts.open(_court, opening, _leafOf(word.overlap), _leafOf(charged));
        _disputes[dispute] = WordDispute(word.capture, word.witness, msg.sender);

        emit WordAccused(dispute, word.capture, word.witness, msg.sender, charged, _bond);
        _ledger.lock(msg.sender, _bond);
    }

    /// @inheritdoc ICourtClient
    function resolve(DisputeId dispute, Ruling ruling, bool judged) external returns (uint96 fees) {
        if (msg.sender != address(_court)) revert WordDisputes_NotCourt(msg.sender);
        WordDispute memory found = _disputes[dispute];
        if (found.accuser == address(0)) revert WordDisputes_Unknown(dispute);

        delete _disputes[dispute];
        (uint96 stake, uint40 until) = _book.carryOut(found.capture, found.witness, ruling);
        bool isDecided = ruling == Ruling.CLAIM || ruling == Ruling.OTHER;
        uint256 pot = ruling == Ruling.OTHER ? stake : isDecided ? _bond : _bond / VOID_PART;
        (uint256 toWinner, uint256 toJurors) = isDecided ? (pot / 2, judged ? pot / 4 : 0) : (0, 0);
        uint256 burnt = pot - toWinner - toJurors;

        emit WordJudged(dispute, found.capture, found.witness, ruling, toWinner, toJurors, burnt, until);
        if (stake != 0) _nodes.seize(found.witness, stake);
        uint256 back = ruling == Ruling.OTHER ? _bond + toWinner : _bond - pot;
        _release(found.accuser, back);
        if (ruling == Ruling.CLAIM) _release(found.witness, toWinner);
        _release(NOBODY, burnt);
        if (toJurors != 0) _ledger.move(msg.sender, toJurors);
        return uint96(toJurors); // a quarter of a bond or a stake
    }

    /* VIEWS */

    /// @inheritdoc IWordDisputes
    function disputeOf(DisputeId dispute) external view returns (WordDispute memory) {
        return _disputes[dispute];
    }

    /// @inheritdoc IWordDisputes
    function wordBond() external view returns (uint96) {
        return _bond;
    }

    /* PRIVATE */

    /// @dev What a juror votes for. Twin: node/thenar/domain/bounty/witnessing.py.
    function _leafOf(uint16 overlap) private pure returns (bytes32) {
        return keccak256(abi.encode(OVERLAP, overlap));
    }

    function _release(address to, uint256 amount) private {
        if (amount != 0) _ledger.release(to, amount);
    }
}
