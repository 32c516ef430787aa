// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {IBeaconBook} from "./interfaces/IBeaconBook.sol";
import {ICaptureBounties} from "./interfaces/ICaptureBounties.sol";
import {ICoverageMap} from "./interfaces/ICoverageMap.sol";
import {IDeviceRegistry} from "./interfaces/IDeviceRegistry.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {Asks} from "./libraries/Asks.sol";
import {CellList} from "./libraries/CellList.sol";
import {Coverages} from "./libraries/Coverages.sol";
import {Asset, AssetKind} from "./types/Assets.sol";
import {
    Answer,
    AnswerId,
    AnswerStage,
    Ask,
    AskId,
    Backing,
    CaptureBounty,
    CaptureParams,
    Shown
} from "./types/Captures.sol";
import {Ruling} from "./types/Disputes.sol";
import {AssetId, TermsId} from "./types/Ids.sol";

/// @title Bounties for captures: see ICaptureBounties.
contract CaptureBounties is EIP712, ICaptureBounties {
    using Asks for CaptureBounty;

    bytes32 private constant ANSWER = "thenar.answer/1";
    bytes32 private constant DEVICE = keccak256("CaptureAnswer(uint32 bounty,bytes32 asset,address contributor)");
    /// @dev What is burnt lies in the Ledger account of an address nobody has the key of.
    address private constant NOBODY = 0x000000000000000000000000000000000000dEaD;
    uint32 private constant PASSED_OVER = 16; // answers by a settlement or closing

    ILedger private immutable _ledger;
    IAssetRegistry private immutable _registry;
    IDeviceRegistry private immutable _devices;
    ICoverageMap private immutable _map;
    IBeaconBook private immutable _beacons;
    address private immutable _disputes;
    uint96 private immutable _answerBond;
    uint96 private immutable _smallestBudget;
    uint40 private immutable _revealWindow;
    uint40 private immutable _challengeWindow;

    uint32 private _count;
    mapping(AskId bounty => CaptureBounty) private _bounties;
    mapping(AnswerId answer => Answer) private _answers;
    mapping(AssetId asset => AnswerId) private _answered;

    constructor(
        ILedger ledger,
        IAssetRegistry registry,
        IDeviceRegistry devices,
        ICoverageMap coverageMap,
        IBeaconBook beaconBook,
        address answerDisputes,
        CaptureParams memory captureParams
    ) EIP712("Thenar CaptureBounties", "1") {
        _ledger = ledger;
        _registry = registry;
        _devices = devices;
        _map = coverageMap;
        _beacons = beaconBook;
        _disputes = answerDisputes;
        _answerBond = captureParams.answerBond;
        _smallestBudget = captureParams.smallestBudget;
        _revealWindow = captureParams.revealWindow;
        _challengeWindow = captureParams.challengeWindow;
    }

    /* SPONSORING */

    /// @inheritdoc ICaptureBounties
    function post(Ask calldata ask) external returns (AskId bounty) {
        Asks.check(ask, _smallestBudget);

        bounty = AskId.wrap(++_count);
        _bounties[bounty].write(ask, msg.sender, _map);

        emit CapturesAsked(bounty, msg.sender, ask, uint40(block.timestamp));
        uint256 received = _ledger.collect(msg.sender, ask.budget);
        if (received < ask.budget) revert CaptureBounties_ShortPaid(received, ask.budget);
        if (received > ask.budget) _ledger.release(msg.sender, received - ask.budget);
    }

    /// @inheritdoc ICaptureBounties
    function close(AskId bounty) external {
        CaptureBounty storage kept = _open(bounty);
        if (block.timestamp < kept.deadline) revert CaptureBounties_TooEarly(kept.deadline);
        (uint32 next, uint32 count) = (_passed(bounty, kept, PASSED_OVER), kept.count);
        if (next != count) revert CaptureBounties_StillAnswered(bounty, next, count);

        uint96 rest = kept.left;
        (kept.closed, kept.left) = (true, 0);

        emit AskClosed(bounty, kept.sponsor, rest);
        _release(kept.sponsor, rest);
    }

    /* ANSWERING */

    /// @inheritdoc ICaptureBounties
    function commit(AskId bounty, bytes32 commitment) external returns (AnswerId answer) {
        CaptureBounty storage kept = _open(bounty);
        if (kept.sponsor == msg.sender) revert CaptureBounties_OwnAsk(bounty);
        if (block.timestamp >= kept.deadline) revert CaptureBounties_Ended(bounty);
        if (kept.left == 0) revert CaptureBounties_Full(bounty);

        answer = AnswerId.wrap(uint64(AskId.unwrap(bounty)) << 32 | kept.count++);
        uint256 bond = kept.bondAt(_answerBond, block.timestamp);
        uint40 until = uint40(block.timestamp) + _revealWindow;
        _answers[answer] = Answer(msg.sender, uint40(block.timestamp), until, AnswerStage.COMMITTED, commitment);

        emit AnswerCommitted(answer, msg.sender, commitment, bond, uint40(block.timestamp), until);
        _ledger.lock(msg.sender, bond);
    }

    /// @inheritdoc ICaptureBounties
    function reveal(AnswerId answer, Shown calldata shown, bytes32 salt, Backing calldata backing) external {
        Answer storage kept = _in(answer, AnswerStage.COMMITTED);
        if (block.timestamp >= kept.until) revert CaptureBounties_TooLate(kept.until);
        AskId bounty = _askOf(answer);
        address contributor = kept.contributor;
        bytes32 given = keccak256(abi.encode(ANSWER, block.chainid, address(this), bounty, contributor, shown, salt));
        if (given != kept.proof) revert CaptureBounties_WrongProof(answer);
        CaptureBounty storage asked = _bounties[bounty];
        asked.spotOf(shown); // reverts elsewhere
        _requireListed(asked, shown, backing.cell);
        _requireFresh(asked, shown.beacon, kept.committedAt);
        _requireAsset(shown.asset, contributor, asked.terms);
        if (shown.quality < asked.minQuality || shown.quality > Coverages.BP || shown.novelty == 0 || shown.novelty > Coverages.BP) {
            revert CaptureBounties_BadScore(shown.quality, shown.novelty);
        }
        _requireDevice(bounty, shown, contributor, asked.needsDevice, backing.device);

        uint40 until = uint40(block.timestamp) + _challengeWindow;
        (kept.stage, kept.until, kept.proof) = (AnswerStage.REVEALED, until, keccak256(abi.encode(shown)));
        _answered[shown.asset] = answer;

        emit AnswerRevealed(answer, shown.asset, shown, until);
    }

    /// @inheritdoc ICaptureBounties
    function settle(AnswerId answer, Shown calldata shown) external {
        Answer storage kept = _revealed(answer, shown);
        if (block.timestamp < kept.until) revert CaptureBounties_TooEarly(kept.until);
        AskId bounty = _askOf(answer);
        CaptureBounty storage asked = _bounties[bounty];
        uint32 next = _passed(bounty, asked, PASSED_OVER);
        if (next != uint32(AnswerId.unwrap(answer))) revert CaptureBounties_NotNext(answer, next);

        kept.stage = AnswerStage.SETTLED;
        asked.next = next + 1;
        (address contributor, uint40 time) = (kept.contributor, kept.committedAt);
        (uint64 before, uint64 covered) =
            _map.fill(asked.spotOf(shown), contributor, shown.device, uint16(uint256(shown.quality) * shown.novelty / Coverages.BP));
        uint256 paid = Math.min(asked.left, Coverages.worth(asked.priceAt(time), asked.target, before, covered));
        asked.left -= uint96(paid);

        emit AnswerSettled(answer, contributor, paid, before, covered);
        _ledger.release(contributor, asked.bondAt(_answerBond, time) + paid);
    }

    /// @inheritdoc ICaptureBounties
    function lapse(AnswerId answer) external {
        Answer storage kept = _in(answer, AnswerStage.COMMITTED);
        if (block.timestamp < kept.until) revert CaptureBounties_TooEarly(kept.until);

        kept.stage = AnswerStage.LAPSED;
        uint256 bond = _bondOf(answer, kept);

        emit AnswerLapsed(answer, msg.sender, bond);
        _release(msg.sender, bond / 2);
        _release(NOBODY, bond - bond / 2);
    }

    /// @inheritdoc ICaptureBounties
    function skip(AskId bounty, uint32 most) external {
        CaptureBounty storage kept = _open(bounty);
        kept.next = _passed(bounty, kept, most);
    }

    /* DISPUTES */

    /// @inheritdoc ICaptureBounties
    function hold(AnswerId answer, Shown calldata shown)
        external
        returns (address contributor, address sponsor, bytes32 rules)
    {
        _requireDisputes();
        Answer storage kept = _revealed(answer, shown);
        uint40 until = kept.until;
        if (block.timestamp >= until) revert CaptureBounties_TooLate(until);

        (kept.stage, kept.until) = (AnswerStage.DISPUTED, until - uint40(block.timestamp));
        CaptureBounty storage asked = _bounties[_askOf(answer)];
        return (kept.contributor, asked.sponsor, asked.rules);
    }

    /// @inheritdoc ICaptureBounties
    function carryOut(AnswerId answer, AssetId asset, Ruling ruling)
        external
        returns (address contributor, uint256 bond, uint40 until)
    {
        _requireDisputes();
        Answer storage kept = _in(answer, AnswerStage.DISPUTED);
        contributor = kept.contributor;
        if (ruling == Ruling.CLAIM) {
            until = uint40(block.timestamp) + kept.until;
            (kept.stage, kept.until) = (AnswerStage.REVEALED, until);
            return (contributor, 0, until);
        }
        bond = _bondOf(answer, kept);
        if (ruling == Ruling.OTHER) {
            kept.stage = AnswerStage.REFUTED;
            _ledger.move(msg.sender, bond);
        } else {
            kept.stage = AnswerStage.VOIDED;
            _answered[asset] = AnswerId.wrap(0);
            _ledger.release(contributor, bond);
        }
    }

    /* VIEWS */

    /// @inheritdoc ICaptureBounties
    function bountyOf(AskId bounty) external view returns (CaptureBounty memory) {
        return _known(bounty);
    }

    /// @inheritdoc ICaptureBounties
    function answerOf(AnswerId answer) external view returns (Answer memory) {
        return _answers[answer];
    }

    /// @inheritdoc ICaptureBounties
    function answerWith(AssetId asset) external view returns (AnswerId) {
        return _answered[asset];
    }

    /// @inheritdoc ICaptureBounties
    function since(AssetId asset) external view returns (uint256) {
        uint256 minted = _registry.assetOf(asset).mintedAt;
        AnswerId by = _answered[asset];
        return AnswerId.unwrap(by) == 0 ? minted : Math.min(minted, _answers[by].committedAt);
    }

    /// @inheritdoc ICaptureBounties
    function bondFor(AskId bounty, uint40 time) external view returns (uint256) {
        return _known(bounty).bondAt(_answerBond, time);
    }

    /// @inheritdoc ICaptureBounties
    function priceAt(AskId bounty, uint40 time) external view returns (uint256) {
        return _known(bounty).priceAt(time);
    }

    /// @inheritdoc ICaptureBounties
    function askCount() external view returns (uint32) {
        return _count;
    }

    /// @inheritdoc ICaptureBounties
    function parameters() external view returns (CaptureParams memory) {
        return CaptureParams(_answerBond, _smallestBudget, _revealWindow, _challengeWindow);
    }

    /* PRIVATE */

    function _known(AskId bounty) private view returns (CaptureBounty storage kept) {
        kept = _bounties[bounty];
        if (kept.sponsor == address(0)) revert CaptureBounties_Unknown(bounty);
    }

    function _open(AskId bounty) private view returns (CaptureBounty storage kept) {
        kept = _known(bounty);
        if (kept.closed) revert CaptureBounties_Closed(bounty);
    }

    function _requireDisputes() private view {
        if (msg.sender != _disputes) revert CaptureBounties_NotDisputes(msg.sender);
    }

    function _in(AnswerId answer, AnswerStage stage) private view returns (Answer storage kept) {
        kept = _answers[answer];
        if (kept.stage != stage) revert CaptureBounties_WrongStage(answer, uint8(kept.stage), uint8(stage));
    }

    function _revealed(AnswerId answer, Shown calldata shown) private view returns (Answer storage kept) {
        kept = _in(answer, AnswerStage.REVEALED);
        if (keccak256(abi.encode(shown)) != kept.proof) revert CaptureBounties_WrongProof(answer);
    }

    function _askOf(AnswerId answer) private pure returns (AskId) {
        return AskId.wrap(uint32(AnswerId.unwrap(answer) >> 32));
    }

    /// @dev The same as at the commitment: it depends on what never changes and on its time.
    function _bondOf(AnswerId answer, Answer storage kept) private view returns (uint256) {
        return _bounties[_askOf(answer)].bondAt(_answerBond, kept.committedAt);
    }

    /// @dev The place of the first answer that is not over, at most so many further on than the last one found.
    function _passed(AskId bounty, CaptureBounty storage kept, uint32 most) private view returns (uint32 next) {
        next = kept.next;
        uint64 first = uint64(AskId.unwrap(bounty)) << 32;
        for (uint32 i = 0; i < most && _answers[AnswerId.wrap(first | next)].stage >= AnswerStage.SETTLED; ++i) {
            ++next;
        }
    }

    function _requireAsset(AssetId asset, address contributor, TermsId terms) private view {
        Asset memory found = _registry.assetOf(asset);
        if (found.owner != contributor) revert CaptureBounties_NotOwner(asset, contributor);
        if (found.kind != AssetKind.CAPTURE) revert CaptureBounties_NotCapture(asset);
        if (TermsId.unwrap(terms) != 0 && found.terms != terms) revert CaptureBounties_WrongTerms(asset);
        AnswerId by = _answered[asset];
        if (AnswerId.unwrap(by) != 0) revert CaptureBounties_Answered(asset, by);
    }

    function _requireListed(CaptureBounty storage asked, Shown calldata shown, bytes32[] calldata siblings) private view {
        if (asked.isListed && !CellList.contains(asked.cells, shown.cell, siblings)) {
            revert CaptureBounties_Elsewhere(shown.cell, shown.level);
        }
    }

    /// @dev A beacon that is named was lit before the commitment, and no longer before it than the capture may be old.
    function _requireFresh(CaptureBounty storage asked, uint64 beacon, uint40 committedAt) private view {
        if (beacon == 0) {
            if (asked.needsGesture) revert CaptureBounties_NoGesture();
            return;
        }
        (uint40 litAt, uint40 most) = (_beacons.beaconOf(beacon).litAt, asked.maxAge);
        if (litAt == 0 || litAt > committedAt) revert CaptureBounties_BadBeacon(beacon, litAt);
        if (most != 0 && committedAt - litAt > most) revert CaptureBounties_TooOld(committedAt - litAt, most);
    }

    /// @dev A device vouches for an asset to one bounty and one contributor, and is good now.
    function _requireDevice(
        AskId bounty,
        Shown calldata shown,
        address contributor,
        bool isNeeded,
        bytes calldata signature
    ) private view {
        address device = shown.device;
        if (device == address(0) && !isNeeded) return;
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(DEVICE, bounty, shown.asset, contributor)));
        bool isGood = _devices.isGood(device, uint40(block.timestamp));
        if (!isGood || !SignatureChecker.isValidSignatureNowCalldata(device, digest, signature)) {
            revert CaptureBounties_BadDevice(device);
        }
    }

    function _release(address to, uint256 amount) private {
        if (amount != 0) _ledger.release(to, amount);
    }
}
