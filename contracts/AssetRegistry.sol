// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC4906} from "@openzeppelin/contracts/interfaces/IERC4906.sol";
import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {ITermsBook} from "./interfaces/ITermsBook.sol";
import {AssetHead} from "./libraries/AssetHead.sol";
import {Cid} from "./libraries/Cid.sol";
import {MemberTree} from "./libraries/MemberTree.sol";
import {Asset, AssetCommitment, AssetKind, BatchLeaf} from "./types/Assets.sol";
import {AssetId, TermsId} from "./types/Ids.sol";

/// @title Who owns what was captured or made, since when, under which terms.
/// @dev OpenZeppelin's ERC721 keeps approvals, transfers and checks. Owners and balances live here (`_ownerOf`, `_update`,
///      `balanceOf`), so that owner, consent epoch, kind and serial share one slot and a sale reads one word.
contract AssetRegistry is ERC721, EIP712, IERC2981, IERC4906, IAssetRegistry {
    using AssetHead for uint256;

    /// @dev An asset as kept.
    struct Record {
        uint256 head; // see AssetHead; 0 means not minted
        bytes32 manifestDigest; // slot 1
        TermsId terms; // slot 2
        uint40 mintedAt;
        uint16 royaltyBps;
    }

    bytes32 private constant _DEVICE_CAPTURE = keccak256(
        "DeviceCapture(address author,uint8 kind,uint64 size,bytes32 cipherRoot,bytes32 plainRoot,bytes32 keyCommit,bytes32 manifestDigest,bytes32 manifestHash,bytes32 batch)"
    );
    bytes32 private constant _MINT = keccak256(
        "Mint(address author,uint8 kind,uint64 size,bytes32 cipherRoot,bytes32 plainRoot,bytes32 keyCommit,bytes32 manifestDigest,bytes32 manifestHash,bytes32 batch,"
        "uint32 terms,uint16 royaltyBps,uint256 deadline)"
    );
    bytes4 private constant _ERC4906 = 0x49064906;
    uint16 private constant _WHOLE_BPS = 10_000;

    ITermsBook private immutable _termsBook;
    address private immutable _covenants;

    mapping(AssetId id => Record) private _assets; // three slots each
    /// @dev When earlier consent epochs began, unix seconds; the head has the last one, so that most assets have none here.
    mapping(AssetId id => mapping(uint32 consentEpoch => uint32)) private _begunAt;
    mapping(address owner => uint256) private _held; // ERC-721 balances
    uint32 private _count;

    /// @param covenants_ who alone may mark assets as exclusively licensed
    constructor(ITermsBook termsBook_, address covenants_) ERC721("Thenar Asset", "THENAR") EIP712("Thenar AssetRegistry", "1") {
        _termsBook = termsBook_;
        _covenants = covenants_;
    }

    /* MINTING */

    /// @inheritdoc IAssetRegistry
    function mint(
        AssetCommitment calldata commitment,
        TermsId terms,
        uint16 royaltyBps,
        address device,
        bytes calldata deviceSignature
    ) external returns (AssetId id) {
        if (commitment.author != msg.sender) revert AssetRegistry_NotAuthor(commitment.author, msg.sender);
        if (device != address(0) || deviceSignature.length != 0) {
            _requireSignature(device, keccak256(abi.encode(_DEVICE_CAPTURE, commitment)), deviceSignature);
        }

        return _create(commitment, terms, royaltyBps, device);
    }

    /// @inheritdoc IAssetRegistry
    function mintFor(
        AssetCommitment calldata commitment,
        TermsId terms,
        uint16 royaltyBps,
        uint256 deadline,
        bytes calldata authorSignature
    ) external returns (AssetId id) {
        if (block.timestamp > deadline) revert AssetRegistry_SignatureExpired(deadline);
        _requireSignature(
            commitment.author, keccak256(abi.encode(_MINT, commitment, terms, royaltyBps, deadline)), authorSignature
        );

        return _create(commitment, terms, royaltyBps, address(0));
    }

    /* BATCHES */

    /// @inheritdoc IAssetRegistry
    function commitBatch(AssetCommitment calldata commitment) external returns (AssetId id) {
        if (commitment.author != msg.sender) revert AssetRegistry_NotAuthor(commitment.author, msg.sender);
        id = idOf(commitment);
        if (_assets[id].head != 0) revert AssetRegistry_Exists(id);
        if (!_isBatch(commitment)) revert AssetRegistry_NotBatch();

        uint32 serial = ++_count;
        _assets[id].head = AssetHead.fresh(AssetKind.BATCH, serial); // the one slot a batch is kept in
        _mint(msg.sender, uint256(AssetId.unwrap(id)));

        emit AssetMinted(id, msg.sender, address(0), serial, TermsId.wrap(0), 0, commitment);
    }

    /// @inheritdoc IAssetRegistry
    function materialise(BatchLeaf calldata leaf) external returns (AssetId id) {
        AssetId batch;
        (id, batch) = _member(leaf);
        (Record storage from, uint256 head) = _ownedByCaller(batch);
        if (_assets[id].head != 0) revert AssetRegistry_Exists(id);

        uint32 serial = ++_count;
        _assets[id] = Record({
            head: AssetHead.fresh(AssetKind.CAPTURE, serial).withConsent(head.epochOf(), head.revokedAtOf()),
            manifestDigest: leaf.leaf.manifestDigest,
            terms: from.terms,
            mintedAt: uint40(block.timestamp),
            royaltyBps: 0
        });
        _mint(msg.sender, uint256(AssetId.unwrap(id)));

        emit Materialised(id, batch, msg.sender, leaf.index, serial, from.terms, head.epochOf(), leaf.leaf);
    }

    /* THE OWNER'S SAY */

    /// @inheritdoc IAssetRegistry
    function setTerms(AssetId id, TermsId terms) external {
        (Record storage asset,) = _ownedByCaller(id);
        _requireTerms(terms);

        asset.terms = terms;

        emit TermsChanged(id, terms);
        emit MetadataUpdate(uint256(AssetId.unwrap(id)));
    }

    /// @inheritdoc IAssetRegistry
    function revokeAll(AssetId id, bytes32 exclusionRoot) external {
        (Record storage asset, uint256 head) = _ownedByCaller(id);

        uint24 consentEpoch = head.epochOf() + 1;
        if (consentEpoch != 1) _begunAt[id][consentEpoch - 1] = head.revokedAtOf();
        asset.head = head.withConsent(consentEpoch, uint32(block.timestamp));

        emit ConsentChanged(id, consentEpoch, uint32(block.timestamp), exclusionRoot);
    }

    /* THE MARK OF EXCLUSIVITY */

    /// @inheritdoc IAssetRegistry
    function markExclusive(AssetId id, bool on) external {
        if (msg.sender != _covenants) revert AssetRegistry_NotCovenants(msg.sender);
        Record storage asset = _known(id);

        asset.head = asset.head.withExclusive(on);
    }

    /* VIEWS */

    /// @inheritdoc IAssetRegistry
    function idOf(AssetCommitment calldata commitment) public pure returns (AssetId) {
        return AssetId.wrap(keccak256(abi.encode(commitment)));
    }

    /// @inheritdoc IAssetRegistry
    function assetOf(AssetId id) external view returns (Asset memory) {
        Record storage asset = _known(id);
        uint256 head = asset.head;
        return Asset({
            owner: head.ownerOf(),
            consentEpoch: head.epochOf(),
            serial: head.serialOf(),
            revokedAt: head.revokedAtOf(),
            kind: head.kindOf(),
            exclusive: head.isExclusive(),
            manifestDigest: asset.manifestDigest,
            terms: asset.terms,
            mintedAt: asset.mintedAt,
            royaltyBps: asset.royaltyBps
        });
    }

    /// @inheritdoc IAssetRegistry
    function saleInfo(AssetId id)
        external
        view
        returns (address owner, uint32 consentEpoch, AssetKind kind, uint32 revokedAt, bool exclusive)
    {
        uint256 head = headOf(id);
        return (head.ownerOf(), head.epochOf(), head.kindOf(), head.revokedAtOf(), head.isExclusive());
    }

    /// @inheritdoc IAssetRegistry
    function headOf(AssetId id) public view returns (uint256 head) {
        head = _assets[id].head;
        if (head == 0) revert AssetRegistry_Unknown(id);
    }

    /// @inheritdoc IAssetRegistry
    function leafInfo(BatchLeaf calldata leaf)
        public
        view
        returns (AssetId id, AssetId batch, address owner, uint32 consentEpoch)
    {
        (id, batch) = _member(leaf);
        uint256 head = _assets[id].head;
        if (head == 0) head = _assets[batch].head;
        else batch = AssetId.wrap(0);
        return (id, batch, head.ownerOf(), head.epochOf());
    }

    /// @inheritdoc IAssetRegistry
    function ownerOfLeaf(BatchLeaf calldata leaf) external view returns (AssetId id, address owner) {
        (id,, owner,) = leafInfo(leaf);
    }

    /// @inheritdoc IAssetRegistry
    function consentOf(AssetId asset, AssetId batch) external view returns (uint32 consentEpoch, uint32 revokedAt) {
        uint256 head = _assets[asset].head;
        if (head == 0) head = headOf(batch);
        return (head.epochOf(), head.revokedAtOf());
    }

    /// @inheritdoc IAssetRegistry
    function withdrawnAt(AssetId asset, AssetId batch, uint32 consentEpoch) external view returns (uint32 at) {
        uint256 head = _assets[asset].head;
        if (head == 0) (asset, head) = (batch, headOf(batch));
        uint32 next = consentEpoch + 1;
        if (next > head.epochOf()) return 0;
        if (next == head.epochOf()) return head.revokedAtOf();
        at = _begunAt[asset][next];
        if (at == 0) at = _begunAt[batch][next]; // before the member had a record of its own
    }

    /// @inheritdoc IAssetRegistry
    function ownerOfAsset(AssetId id) external view returns (address) {
        return headOf(id).ownerOf();
    }

    /// @inheritdoc IAssetRegistry
    function lineage(AssetId child, AssetId[] calldata parents)
        external
        view
        returns (address owner, AssetKind kind, uint48 serial, AssetId newest, uint48 newestSerial)
    {
        for (uint256 i; i < parents.length; ++i) {
            AssetId parent = parents[i];
            uint48 parentSerial = _assets[parent].head.serialOf();
            if (parentSerial == 0) revert AssetRegistry_Unknown(parent);
            if (parentSerial > newestSerial) (newest, newestSerial) = (parent, parentSerial);
        }
        uint256 head = headOf(child);
        return (head.ownerOf(), head.kindOf(), head.serialOf(), newest, newestSerial);
    }

    /// @inheritdoc IAssetRegistry
    function count() external view returns (uint48) {
        return _count;
    }

    /// @notice Where the manifest is: `ipfs://` and the CIDv1 of its bytes. Empty for a batch, whose event tells.
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        bytes32 digest = _known(_asset(tokenId)).manifestDigest;
        return digest == 0 ? "" : string.concat("ipfs://", Cid.raw(digest));
    }

    /// @inheritdoc IERC2981
    /// @dev Advisory. The receiver is the current owner; rounds down.
    function royaltyInfo(uint256 tokenId, uint256 salePrice) external view returns (address receiver, uint256 royalty) {
        Record storage asset = _known(_asset(tokenId));
        return (asset.head.ownerOf(), Math.mulDiv(salePrice, asset.royaltyBps, _WHOLE_BPS));
    }

    function balanceOf(address owner) public view override(ERC721, IERC721) returns (uint256) {
        if (owner == address(0)) revert ERC721InvalidOwner(address(0));
        return _held[owner];
    }

    function supportsInterface(bytes4 interfaceId) public view override(ERC721, IERC165) returns (bool) {
        return interfaceId == type(IERC2981).interfaceId || interfaceId == _ERC4906 || super.supportsInterface(interfaceId);
    }

    /* PRIVATE */

    /// @dev Where single assets come into being. No outside code runs after the checks.
    function _create(AssetCommitment calldata commitment, TermsId terms, uint16 royaltyBps, address device)
        private
        returns (AssetId id)
    {
        id = idOf(commitment);
        if (_assets[id].head != 0) revert AssetRegistry_Exists(id);
        if (AssetId.unwrap(commitment.batch) != 0) revert AssetRegistry_OfBatch(commitment.batch);
        if (!_isComplete(commitment)) revert AssetRegistry_EmptyRoot();
        if (royaltyBps > _WHOLE_BPS) revert AssetRegistry_RoyaltyTooBig(royaltyBps);
        _requireTerms(terms);

        uint32 serial = ++_count;
        _assets[id] = Record({
            head: AssetHead.fresh(commitment.kind, serial),
            manifestDigest: commitment.manifestDigest,
            terms: terms,
            mintedAt: uint40(block.timestamp),
            royaltyBps: royaltyBps
        });
        _mint(commitment.author, uint256(AssetId.unwrap(id)));

        emit AssetMinted(id, commitment.author, device, serial, terms, royaltyBps, commitment);
    }

    /// @dev A manifest always; sealing fields all or none, and all for a capture.
    function _isComplete(AssetCommitment calldata commitment) private pure returns (bool) {
        if (commitment.manifestDigest == 0 || commitment.manifestHash == 0) return false;
        bytes32 any = commitment.cipherRoot | commitment.plainRoot | commitment.keyCommit;
        if (commitment.size == 0) return any == 0 && commitment.kind != AssetKind.CAPTURE && commitment.kind != AssetKind.BATCH;
        bool sealed_ = commitment.cipherRoot != 0 && commitment.plainRoot != 0 && commitment.keyCommit != 0;
        return sealed_ && commitment.kind != AssetKind.BATCH;
    }

    /// @dev A manifest and members, and nothing sealed as such.
    function _isBatch(AssetCommitment calldata commitment) private pure returns (bool) {
        if (commitment.kind != AssetKind.BATCH || commitment.size == 0 || commitment.size > type(uint32).max) return false;
        if (commitment.plainRoot == 0 || commitment.manifestDigest == 0 || commitment.manifestHash == 0) return false;
        return commitment.cipherRoot | commitment.keyCommit | AssetId.unwrap(commitment.batch) == 0;
    }

    /// @dev The ids of a member and its batch. The batch exists, and the member is a sealed capture by its author, provably in it.
    function _member(BatchLeaf calldata leaf) private view returns (AssetId id, AssetId batch) {
        batch = idOf(leaf.batch);
        headOf(batch);
        AssetCommitment memory bare = leaf.leaf;
        id = AssetId.wrap(keccak256(abi.encode(bare)));
        bare.batch = AssetId.wrap(0); // the tree is part of the batch's id, so it cannot hold it
        bool fits = bare.author == leaf.batch.author && bare.kind == AssetKind.CAPTURE && _isComplete(leaf.leaf);
        if (
            !fits || leaf.batch.kind != AssetKind.BATCH || leaf.leaf.batch != batch
                || !MemberTree.contains(
                    leaf.batch.plainRoot, leaf.batch.size, leaf.index, keccak256(abi.encode(bare)), leaf.siblings
                )
        ) revert AssetRegistry_NotMember(batch, leaf.index);
    }

    /// @dev The one door for ownership, as in OpenZeppelin's `_update`, on our own storage.
    function _update(address to, uint256 tokenId, address auth) internal override returns (address from) {
        Record storage asset = _assets[_asset(tokenId)];
        uint256 head = asset.head;
        from = head.ownerOf();
        if (auth != address(0)) _checkAuthorized(from, auth, tokenId);

        if (from != address(0)) {
            _approve(address(0), tokenId, address(0), false); // a transfer clears the approval
            --_held[from];
        }
        ++_held[to];
        asset.head = head.withOwner(to);

        emit Transfer(from, to, tokenId);
    }

    function _ownerOf(uint256 tokenId) internal view override returns (address) {
        return _assets[_asset(tokenId)].head.ownerOf();
    }

    function _asset(uint256 tokenId) private pure returns (AssetId) {
        return AssetId.wrap(bytes32(tokenId));
    }

    function _known(AssetId id) private view returns (Record storage asset) {
        asset = _assets[id];
        if (asset.head == 0) revert AssetRegistry_Unknown(id);
    }

    function _ownedByCaller(AssetId id) private view returns (Record storage asset, uint256 head) {
        asset = _known(id);
        head = asset.head;
        if (head.ownerOf() != msg.sender) revert AssetRegistry_NotOwner(id, msg.sender);
    }

    function _requireTerms(TermsId terms) private view {
        if (TermsId.unwrap(terms) > _termsBook.count()) revert AssetRegistry_UnknownTerms(terms);
    }

    function _requireSignature(address signer, bytes32 structHash, bytes calldata signature) private view {
        bytes32 digest = _hashTypedDataV4(structHash);
        if (!SignatureChecker.isValidSignatureNowCalldata(signer, digest, signature)) revert AssetRegistry_BadSignature(signer);
    }
}
