// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAnswerDisputes} from "./interfaces/IAnswerDisputes.sol";
import {ICaptureBounties} from "./interfaces/ICaptureBounties.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ICourtClient, ISegmentCourt} from "./interfaces/ISegmentCourt.sol";
import {Verdicts} from "./libraries/Verdicts.sol";
import {AnswerDispute, AnswerId, Charge, Shown} from "./types/Captures.sol";
import {DisputeId, Opening, Ruling} from "./types/Disputes.sol";
import {AssetId} from "./types/Ids.sol";

/// @title Disputes about answers to capture bounties: see IAnswerDisputes.
contract AnswerDisputes is IAnswerDisputes {
    /// @dev What is burnt lies in the Ledger account of an address nobody has the key of.
    address private constant NOBODY = 0x000000000000000000000000000000000000dEaD;
    uint256 private constant MOST_WITNESS = 4_096; // bytes

    ILedger private immutable _ledger;
    ICaptureBounties private immutable _bounties;
    ISegmentCourt private immutable _court;
    uint96 private immutable _challengeBond;

    mapping(DisputeId dispute => AnswerDispute) private _disputes;

    /// @param captureChallengeBond of a challenge
    constructor(ILedger ledger, ICaptureBounties captureBounties, ISegmentCourt segmentCourt, uint96 captureChallengeBond) {
        _ledger = ledger;
        _bounties = captureBounties;
        _court = segmentCourt;
        _challengeBond = captureChallengeBond;
    }

    /// @inheritdoc IAnswerDisputes
    function challenge(AnswerId answer, Shown calldata shown, Charge calldata charge) external returns (DisputeId dispute) {
        _requireCharge(shown, charge);
        bool isCopy = AssetId.unwrap(charge.prior) != 0;
        if (isCopy && _bounties.since(charge.prior) >= _bounties.since(shown.asset)) {
            revert AnswerDisputes_NotOlder(charge.prior, shown.asset);
        }

        Opening memory opening;
        (opening.claimant, opening.requester, opening.classId) = _bounties.hold(answer, shown);
        (opening.other, opening.unit) = (msg.sender, AnswerId.unwrap(answer));
        opening.spec = keccak256(abi.encode(answer, shown, charge));
        bytes32 charged = Verdicts.leafOf(charge.quality, charge.novelty);
        dispute = Verdicts.open(_court, opening, Verdicts.leafOf(shown.quality, shown.novelty), charged);
        _disputes[dispute] = AnswerDispute(answer, msg.sender, shown.asset);

        emit AnswerDisputed(dispute, answer, msg.sender, shown, charge, _challengeBond);
        _ledger.lock(msg.sender, _challengeBond);
    }

    /// @inheritdoc ICourtClient
    function resolve(DisputeId dispute, Ruling ruling, bool judged) external returns (uint96 fees) {
        if (msg.sender != address(_court)) revert AnswerDisputes_NotCourt(msg.sender);
        AnswerDispute memory record = _disputes[dispute];
        if (record.challenger == address(0)) revert AnswerDisputes_Unknown(dispute);

        delete _disputes[dispute];
        (address winner, uint256 pot, uint40 until) = _bounties.carryOut(record.answer, record.asset, ruling);
        if (ruling == Ruling.CLAIM) {
            pot = _challengeBond;
        } else {
            _ledger.release(record.challenger, _challengeBond);
            if (ruling == Ruling.OTHER) winner = record.challenger;
            else pot = 0; // has gone back
        }
        (uint256 toWinner, uint256 toJurors) = (pot / 2, judged ? pot / 4 : 0);

        emit AnswerJudged(dispute, record.answer, ruling, toWinner, toJurors, pot - toWinner - toJurors, until);
        _release(winner, toWinner);
        _release(NOBODY, pot - toWinner - toJurors);
        if (toJurors != 0) _ledger.move(msg.sender, toJurors);
        return uint96(toJurors); // a quarter of a bond
    }

    /* VIEWS */

    /// @inheritdoc IAnswerDisputes
    function disputeOf(DisputeId dispute) external view returns (AnswerDispute memory) {
        return _disputes[dispute];
    }

    /// @inheritdoc IAnswerDisputes
    function challengeBond() external view returns (uint96) {
        return _challengeBond;
    }

    /* PRIVATE */

    /// @dev A charge lowers the score by a fifth at least; without a prior only the quality.
    function _requireCharge(Shown calldata shown, Charge calldata charge) private pure {
        bool isBad = charge.quality > shown.quality || charge.novelty > shown.novelty || charge.witness.length > MOST_WITNESS;
        if (isBad || (AssetId.unwrap(charge.prior) == 0 && charge.novelty != shown.novelty)) revert AnswerDisputes_BadCharge();
        (uint256 charged, uint256 claimed) = (uint256(charge.quality) * charge.novelty, uint256(shown.quality) * shown.novelty);
        if (5 * charged > 4 * claimed) revert AnswerDisputes_TooClose(charged, claimed);
    }

    function _release(address to, uint256 amount) private {
        if (amount != 0) _ledger.release(to, amount);
    }
}
