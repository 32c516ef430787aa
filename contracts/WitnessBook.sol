// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {ICaptureBounties} from "./interfaces/ICaptureBounties.sol";
import {IDeviceRegistry} from "./interfaces/IDeviceRegistry.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IWitnessBook} from "./interfaces/IWitnessBook.sol";
import {IWorkerPool} from "./interfaces/IWorkerPool.sol";
import {H3} from "./libraries/H3.sol";
import {Witnesses} from "./libraries/Witnesses.sol";
import {Answer, AnswerId, AnswerStage, AskId, CaptureBounty, Shown} from "./types/Captures.sol";
import {Ruling} from "./types/Disputes.sol";
import {AssetId} from "./types/Ids.sol";
import {NodeRecord, Roles} from "./types/Nodes.sol";
import {Attestation, Word, WordParams, WordStage} from "./types/Witnesses.sol";

/// @title Who has seen again what a capture shows: see IWitnessBook.
contract WitnessBook is EIP712, IWitnessBook {
    bytes32 private constant WORD =
        keccak256("Attestation(bytes32 capture,bytes32 scan,address witness,uint16 overlap,bytes laid,uint256 nonce)");
    uint256 private constant MOST_LAID = 4_096; // bytes
    uint8 private constant SPATIAL = 1; // modality
    uint8 private constant LAST_OPEN = 3; // class of place: sketches of streets, public interiors and semi-public places lie open

    IAssetRegistry private immutable _registry;
    INodeRegistry private immutable _nodes;
    IDeviceRegistry private immutable _devices;
    IWorkerPool private immutable _pool;
    ICaptureBounties private immutable _bounties;
    address private immutable _disputes;
    uint96 private immutable _stake;
    uint40 private immutable _window;

    mapping(AssetId capture => uint16) private _added; // to the trust nobody needs to speak for
    mapping(AssetId capture => mapping(address witness => Word)) private _words;
    mapping(bytes32 pair => uint32) private _counts;
    mapping(address witness => uint256) private _nonces;

    /// @param pool says who belongs together
    constructor(
        IAssetRegistry registry,
        INodeRegistry nodes,
        IDeviceRegistry devices,
        IWorkerPool pool,
        ICaptureBounties captureBounties,
        address wordDisputes,
        WordParams memory wordParams
    ) EIP712("Thenar WitnessBook", "1") {
        _registry = registry;
        _nodes = nodes;
        _devices = devices;
        _pool = pool;
        _bounties = captureBounties;
        _disputes = wordDisputes;
        (_stake, _window) = (wordParams.stake, wordParams.window);
    }

    /* WITNESSING */

    /// @inheritdoc IWitnessBook
    function lodge(Attestation calldata word, Shown calldata capture, Shown calldata scan, bytes calldata signature)
        external
        returns (uint16 weight)
    {
        _requireWord(word, signature);
        if (_words[word.capture][word.witness].stage != WordStage.NONE) {
            revert WitnessBook_Witnessed(word.capture, word.witness);
        }
        address contributor = _seenAgain(word, capture, scan);

        weight = _count(word.capture, word.witness, contributor);
        _keep(word, weight);

        _nodes.bind(word.witness, _stake);
    }

    /// @inheritdoc IWitnessBook
    function withdrawWords() external {
        uint256 nonce = ++_nonces[msg.sender];

        emit WordsWithdrawn(msg.sender, nonce);
    }

    /// @inheritdoc IWitnessBook
    function free(AssetId capture, address witness) external {
        Word storage kept = _in(capture, witness, WordStage.COUNTED);
        if (block.timestamp < kept.until) revert WitnessBook_TooEarly(kept.until);

        kept.stage = WordStage.FREED;

        emit WordFreed(capture, witness);
        _nodes.unbind(witness, _stake);
    }

    /* DISPUTES */

    /// @inheritdoc IWitnessBook
    function hold(Attestation calldata word) external returns (address contributor, bytes32 rules) {
        _requireDisputes();
        Word storage kept = _in(word.capture, word.witness, WordStage.COUNTED);
        if (kept.said != _digestOf(word)) revert WitnessBook_OtherWord(word.capture, word.witness);
        uint40 until = kept.until;
        if (block.timestamp >= until) revert WitnessBook_TooLate(until);
        (Answer memory first, CaptureBounty memory asked) = _answered(word.capture);
        bool isOpen = asked.modality == SPATIAL && asked.placeClass <= LAST_OPEN;
        if (!isOpen) revert WitnessBook_Sealed(word.capture);

        (kept.stage, kept.until) = (WordStage.DISPUTED, until - uint40(block.timestamp));

        return (first.contributor, asked.rules);
    }

    /// @inheritdoc IWitnessBook
    function carryOut(AssetId capture, address witness, Ruling ruling) external returns (uint96 stake, uint40 until) {
        _requireDisputes();
        Word storage kept = _in(capture, witness, WordStage.DISPUTED);
        if (ruling != Ruling.OTHER) {
            until = uint40(block.timestamp) + kept.until;
            (kept.stage, kept.until) = (WordStage.COUNTED, until);
            return (0, until);
        }

        uint16 weight = kept.weight;
        (kept.stage, kept.weight) = (WordStage.STRUCK, 0);
        _added[capture] -= weight;

        emit WordStruck(capture, witness, weight, trustOf(capture));
        return (_stake, 0);
    }

    /* VIEWS */

    /// @inheritdoc IWitnessBook
    function trustOf(AssetId capture) public view returns (uint16) {
        return uint16(Witnesses.ALONE + _added[capture]);
    }

    /// @inheritdoc IWitnessBook
    function weightOf(AssetId capture, address witness) external view returns (uint16) {
        return _words[capture][witness].weight;
    }

    /// @inheritdoc IWitnessBook
    function wordOf(AssetId capture, address witness) external view returns (Word memory) {
        return _words[capture][witness];
    }

    /// @inheritdoc IWitnessBook
    function wordsBetween(address one, address other) external view returns (uint32) {
        return _counts[Witnesses.pairOf(one, other)];
    }

    /// @inheritdoc IWitnessBook
    function nonceOf(address witness) external view returns (uint256) {
        return _nonces[witness];
    }

    /// @inheritdoc IWitnessBook
    function parameters() external view returns (WordParams memory) {
        return WordParams(_stake, _window);
    }

    /* PRIVATE */

    function _requireDisputes() private view {
        if (msg.sender != _disputes) revert WitnessBook_NotDisputes(msg.sender);
    }

    function _in(AssetId capture, address witness, WordStage stage) private view returns (Word storage kept) {
        kept = _words[capture][witness];
        if (kept.stage != stage) revert WitnessBook_WrongStage(capture, witness, uint8(kept.stage), uint8(stage));
    }

    function _digestOf(Attestation calldata word) private pure returns (bytes24) {
        return bytes24(keccak256(abi.encode(word)));
    }

    function _requireWord(Attestation calldata word, bytes calldata signature) private view {
        bool isBad = word.overlap == 0 || word.overlap > Witnesses.BP || word.laid.length > MOST_LAID;
        if (isBad) revert WitnessBook_BadWord(word.overlap, word.laid.length);
        address witness = word.witness;
        uint256 nonce = _nonces[witness];
        if (word.nonce != nonce) revert WitnessBook_WrongNonce(word.nonce, nonce);
        bytes32 said = keccak256(
            abi.encode(WORD, word.capture, word.scan, witness, word.overlap, keccak256(word.laid), nonce)
        );
        if (!SignatureChecker.isValidSignatureNowCalldata(witness, _hashTypedDataV4(said), signature)) {
            revert WitnessBook_BadSignature(witness);
        }
    }

    /// @dev Who answered with the capture, when the witness has answered with the scan, later and on his own account.
    function _seenAgain(Attestation calldata word, Shown calldata capture, Shown calldata scan)
        private
        view
        returns (address contributor)
    {
        (Answer memory first, CaptureBounty memory asked) = _paid(word.capture, capture);
        (Answer memory again, CaptureBounty memory askedAgain) = _paid(word.scan, scan);
        contributor = first.contributor;
        if (again.contributor != word.witness) revert WitnessBook_NotHis(word.scan, again.contributor);
        if (again.committedAt <= first.committedAt) revert WitnessBook_NotLater(word.scan, word.capture);
        if (!_isSamePlace(asked, capture, askedAgain, scan)) revert WitnessBook_Elsewhere(word.scan, word.capture);
        if (askedAgain.sponsor == contributor) revert WitnessBook_Involved(word.witness, word.capture);
        _requireApart(word, [contributor, asked.sponsor, _registry.ownerOfAsset(word.capture)], capture.device, scan.device);
    }

    /// @dev The answer an asset was paid in, and the bounty. Reverts when it was not, or not as is shown.
    function _paid(AssetId asset, Shown calldata shown)
        private
        view
        returns (Answer memory answer, CaptureBounty memory bounty)
    {
        (answer, bounty) = _answered(asset);
        bool isPaid = answer.stage == AnswerStage.SETTLED && shown.asset == asset;
        if (!isPaid || answer.proof != keccak256(abi.encode(shown))) revert WitnessBook_NotPaid(asset);
    }

    function _answered(AssetId asset) private view returns (Answer memory answer, CaptureBounty memory bounty) {
        AnswerId number = _bounties.answerWith(asset);
        answer = _bounties.answerOf(number);
        bounty = _bounties.bountyOf(AskId.wrap(uint32(AnswerId.unwrap(number) >> 32)));
    }

    /// @dev One cell holds the other, no more than a level apart, scored by the same rules. What is no place is not seen again.
    function _isSamePlace(
        CaptureBounty memory asked,
        Shown calldata capture,
        CaptureBounty memory askedAgain,
        Shown calldata scan
    ) private pure returns (bool) {
        if (asked.placeClass == 0 || asked.placeClass != askedAgain.placeClass) return false;
        if (asked.modality != askedAgain.modality || asked.rules != askedAgain.rules) return false;
        int256 apart = int256(capture.level) - scan.level;
        if (apart < -1 || apart > 1) return false;
        uint8 coarser = uint8(Math.min(asked.grain, askedAgain.grain));
        return H3.parent(capture.cell, coarser) == H3.parent(scan.cell, coarser);
    }

    /// @dev The witness has nothing to do with those people, and neither device is the other side's.
    function _requireApart(Attestation calldata word, address[3] memory people, address device, address his) private view {
        address witness = word.witness;
        address group = _pool.groupOf(witness);
        bool isInvolved = device != address(0) && (device == his || _devices.deviceOf(device).owner == witness);
        if (his != address(0) && _devices.deviceOf(his).owner == people[0]) isInvolved = true;
        for (uint256 i = 0; i < people.length; ++i) {
            if (_pool.groupOf(people[i]) == group) isInvolved = true; // everybody is of his own group
        }
        if (isInvolved) revert WitnessBook_Involved(witness, word.capture);
    }

    /// @dev The last word counts only as far as trust is missing.
    function _count(AssetId capture, address witness, address contributor) private returns (uint16 weight) {
        NodeRecord memory node = _nodes.nodeOf(witness);
        bytes32 pair = Witnesses.pairOf(witness, contributor);
        uint256 counts = Witnesses.weightOf(node.stake, _nodes.minimumStake(), _counts[pair]);
        if (node.roles & Roles.WITNESS == 0 || counts == 0) revert WitnessBook_NoWitness(witness);
        uint256 missing = Witnesses.BP - trustOf(capture);
        if (missing == 0) revert WitnessBook_Trusted(capture);

        weight = uint16(Math.min(counts, missing));
        _added[capture] += weight;
        ++_counts[pair];
    }

    function _keep(Attestation calldata word, uint16 weight) private {
        uint40 until = uint40(block.timestamp) + _window;
        _words[word.capture][word.witness] = Word(weight, until, WordStage.COUNTED, _digestOf(word));

        uint16 trust = trustOf(word.capture);
        emit Witnessed(word.capture, word.witness, word.scan, weight, trust, word.overlap, word.laid, until);
    }
}
