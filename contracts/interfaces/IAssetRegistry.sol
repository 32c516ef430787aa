// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId, TermsId} from "../types/Ids.sol";
import {Asset, AssetCommitment, AssetKind} from "../types/Assets.sol";

/// @title Who owns what was captured or made, since when, under which terms.
/// @notice ERC-721, ERC-2981 (advisory, to the current owner), ERC-4906, ERC-5267. An asset's id is the hash of everything it commits to, including its author:
///         a copied transaction yields the copier a different asset, and nobody can squat on somebody else's roots.
interface IAssetRegistry {
    /// @notice An asset now exists and belongs to its author. The whole commitment is here; the chain stores only its hash.
    /// @param device the key that signed the capture, or zero when no device vouched for it
    event AssetMinted(
        AssetId indexed id,
        address indexed author,
        address indexed device,
        uint48 serial,
        TermsId terms,
        uint16 royaltyBps,
        AssetCommitment commitment
    );
    /// @notice The owner changed which terms new licenses get.
    event TermsChanged(AssetId indexed id, TermsId terms);
    /// @notice Every license granted before this epoch has ended.
    event ConsentRaised(AssetId indexed id, uint32 consentEpoch);

    error AssetRegistry_Exists(AssetId id);
    error AssetRegistry_Unknown(AssetId id);
    error AssetRegistry_NotOwner(AssetId id, address caller);
    error AssetRegistry_NotAuthor(address author, address caller);
    error AssetRegistry_EmptyRoot();
    error AssetRegistry_UnknownTerms(TermsId terms);
    error AssetRegistry_RoyaltyTooBig(uint16 royaltyBps);
    error AssetRegistry_BadSignature(address expected);
    error AssetRegistry_SignatureExpired(uint256 deadline);

    /// @notice Mints an asset to its author, who must be the caller.
    /// @dev Both manifest hashes are needed. The three sealing fields (cipherRoot, plainRoot, keyCommit) are all set or all zero;
    ///      only derived kinds may leave them zero. The author's code is never called, so a contract author must know ERC-721.
    ///      Terms ids follow the order of writing: name terms only once the block that wrote them cannot be reorganised away.
    /// @param terms terms named for new licenses, or 0 for none
    /// @param royaltyBps ERC-2981 royalty in hundredths of a percent, at most 10,000
    /// @param device zero, or the capturing device's key; then `deviceSignature` is its EIP-712 signature over
    ///        `DeviceCapture(address author,uint8 kind,bytes32 cipherRoot,bytes32 plainRoot,bytes32 keyCommit,bytes32 manifestDigest,bytes32 manifestHash)`
    ///        (ECDSA, or ERC-1271 when the device is a contract). Without a device it must be empty.
    function mint(AssetCommitment calldata commitment, TermsId terms, uint16 royaltyBps, address device, bytes calldata deviceSignature)
        external
        returns (AssetId id);

    /// @notice Mints to an author who signed
    ///         `Mint(address author,uint8 kind,bytes32 cipherRoot,bytes32 plainRoot,bytes32 keyCommit,bytes32 manifestDigest,bytes32 manifestHash,uint32 terms,uint16 royaltyBps,uint256 deadline)`;
    ///         anybody may pay the gas.
    /// @dev Needs no nonce: an id can be minted only once. Valid up to and including `deadline` (unix seconds).
    function mintFor(
        AssetCommitment calldata commitment,
        TermsId terms,
        uint16 royaltyBps,
        uint256 deadline,
        bytes calldata authorSignature
    ) external returns (AssetId id);

    /// @notice Changes the terms named for future licenses. Owner only; running licenses and standing offers keep theirs.
    function setTerms(AssetId id, TermsId terms) external;

    /// @notice Ends every license granted and every offer made so far, at once and in O(1). Owner only; can never be paused.
    function revokeAll(AssetId id) external;

    /// @notice The id of a commitment, whether minted or not.
    function idOf(AssetCommitment calldata commitment) external pure returns (AssetId);

    /// @notice What is stored of an asset. Reverts for an unknown id.
    function assetOf(AssetId id) external view returns (Asset memory);

    /// @notice What a sale needs to know, in one storage read. Reverts for an unknown id.
    function saleInfo(AssetId id) external view returns (address owner, uint32 consentEpoch, AssetKind kind);

    /// @notice The owner of an asset, by its typed id. Reverts for an unknown id.
    function ownerOfAsset(AssetId id) external view returns (address);

    /// @notice Owner, kind and serial of an asset and, among its would-be parents, the one minted last. Reverts for unknown ids.
    /// @dev Without parents, the last one is 0 with serial 0.
    function lineage(AssetId child, AssetId[] calldata parents)
        external
        view
        returns (address owner, AssetKind kind, uint48 serial, AssetId newest, uint48 newestSerial);

    /// @notice How many assets have been minted; serials run from 1 to this number.
    function count() external view returns (uint48);
}
