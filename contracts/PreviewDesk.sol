// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {IPreviewDesk} from "./interfaces/IPreviewDesk.sol";
import {BadLeaf} from "./libraries/BadLeaf.sol";
import {SaleSlot} from "./libraries/SaleSlot.sol";
import {Sampling} from "./libraries/Sampling.sol";
import {Secp256k1} from "./libraries/Secp256k1.sol";
import {AssetCommitment} from "./types/Assets.sol";
import {AssetId} from "./types/Ids.sol";
import {LeafOpening} from "./types/Leaves.sol";
import {Stage} from "./types/Licenses.sol";
import {OpenedKeys, Preview, Reveal} from "./types/Previews.sol";

/// @title Previews of sealed assets: see IPreviewDesk.
/// @dev A running preview is one word, as a running sale is (SaleSlot): Open means asked, Delivered means opened.
contract PreviewDesk is IPreviewDesk {
    using SaleSlot for uint256;

    bytes32 private constant PREVIEW = "thenar.preview/1";
    bytes32 private constant WRAP = "thenar.wrap/1";
    uint256 private constant MAX_COUNT = 256;
    uint256 private constant HASHES = 256; // newest blocks whose hash the EVM can read
    uint8 private constant PAID = 1;
    uint8 private constant REFUTED = 2;
    uint8 private constant EXPIRED = 3;

    ILedger private immutable _ledger;
    IAssetRegistry private immutable _registry;
    uint40 private immutable _disputeWindow;
    uint96 private immutable _previewBond;

    mapping(AssetId asset => mapping(address challenger => uint256 slot)) private _previews;

    /// @param previewBond_ part of every bond that does not depend on the fee: what a dispute costs in gas, so that a lie about a
    ///        preview that was free of charge costs something too
    constructor(ILedger ledger, IAssetRegistry registry, uint40 disputeWindow_, uint96 previewBond_) {
        _ledger = ledger;
        _registry = registry;
        _disputeWindow = disputeWindow_;
        _previewBond = previewBond_;
    }

    /* PREVIEW */

    /// @inheritdoc IPreviewDesk
    function challengePreview(
        AssetCommitment calldata commitment,
        uint16 count,
        uint96 fee,
        uint256 keyX,
        uint256 keyY
    ) external returns (bytes32 previewId) {
        if (!Secp256k1.isPoint(keyX, keyY)) revert PreviewDesk_BadPoint(keyX, keyY);
        Preview memory preview;
        preview.asset = AssetId.wrap(keccak256(abi.encode(commitment)));
        if (commitment.cipherRoot == 0) revert PreviewDesk_NothingSealed(preview.asset);
        uint256 chunks = BadLeaf.chunkCount(commitment.size);
        bool drawable = count <= chunks && count <= MAX_COUNT && chunks <= type(uint32).max;
        if (count == 0 || !drawable) revert PreviewDesk_BadCount(count, chunks);
        (preview.seller,,,,) = _registry.saleInfo(preview.asset);
        if (preview.seller == msg.sender) revert PreviewDesk_OwnAsset(msg.sender);
        if (_previews[preview.asset][msg.sender] != 0) revert PreviewDesk_AlreadyRunning(preview.asset, msg.sender);
        (preview.challenger, preview.keyX, preview.keyY) = (msg.sender, keyX, keyY);
        (preview.askedIn, preview.chunks, preview.count, preview.fee) = (uint64(block.number), uint32(chunks), count, fee);

        previewId = keccak256(abi.encode(PREVIEW, block.chainid, address(this), preview));
        _previews[preview.asset][msg.sender] = SaleSlot.running(Stage.Open, 0, previewId);

        emit PreviewAsked(previewId, preview.asset, msg.sender, preview);
        if (fee == 0) return previewId;
        uint256 received = _ledger.collect(msg.sender, fee);
        if (received != fee) revert PreviewDesk_ShortPaid(received, fee);
    }

    /// @inheritdoc IPreviewDesk
    function openPreview(Preview calldata preview, OpenedKeys calldata opened) external {
        bytes32 previewId = _asked(preview);
        if (msg.sender != preview.seller) revert PreviewDesk_NotSeller(preview.seller, msg.sender);
        bytes32 seed = seedOf(preview);
        if (seed == 0) revert PreviewDesk_NoSeed(preview.askedIn + 1);
        if (seed != opened.seed) revert PreviewDesk_WrongSeed(seed, opened.seed);
        if (opened.wrapped.length != preview.count) revert PreviewDesk_WrongCount(opened.wrapped.length, preview.count);
        if (!Secp256k1.isPoint(opened.ephemeralX, opened.ephemeralY)) {
            revert PreviewDesk_BadPoint(opened.ephemeralX, opened.ephemeralY);
        }

        uint40 deadline = uint40(block.timestamp) + _disputeWindow;
        _previews[preview.asset][preview.challenger] =
            SaleSlot.running(Stage.Delivered, deadline, keccak256(abi.encode(previewId, opened)));

        emit PreviewOpened(previewId, preview.asset, preview.challenger, opened, deadline);
        _ledger.lock(preview.seller, bondFor(preview.fee));
    }

    /// @inheritdoc IPreviewDesk
    function closePreview(Preview calldata preview, OpenedKeys calldata opened) external {
        (bytes32 previewId, uint40 deadline) = _opened(preview, opened);
        if (block.timestamp < deadline) revert PreviewDesk_TooEarly(deadline);

        _end(previewId, preview, PAID);
        _pay(preview.seller, preview.fee + bondFor(preview.fee));
    }

    /* WAYS OUT */

    /// @inheritdoc IPreviewDesk
    function expirePreview(Preview calldata preview) external {
        bytes32 previewId = _asked(preview);
        uint256 from = uint256(preview.askedIn) + HASHES + 2;
        if (block.number < from) revert PreviewDesk_TooEarly(from);

        _end(previewId, preview, EXPIRED);
        _pay(preview.challenger, preview.fee);
    }

    /// @inheritdoc IPreviewDesk
    function disputePreview(
        Preview calldata preview,
        OpenedKeys calldata opened,
        AssetCommitment calldata commitment,
        Reveal calldata reveal,
        LeafOpening calldata leaf
    ) external {
        (bytes32 previewId, uint40 deadline) = _opened(preview, opened);
        if (msg.sender != preview.challenger) revert PreviewDesk_NotChallenger(preview.challenger, msg.sender);
        if (block.timestamp >= deadline) revert PreviewDesk_TooLate(deadline);
        AssetId committed = AssetId.wrap(keccak256(abi.encode(commitment)));
        if (committed != preview.asset) revert PreviewDesk_WrongCommitment(preview.asset, committed);
        if (reveal.position >= preview.count) revert PreviewDesk_WrongCount(reveal.position, preview.count);
        uint256 drawn = Sampling.numberAt(opened.seed, preview.chunks, reveal.position);
        if (drawn != leaf.chunk) revert PreviewDesk_WrongChunk(drawn, leaf.chunk);
        bytes32 chunkKey = _handedOver(previewId, preview, opened, reveal);
        if (!BadLeaf.isBad(commitment, chunkKey, leaf)) revert PreviewDesk_LeafIsGood(leaf.chunk, leaf.place);

        _end(previewId, preview, REFUTED);
        _pay(preview.challenger, preview.fee + bondFor(preview.fee));
    }

    /* VIEWS */

    /// @inheritdoc IPreviewDesk
    function seedOf(Preview calldata preview) public view returns (bytes32) {
        bytes32 drawn = blockhash(uint256(preview.askedIn) + 1);
        return drawn == 0 ? drawn : keccak256(abi.encode(drawn, previewIdOf(preview)));
    }

    /// @inheritdoc IPreviewDesk
    function chunkAt(bytes32 seed, uint32 chunks, uint16 position) external pure returns (uint32) {
        if (position >= chunks) revert PreviewDesk_BadCount(position, chunks);
        return uint32(Sampling.numberAt(seed, chunks, position));
    }

    /// @inheritdoc IPreviewDesk
    function bondFor(uint96 fee) public view returns (uint256) {
        return uint256(_previewBond) + fee;
    }

    /// @inheritdoc IPreviewDesk
    function previewOf(AssetId asset, address challenger) external view returns (uint8 stage, uint40 deadline, bytes32 kept) {
        uint256 slot = _previews[asset][challenger];
        return (uint8(slot.stageOf()), slot.deadlineOf(), SaleSlot.cut(bytes32(slot)));
    }

    /// @inheritdoc IPreviewDesk
    function previewIdOf(Preview calldata preview) public view returns (bytes32) {
        return keccak256(abi.encode(PREVIEW, block.chainid, address(this), preview));
    }

    /// @inheritdoc IPreviewDesk
    function disputeWindow() external view returns (uint40) {
        return _disputeWindow;
    }

    /* PRIVATE */

    /// @dev The key at a position: whoever knows the one-time secret can show what was put under it.
    function _handedOver(bytes32 previewId, Preview calldata preview, OpenedKeys calldata opened, Reveal calldata reveal)
        private
        pure
        returns (bytes32)
    {
        if (!Secp256k1.isProduct(reveal.secret, Secp256k1.GX, Secp256k1.GY, preview.keyX, preview.keyY)) {
            revert PreviewDesk_WrongSecret();
        }
        if (!Secp256k1.isProduct(reveal.secret, opened.ephemeralX, opened.ephemeralY, reveal.sharedX, reveal.sharedY)) {
            revert PreviewDesk_WrongSharedPoint();
        }
        bytes32 context = keccak256(abi.encode(previewId, uint256(reveal.position)));
        return opened.wrapped[reveal.position] ^ keccak256(abi.encode(WRAP, context, reveal.sharedX));
    }

    /// @dev A preview's id. It must be asked and not opened.
    function _asked(Preview calldata preview) private view returns (bytes32 previewId) {
        previewId = previewIdOf(preview);
        _requireAgreed(preview, Stage.Open, previewId, previewId);
    }

    /// @dev A preview's id and deadline. It must be opened with exactly these keys.
    function _opened(Preview calldata preview, OpenedKeys calldata opened)
        private
        view
        returns (bytes32 previewId, uint40 deadline)
    {
        previewId = previewIdOf(preview);
        deadline = _requireAgreed(preview, Stage.Delivered, previewId, keccak256(abi.encode(previewId, opened)));
    }

    function _requireAgreed(Preview calldata preview, Stage stage, bytes32 previewId, bytes32 given)
        private
        view
        returns (uint40 deadline)
    {
        uint256 slot = _previews[preview.asset][preview.challenger];
        if (slot.stageOf() != stage) revert PreviewDesk_WrongStage(previewId, uint8(slot.stageOf()));
        (bytes32 kept, bytes32 cut) = (SaleSlot.cut(bytes32(slot)), SaleSlot.cut(given));
        if (cut != kept) revert PreviewDesk_WrongPreview(kept, cut);
        return slot.deadlineOf();
    }

    /// @dev The one door out. A new preview gets a new id, because this one was asked in an earlier block.
    function _end(bytes32 previewId, Preview calldata preview, uint8 how) private {
        delete _previews[preview.asset][preview.challenger];

        emit PreviewEnded(previewId, preview.asset, preview.challenger, how);
    }

    function _pay(address to, uint256 amount) private {
        if (amount != 0) _ledger.release(to, amount);
    }
}
