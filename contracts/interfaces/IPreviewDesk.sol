// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetCommitment} from "../types/Assets.sol";
import {AssetId} from "../types/Ids.sol";
import {LeafOpening} from "../types/Leaves.sol";
import {OpenedKeys, Preview, Reveal} from "../types/Previews.sol";

/// @title Previews of sealed assets: some chunks, drawn by lot, are opened to somebody who thinks of buying.
/// @notice The challenger lays down a fee and names how many chunks he wants to see. The hash of the next block draws them, so
///         neither side chooses. The seller hands over the keys of exactly these chunks and lays down a bond; a key that does not
///         open what the asset promises costs him the bond, and the fee goes back.
/// @dev    None → Asked ──openPreview──► Opened ──closePreview after the window──► None (fee and bond to the seller)
///                  │                       └──disputePreview within the window──► None (fee and bond to the challenger)
///                  └──expirePreview once the block hash is out of reach──► None (fee back)
///         The preview id is keccak256(abi.encode(bytes32("thenar.preview/1"), block.chainid, address(this), Preview)).
///         One preview per asset and challenger at a time. Every exit but disputePreview can be taken by anyone; none can be paused.
///         Whoever proposes blocks can throw one away to draw again; that costs a block's reward, which is what a preview is worth at most.
interface IPreviewDesk {
    /// @notice A fee is held for this preview; the hash of block `preview.askedIn + 1` draws the chunks.
    event PreviewAsked(bytes32 indexed previewId, AssetId indexed asset, address indexed challenger, Preview preview);
    /// @notice The seller handed over the drawn chunks' keys; they can be disputed until `deadline`.
    event PreviewOpened(
        bytes32 indexed previewId, AssetId indexed asset, address indexed challenger, OpenedKeys opened, uint40 deadline
    );
    /// @notice The preview is over. `how`: 1 the seller was paid, 2 a false opening was shown, 3 never opened.
    event PreviewEnded(bytes32 indexed previewId, AssetId indexed asset, address indexed challenger, uint8 how);

    error PreviewDesk_BadPoint(uint256 x, uint256 y);
    error PreviewDesk_BadCount(uint256 count, uint256 chunks);
    error PreviewDesk_NothingSealed(AssetId asset);
    error PreviewDesk_OwnAsset(address seller);
    error PreviewDesk_AlreadyRunning(AssetId asset, address challenger);
    error PreviewDesk_ShortPaid(uint256 received, uint256 fee);
    error PreviewDesk_WrongStage(bytes32 previewId, uint8 actual);
    error PreviewDesk_WrongPreview(bytes32 expected, bytes32 given);
    error PreviewDesk_NotSeller(address seller, address caller);
    error PreviewDesk_NotChallenger(address challenger, address caller);
    error PreviewDesk_NoSeed(uint64 drawnIn);
    error PreviewDesk_WrongSeed(bytes32 drawn, bytes32 given);
    error PreviewDesk_WrongCount(uint256 given, uint256 count);
    error PreviewDesk_TooEarly(uint256 from);
    error PreviewDesk_TooLate(uint40 deadline);
    error PreviewDesk_WrongCommitment(AssetId expected, AssetId given);
    error PreviewDesk_WrongSecret();
    error PreviewDesk_WrongSharedPoint();
    error PreviewDesk_WrongChunk(uint256 drawn, uint256 given);
    error PreviewDesk_LeafIsGood(uint256 chunk, uint256 place);

    /// @notice Pays a fee and asks for `count` chunks of an asset.
    /// @param commitment what the asset's id commits to; its size says how many chunks there are
    /// @param keyX,keyY the challenger's one-time secp256k1 public key; x must be below the group order
    function challengePreview(
        AssetCommitment calldata commitment,
        uint16 count,
        uint96 fee,
        uint256 keyX,
        uint256 keyY
    ) external returns (bytes32 previewId);

    /// @notice Hands over the drawn chunks' keys and locks the bond from the seller's account. Seller only, from the second block
    ///         after the asking while the block hash can be read (256 blocks).
    /// @dev `opened.seed` must be seedOf(preview): keys wrapped for chunks that a reorganisation has drawn anew revert, and cost no bond.
    function openPreview(Preview calldata preview, OpenedKeys calldata opened) external;

    /// @notice Shows that a leaf of a drawn chunk is not what was promised under the key handed over. Challenger only.
    function disputePreview(
        Preview calldata preview,
        OpenedKeys calldata opened,
        AssetCommitment calldata commitment,
        Reveal calldata reveal,
        LeafOpening calldata leaf
    ) external;

    /// @notice Pays the seller once the window has passed. Anyone.
    function closePreview(Preview calldata preview, OpenedKeys calldata opened) external;

    /// @notice Gives the fee back once the seller can no longer open. Anyone.
    function expirePreview(Preview calldata preview) external;

    /// @notice What draws a preview's chunks, as long as the hash of its block can be read; 0 before and after.
    function seedOf(Preview calldata preview) external view returns (bytes32);

    /// @notice The chunk drawn at a position.
    function chunkAt(bytes32 seed, uint32 chunks, uint16 position) external pure returns (uint32);

    /// @notice What a seller lays down for a preview with this fee.
    function bondFor(uint96 fee) external view returns (uint256);

    /// @notice Stage (0 none, 1 asked, 2 opened), deadline and the kept bits of what was agreed.
    function previewOf(AssetId asset, address challenger) external view returns (uint8 stage, uint40 deadline, bytes32 kept);

    function previewIdOf(Preview calldata preview) external view returns (bytes32);

    function disputeWindow() external view returns (uint40);
}
