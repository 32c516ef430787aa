// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId, TermsId} from "../types/Ids.sol";
import {Asset, AssetCommitment, AssetKind, BatchLeaf} from "../types/Assets.sol";

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
    /// @notice A member of a batch now has a record of its own, and belongs to the batch's owner.
    event Materialised(
        AssetId indexed id,
        AssetId indexed batch,
        address indexed owner,
        uint32 index,
        uint48 serial,
        TermsId terms,
        uint32 consentEpoch,
        AssetCommitment commitment
    );
    /// @notice The owner changed which terms new licenses get.
    event TermsChanged(AssetId indexed id, TermsId terms);
    /// @notice Every license granted before this epoch has ended. What was made with the asset until now stays licensed.
    /// @param revokedAt when, unix seconds
    /// @param exclusionRoot names what must be left out from now on: root of a published list of parts, or 0 for all of the asset
    event ConsentChanged(AssetId indexed id, uint32 consentEpoch, uint32 revokedAt, bytes32 exclusionRoot);

    error AssetRegistry_Exists(AssetId id);
    error AssetRegistry_Unknown(AssetId id);
    error AssetRegistry_NotOwner(AssetId id, address caller);
    error AssetRegistry_NotCovenants(address caller);
    error AssetRegistry_NotAuthor(address author, address caller);
    error AssetRegistry_EmptyRoot();
    error AssetRegistry_OfBatch(AssetId batch);
    error AssetRegistry_NotBatch();
    error AssetRegistry_NotMember(AssetId batch, uint32 index);
    error AssetRegistry_UnknownTerms(TermsId terms);
    error AssetRegistry_RoyaltyTooBig(uint16 royaltyBps);
    error AssetRegistry_BadSignature(address expected);
    error AssetRegistry_SignatureExpired(uint256 deadline);

    /// @notice Mints an asset to its author, who must be the caller.
    /// @dev Both manifest hashes are needed. The four sealing fields (size, cipherRoot, plainRoot, keyCommit) are all set or all zero;
    ///      only derived kinds may leave them zero. A commitment that names a batch is not minted alone. The author's code is never called, so a contract author must know ERC-721.
    ///      Terms ids follow the order of writing: name terms only once the block that wrote them cannot be reorganised away.
    /// @param terms terms named for new licenses, or 0 for none
    /// @param royaltyBps ERC-2981 royalty in hundredths of a percent, at most 10,000
    /// @param device zero, or the capturing device's key; then `deviceSignature` is its EIP-712 signature over
    ///        `DeviceCapture(address author,uint8 kind,uint64 size,bytes32 cipherRoot,bytes32 plainRoot,bytes32 keyCommit,bytes32 manifestDigest,bytes32 manifestHash,bytes32 batch)`
    ///        (ECDSA, or ERC-1271 when the device is a contract). Without a device it must be empty.
    function mint(AssetCommitment calldata commitment, TermsId terms, uint16 royaltyBps, address device, bytes calldata deviceSignature)
        external
        returns (AssetId id);

    /// @notice Mints to an author who signed
    ///         `Mint(address author,uint8 kind,uint64 size,bytes32 cipherRoot,bytes32 plainRoot,bytes32 keyCommit,bytes32 manifestDigest,bytes32 manifestHash,bytes32 batch,`
    ///         `uint32 terms,uint16 royaltyBps,uint256 deadline)` (one string);
    ///         anybody may pay the gas.
    /// @dev Needs no nonce: an id can be minted only once. Valid up to and including `deadline` (unix seconds).
    function mintFor(
        AssetCommitment calldata commitment,
        TermsId terms,
        uint16 royaltyBps,
        uint256 deadline,
        bytes calldata authorSignature
    ) external returns (AssetId id);

    /// @notice Commits to many captures at once. The batch is an asset of its own; every member can be licensed and earn from now
    ///         on, at its batch's offers, under its batch's consent, for its batch's owner.
    /// @dev Kind BATCH; `size` is the number of members, `plainRoot` their MemberTree root; cipherRoot, keyCommit and batch are 0.
    ///      Stores one slot: no terms, no royalty, no minting time, and `tokenURI` is empty. AssetMinted carries the commitment.
    function commitBatch(AssetCommitment calldata commitment) external returns (AssetId id);

    /// @notice Gives a member of a batch a record of its own: the batch's owner, consent epoch and terms as they are now.
    ///         From then on the batch's owner, offers and consent say nothing about it. Owner of the batch only, once.
    /// @dev Everybody else keeps proving membership instead: nobody may carry a member out of reach of `revokeAll` on its batch.
    function materialise(BatchLeaf calldata leaf) external returns (AssetId id);

    /// @notice Changes the terms named for future licenses. Owner only; running licenses and standing offers keep theirs.
    function setTerms(AssetId id, TermsId terms) external;

    /// @notice Ends every license granted and every offer made so far, at once and in O(1). Owner only; can never be paused.
    ///         On a batch it does so for every member that has no record of its own.
    /// @param exclusionRoot what must be left out of everything made later, see `ConsentChanged`; 0 for all of the asset
    function revokeAll(AssetId id, bytes32 exclusionRoot) external;

    /// @notice Marks an asset as exclusively licensed, or takes the mark away. Covenants only, which keeps to whom and until when.
    function markExclusive(AssetId id, bool on) external;

    /// @notice The id of a commitment, whether minted or not.
    function idOf(AssetCommitment calldata commitment) external pure returns (AssetId);

    /// @notice What is stored of an asset. Reverts for an unknown id.
    function assetOf(AssetId id) external view returns (Asset memory);

    /// @notice What a sale needs to know, in one storage read. Reverts for an unknown id.
    /// @return owner who may offer, grant and revoke
    /// @return consentEpoch the epoch a license must be of to be good
    /// @return kind what the asset is
    /// @return revokedAt when consent was last withdrawn, unix seconds; 0 means never
    /// @return exclusive whether the Covenants must be asked for a running exclusive license
    function saleInfo(AssetId id)
        external
        view
        returns (address owner, uint32 consentEpoch, AssetKind kind, uint32 revokedAt, bool exclusive);

    /// @notice The same as one word, packed as the AssetHead library says: a fifth of the gas. Reverts for an unknown id.
    function headOf(AssetId id) external view returns (uint256);

    /// @notice Who decides about a member of a batch, with proof of membership, in at most two storage reads.
    /// @dev Reverts for an unknown batch and a wrong proof. A member is a sealed capture by the batch's author.
    /// @return id the member's asset id
    /// @return batch whose offers and consent the member is under; 0 once it has a record of its own
    /// @return owner of the member's own record, else of the batch
    /// @return consentEpoch of the member's own record, else of the batch
    function leafInfo(BatchLeaf calldata leaf)
        external
        view
        returns (AssetId id, AssetId batch, address owner, uint32 consentEpoch);

    /// @notice A member's id and owner, with proof of membership. Reverts as `leafInfo`.
    function ownerOfLeaf(BatchLeaf calldata leaf) external view returns (AssetId id, address owner);

    /// @notice The consent that licenses of an asset are under: its own record's, else that of the batch it came in.
    /// @dev `batch` is 0 for whatever is no member. Membership is not checked: the caller had it proven. Reverts when neither exists.
    /// @return consentEpoch licenses of every earlier epoch have ended
    /// @return revokedAt when that epoch began (unix seconds), 0 for the first
    function consentOf(AssetId asset, AssetId batch) external view returns (uint32 consentEpoch, uint32 revokedAt);

    /// @notice When a consent epoch ended, unix seconds; 0 while it goes on. Later withdrawals do not change it.
    /// @dev `batch` as in `consentOf`: what was withdrawn before a member had a record of its own was withdrawn of its batch.
    function withdrawnAt(AssetId asset, AssetId batch, uint32 consentEpoch) external view returns (uint32);

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
