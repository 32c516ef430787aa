// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICallDisputes} from "./interfaces/ICallDisputes.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {IReflexDesk} from "./interfaces/IReflexDesk.sol";
import {ICourtClient, ISegmentCourt} from "./interfaces/ISegmentCourt.sol";
import {Floats} from "./libraries/Floats.sol";
import {Verdicts} from "./libraries/Verdicts.sol";
import {AccusationId, Accusation, Accused, CallCase} from "./types/Calls.sol";
import {DisputeId, Opening, Ruling} from "./types/Disputes.sol";
import {AssetId} from "./types/Ids.sol";
import {SignedAnswer} from "./types/Reflex.sol";

/// @title Disputes about calls of a model: see ICallDisputes.
contract CallDisputes is ICallDisputes {
    bytes32 private constant CLASS = "thenar.reflex/1";
    bytes32 private constant NUMBER = "thenar.number/1";
    /// @dev What is burnt lies in the Ledger account of an address nobody has the key of.
    address private constant NOBODY = 0x000000000000000000000000000000000000dEaD;
    uint256 private constant MOST_OBSERVED = 4_096; // bytes
    uint256 private constant NUMBER_BYTES = 4;

    ILedger private immutable _ledger;
    IReflexDesk private immutable _desk;
    ISegmentCourt private immutable _court;
    uint96 private immutable _bond;
    uint40 private immutable _defenceWindow;

    mapping(AccusationId accusation => Accusation) private _accusations;
    mapping(DisputeId dispute => CallCase) private _cases;

    /// @param callBond of an accusation
    /// @param defenceWindow seconds to call a jury
    constructor(ILedger ledger, IReflexDesk reflexDesk, ISegmentCourt segmentCourt, uint96 callBond, uint40 defenceWindow) {
        _ledger = ledger;
        _desk = reflexDesk;
        _court = segmentCourt;
        _bond = callBond;
        _defenceWindow = defenceWindow;
    }

    /// @inheritdoc ICallDisputes
    function accuse(
        SignedAnswer calldata shown,
        bytes calldata observation,
        bytes calldata answer,
        uint16 place,
        bytes4 charged
    ) external returns (AccusationId accusation) {
        if (observation.length > MOST_OBSERVED) revert CallDisputes_BadObservation(observation.length, MOST_OBSERVED);
        _requireSigned(shown.observation, sha256(observation));
        _requireSigned(shown.answer, sha256(answer));
        uint256 begin = NUMBER_BYTES * place;
        if (begin + NUMBER_BYTES > answer.length) revert CallDisputes_NoPlace(place, answer.length);
        bytes4 claimed = bytes4(answer[begin:begin + NUMBER_BYTES]);
        if (!Floats.areApart(claimed, charged)) revert CallDisputes_TooClose(claimed, charged);
        Accused memory accused = Accused(
            shown.answers.node, shown.answers.model, shown.observation, shown.answer, place, claimed, charged
        );
        accusation = _idOf(accused);
        if (_accusations[accusation].accuser != address(0)) revert CallDisputes_AlreadyAccused(accusation);

        uint40 defendBy = uint40(block.timestamp) + _defenceWindow;
        _accusations[accusation] = Accusation(msg.sender, defendBy);

        emit CallAccused(accusation, msg.sender, accused, shown.answers.runtime, observation, _bond, defendBy);
        address client = _desk.hold(shown);
        if (client != address(0) && client != msg.sender) revert CallDisputes_NotClient(client, msg.sender);
        _ledger.lock(msg.sender, _bond);
    }

    /// @inheritdoc ICallDisputes
    function defend(Accused calldata accused) external returns (DisputeId dispute) {
        (AccusationId accusation, Accusation memory found) = _waiting(accused);
        if (block.timestamp >= found.defendBy) revert CallDisputes_TooLate(found.defendBy);

        _accusations[accusation].defendBy = 0;

        Opening memory opening;
        (opening.classId, opening.spec) = (classOf(accused.model), AccusationId.unwrap(accusation));
        (opening.claimant, opening.other, opening.requester) = (accused.node, found.accuser, found.accuser);
        bytes32 charged = _leafOf(accused.place, accused.charged);
        dispute = Verdicts.open(_court, opening, _leafOf(accused.place, accused.claimed), charged);
        _cases[dispute] = CallCase(accusation, accused.model, accused.node);

        emit CallDefended(accusation, dispute);
    }

    /// @inheritdoc ICallDisputes
    function condemn(Accused calldata accused) external {
        (AccusationId accusation, Accusation memory found) = _waiting(accused);
        if (block.timestamp < found.defendBy) revert CallDisputes_TooEarly(found.defendBy);

        delete _accusations[accusation];

        uint256 pot = _desk.convict(accused.node, accused.model);
        (uint256 toWinner, uint256 burnt) = (pot / 2, pot - pot / 2);
        emit CallJudged(
            accusation, DisputeId.wrap(0), accused.node, accused.model, Ruling.OTHER, toWinner, 0, burnt
        );
        _release(found.accuser, _bond + toWinner);
        _release(NOBODY, burnt);
    }

    /// @inheritdoc ICourtClient
    function resolve(DisputeId dispute, Ruling ruling, bool judged) external returns (uint96 fees) {
        if (msg.sender != address(_court)) revert CallDisputes_NotCourt(msg.sender);
        CallCase memory found = _cases[dispute];
        if (AccusationId.unwrap(found.accusation) == 0) revert CallDisputes_Unknown(dispute);
        address accuser = _accusations[found.accusation].accuser;

        delete _cases[dispute];
        delete _accusations[found.accusation];

        uint256 pot;
        if (ruling == Ruling.CLAIM) pot = _bond;
        if (ruling == Ruling.OTHER) pot = _desk.convict(found.node, found.model);
        (uint256 toWinner, uint256 toJurors) = (pot / 2, judged ? pot / 4 : 0);
        uint256 burnt = pot - toWinner - toJurors;

        emit CallJudged(found.accusation, dispute, found.node, found.model, ruling, toWinner, toJurors, burnt);
        _release(ruling == Ruling.CLAIM ? found.node : accuser, toWinner);
        if (ruling != Ruling.CLAIM) _release(accuser, _bond);
        _release(NOBODY, burnt);
        if (toJurors != 0) _ledger.move(msg.sender, toJurors);
        return uint96(toJurors); // a quarter of what fits a uint96
    }

    /* VIEWS */

    /// @inheritdoc ICallDisputes
    function accusationOf(AccusationId accusation) external view returns (Accusation memory) {
        return _accusations[accusation];
    }

    /// @inheritdoc ICallDisputes
    function caseOf(DisputeId dispute) external view returns (CallCase memory) {
        return _cases[dispute];
    }

    /// @inheritdoc ICallDisputes
    function classOf(AssetId model) public pure returns (bytes32) {
        return keccak256(abi.encode(CLASS, model));
    }

    /// @inheritdoc ICallDisputes
    function terms() external view returns (uint96, uint40) {
        return (_bond, _defenceWindow);
    }

    /* PRIVATE */

    /// @dev An accusation for which no jury is called yet.
    function _waiting(Accused calldata accused) private view returns (AccusationId accusation, Accusation memory found) {
        accusation = _idOf(accused);
        found = _accusations[accusation];
        if (found.defendBy == 0) revert CallDisputes_NotAccused(accusation);
    }

    function _requireSigned(bytes32 signed, bytes32 shown) private pure {
        if (signed != shown) revert CallDisputes_NotWhatWasSigned(signed, shown);
    }

    function _idOf(Accused memory accused) private pure returns (AccusationId) {
        return AccusationId.wrap(keccak256(abi.encode(accused)));
    }

    /// @dev What a juror votes for.
    function _leafOf(uint16 place, bytes4 number) private pure returns (bytes32) {
        return keccak256(abi.encode(NUMBER, place, number));
    }

    function _release(address to, uint256 amount) private {
        if (amount != 0) _ledger.release(to, amount);
    }
}
