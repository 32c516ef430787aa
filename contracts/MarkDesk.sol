// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {ICovenants} from "./interfaces/ICovenants.sol";
import {IKeyExchange} from "./interfaces/IKeyExchange.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {IMarkDesk} from "./interfaces/IMarkDesk.sol";
import {AssetHead} from "./libraries/AssetHead.sol";
import {Likeness} from "./libraries/Likeness.sol";
import {MemberTree} from "./libraries/MemberTree.sol";
import {AssetId} from "./types/Ids.sol";
import {Stage} from "./types/Licenses.sol";
import {Leak, Mark, MarkEnd, MarkStage, MarkState, Sealing} from "./types/Marks.sol";

/// @title Marked copies and who finds them: see IMarkDesk.
contract MarkDesk is IMarkDesk {
    using AssetHead for uint256;

    bytes32 private constant MARK = "thenar.mark/1";
    uint256 private constant CHAPTERS = 16;
    /// @dev What is burnt lies in the Ledger account of an address nobody has the key of.
    address private constant BURNT = 0x000000000000000000000000000000000000dEaD;

    ILedger private immutable _ledger;
    IAssetRegistry private immutable _registry;
    IKeyExchange private immutable _exchange;
    ICovenants private immutable _covenants;
    uint40 private immutable _answerWindow;

    mapping(bytes32 markId => MarkState) private _marks;
    mapping(bytes32 markId => mapping(address finder => Sealing)) private _sealings;

    constructor(
        ILedger ledger,
        IAssetRegistry registry,
        IKeyExchange exchange,
        ICovenants covenants,
        uint40 answerWindow_
    ) {
        _ledger = ledger;
        _registry = registry;
        _exchange = exchange;
        _covenants = covenants;
        _answerWindow = answerWindow_;
    }

    /* AGREEMENT */

    /// @inheritdoc IMarkDesk
    function propose(Mark calldata mark) external returns (bytes32 markId) {
        address owner = _registry.headOf(mark.copy).ownerOf();
        if (mark.owner != msg.sender || owner != msg.sender) revert MarkDesk_NotOwner(mark.copy, owner, msg.sender);
        if (mark.buyer == address(0) || mark.buyer == msg.sender) revert MarkDesk_BadBuyer(mark.buyer);
        (uint96 stake, uint96 deposit,) = sharesOf(mark.bond);
        if (deposit == 0) revert MarkDesk_SmallBond(mark.bond);
        if (block.timestamp >= mark.until) revert MarkDesk_TooLate(mark.until);
        markId = _in(mark, MarkStage.None);

        _marks[markId].stage = MarkStage.Proposed;

        emit MarkProposed(markId, mark.copy, mark.buyer, mark);
        _ledger.lock(msg.sender, stake);
    }

    /// @inheritdoc IMarkDesk
    function recall(Mark calldata mark) external {
        bytes32 markId = _in(mark, MarkStage.Proposed);
        if (msg.sender != mark.owner && block.timestamp < mark.until) revert MarkDesk_TooEarly(mark.until);
        (uint96 stake,,) = sharesOf(mark.bond);

        _end(markId, MarkEnd.Recalled, address(0));
        _ledger.release(mark.owner, stake);
    }

    /// @inheritdoc IMarkDesk
    function accept(Mark calldata mark) external {
        bytes32 markId = _in(mark, MarkStage.Proposed);
        if (msg.sender != mark.buyer) revert MarkDesk_NotBuyer(mark.buyer, msg.sender);
        if (block.timestamp >= mark.until) revert MarkDesk_TooLate(mark.until);

        _marks[markId].stage = MarkStage.Held;

        emit MarkAccepted(markId);
        _ledger.lock(msg.sender, mark.bond);
    }

    /* LEAKS */

    /// @inheritdoc IMarkDesk
    function sealLeak(bytes32 markId, bytes32 commitment) external {
        _sealings[markId][msg.sender] = Sealing({commitment: commitment, inBlock: uint40(block.number)});

        emit LeakSealed(markId, msg.sender, commitment);
    }

    /// @inheritdoc IMarkDesk
    function showLeak(Mark calldata mark, Leak calldata leak) external {
        bytes32 markId = _in(mark, MarkStage.Held);
        MarkState storage state = _marks[markId];
        if (state.answerBy != 0) revert MarkDesk_Waiting(state.finder, state.answerBy);
        if (block.timestamp >= mark.until) revert MarkDesk_TooLate(mark.until);
        _requireSold(mark.copy, mark.buyer);
        if (!Likeness.isReading(leak.seen, leak.chapter)) revert MarkDesk_BadReading(leak.seen.length, leak.chapter);
        if (state.spent >> leak.chapter & 1 != 0) revert MarkDesk_Spent(leak.chapter);
        _requireSealed(markId, leak);

        uint40 answerBy = uint40(block.timestamp) + _answerWindow;
        (state.answerBy, state.finder, state.shown) = (answerBy, msg.sender, keccak256(abi.encode(msg.sender, leak)));

        emit LeakShown(markId, msg.sender, leak, answerBy);
        (, uint96 deposit,) = sharesOf(mark.bond);
        _ledger.lock(msg.sender, deposit);
    }

    /// @inheritdoc IMarkDesk
    function answer(Mark calldata mark, Leak calldata leak, bytes32 secret, bytes32[] calldata siblings) external {
        (bytes32 markId, address finder, uint40 answerBy) = _waiting(mark);
        if (block.timestamp >= answerBy) revert MarkDesk_TooLate(answerBy);
        bytes32 given = keccak256(abi.encode(finder, leak));
        if (given != _marks[markId].shown) revert MarkDesk_NotShown(_marks[markId].shown, given);
        if (!MemberTree.contains(mark.root, CHAPTERS, leak.chapter, keccak256(abi.encode(secret)), siblings)) {
            revert MarkDesk_WrongSecret(leak.chapter);
        }

        uint256 agreed = Likeness.agreeing(secret, leak.seen);
        if (Likeness.isClear(agreed, leak.seen.length)) _pay(markId, mark, finder);
        else _refute(markId, mark, leak.chapter, agreed);
    }

    /* WAYS OUT */

    /// @inheritdoc IMarkDesk
    function lapse(Mark calldata mark) external {
        (bytes32 markId, address finder, uint40 answerBy) = _waiting(mark);
        if (block.timestamp < answerBy) revert MarkDesk_TooEarly(answerBy);
        (uint96 stake, uint96 deposit,) = sharesOf(mark.bond);

        _end(markId, MarkEnd.Unanswered, finder);
        _ledger.release(finder, deposit);
        _ledger.release(mark.buyer, mark.bond);
        _ledger.release(BURNT, stake);
    }

    /// @inheritdoc IMarkDesk
    function release(Mark calldata mark) external {
        bytes32 markId = _in(mark, MarkStage.Held);
        if (block.timestamp < mark.until) revert MarkDesk_TooEarly(mark.until);
        MarkState storage state = _marks[markId];
        if (state.answerBy != 0) revert MarkDesk_Waiting(state.finder, state.answerBy);
        (uint96 stake,,) = sharesOf(mark.bond);

        _end(markId, MarkEnd.RanOut, address(0));
        _ledger.release(mark.buyer, mark.bond);
        _ledger.release(mark.owner, stake);
    }

    /* VIEWS */

    /// @inheritdoc IMarkDesk
    function markIdOf(Mark calldata mark) public view returns (bytes32) {
        return keccak256(abi.encode(MARK, block.chainid, address(this), mark));
    }

    /// @inheritdoc IMarkDesk
    function stateOf(bytes32 markId) external view returns (MarkState memory) {
        return _marks[markId];
    }

    /// @inheritdoc IMarkDesk
    function sharesOf(uint96 bond) public pure returns (uint96 stake, uint96 deposit, uint96 reward) {
        deposit = bond / 8;
        (stake, reward) = (deposit * 5, deposit * 3);
    }

    /// @inheritdoc IMarkDesk
    function answerWindow() external view returns (uint40) {
        return _answerWindow;
    }

    /* PRIVATE */

    /// @dev A mark's id; it must stand there.
    function _in(Mark calldata mark, MarkStage stage) private view returns (bytes32 markId) {
        markId = markIdOf(mark);
        MarkStage actual = _marks[markId].stage;
        if (actual != stage) revert MarkDesk_WrongStage(markId, uint8(actual));
    }

    /// @dev A mark with a leak that waits for an answer, or has waited in vain.
    function _waiting(Mark calldata mark) private view returns (bytes32 markId, address finder, uint40 answerBy) {
        markId = _in(mark, MarkStage.Held);
        (finder, answerBy) = (_marks[markId].finder, _marks[markId].answerBy);
        if (answerBy == 0) revert MarkDesk_NotShown(0, 0);
    }

    /// @dev The caller committed to exactly this, in an earlier block: what he shows cannot be somebody else's shown just now.
    function _requireSealed(bytes32 markId, Leak calldata leak) private view {
        Sealing memory sealing = _sealings[markId][msg.sender];
        bytes32 given = keccak256(abi.encode(markId, msg.sender, leak));
        if (sealing.commitment != given) revert MarkDesk_NotCommitted(sealing.commitment, given);
        if (block.number <= sealing.inBlock) revert MarkDesk_TooEarly(uint256(sealing.inBlock) + 1);
    }

    /// @dev Now or ever: a license that ended, and a new sale in its place, change nothing about who had the copy.
    function _requireSold(AssetId copy, address buyer) private view {
        if (_exchange.saleOf(copy, buyer).stage == Stage.Settled) return;
        if (_covenants.formerOf(copy, buyer).soldSince == 0) revert MarkDesk_NotSold(copy, buyer);
    }

    /// @dev The one door to Ended.
    function _end(bytes32 markId, MarkEnd how, address finder) private {
        MarkState storage state = _marks[markId];
        (state.stage, state.end, state.answerBy) = (MarkStage.Ended, how, 0);

        emit MarkEnded(markId, how, finder);
    }

    /// @dev The bits are the mark's: the finder is paid, and what framing would cost is burnt.
    function _pay(bytes32 markId, Mark calldata mark, address finder) private {
        (uint96 stake, uint96 deposit, uint96 reward) = sharesOf(mark.bond);

        _end(markId, MarkEnd.Leaked, finder);
        _ledger.release(finder, deposit + reward);
        _ledger.release(mark.owner, deposit);
        _ledger.release(BURNT, mark.bond - reward + stake - deposit);
    }

    /// @dev The bits are not the mark's: the finder's deposit pays for the chapter that is known now.
    function _refute(bytes32 markId, Mark calldata mark, uint8 chapter, uint256 agreed) private {
        MarkState storage state = _marks[markId];
        address finder = state.finder;
        (state.spent, state.answerBy) = (state.spent | uint16(1 << chapter), 0);

        emit LeakRefuted(markId, finder, chapter, agreed);
        (, uint96 deposit,) = sharesOf(mark.bond);
        _ledger.release(mark.owner, deposit);
    }
}
