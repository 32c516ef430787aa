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
import {Cid} from "./libraries/Cid.sol";
import {Asset, AssetCommitment, AssetKind} from "./types/Assets.sol";
import {AssetId, TermsId} from "./types/Ids.sol";

/// @title Who owns what was captured or made, since when, under which terms.
/// @dev OpenZeppelin's ERC721 keeps approvals, transfers and checks. Owners and balances live here (`_ownerOf`, `_update`,
///      `balanceOf`), so that owner, consent epoch, kind and serial share one slot and a sale reads one word.
contract AssetRegistry is ERC721, EIP712, IERC2981, IERC4906, IAssetRegistry {
    bytes32 private constant _DEVICE_CAPTURE = keccak256(
        "DeviceCapture(address author,uint8 kind,bytes32 cipherRoot,bytes32 plainRoot,bytes32 keyCommit,bytes32 manifestDigest,bytes32 manifestHash)"
    );
    bytes32 private constant _MINT = keccak256(
        "Mint(address author,uint8 kind,bytes32 cipherRoot,bytes32 plainRoot,bytes32 keyCommit,bytes32 manifestDigest,bytes32 manifestHash,uint32 terms,uint16 royaltyBps,uint256 deadline)"
    );
    bytes4 private constant _ERC4906 = 0x49064906;
    uint16 private constant _WHOLE_BPS = 10_000;

    ITermsBook private immutable _termsBook;

    mapping(AssetId id => Asset) private _assets; // three slots each
    mapping(address owner => uint256) private _held; // ERC-721 balances
    uint48 private _count;

    constructor(ITermsBook termsBook_) ERC721("Thenar Asset", "THENAR") EIP712("Thenar AssetRegistry", "1") {
        _termsBook = termsBook_;
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

    /* THE OWNER'S SAY */

    /// @inheritdoc IAssetRegistry
    function setTerms(AssetId id, TermsId terms) external {
        Asset storage asset = _ownedByCaller(id);
        _requireTerms(terms);

        asset.terms = terms;

        emit TermsChanged(id, terms);
        emit MetadataUpdate(uint256(AssetId.unwrap(id)));
    }

    /// @inheritdoc IAssetRegistry
    function revokeAll(AssetId id) external {
        Asset storage asset = _ownedByCaller(id);

        uint32 consentEpoch = asset.consentEpoch + 1;
        asset.consentEpoch = consentEpoch;

        emit ConsentRaised(id, consentEpoch);
    }

    /* VIEWS */

    /// @inheritdoc IAssetRegistry
    function idOf(AssetCommitment calldata commitment) public pure returns (AssetId) {
        return AssetId.wrap(keccak256(abi.encode(commitment)));
    }

    /// @inheritdoc IAssetRegistry
    function assetOf(AssetId id) external view returns (Asset memory) {
        return _known(id);
    }

    /// @inheritdoc IAssetRegistry
    function saleInfo(AssetId id) external view returns (address owner, uint32 consentEpoch, AssetKind kind) {
        Asset storage asset = _assets[id];
        (owner, consentEpoch, kind) = (asset.owner, asset.consentEpoch, asset.kind);
        if (owner == address(0)) revert AssetRegistry_Unknown(id);
    }

    /// @inheritdoc IAssetRegistry
    function ownerOfAsset(AssetId id) external view returns (address) {
        return _known(id).owner;
    }

    /// @inheritdoc IAssetRegistry
    function lineage(AssetId child, AssetId[] calldata parents)
        external
        view
        returns (address owner, AssetKind kind, uint48 serial, AssetId newest, uint48 newestSerial)
    {
        for (uint256 i; i < parents.length; ++i) {
            AssetId parent = parents[i];
            uint48 parentSerial = _assets[parent].serial;
            if (parentSerial == 0) revert AssetRegistry_Unknown(parent);
            if (parentSerial > newestSerial) (newest, newestSerial) = (parent, parentSerial);
        }
        Asset storage asset = _known(child);
        return (asset.owner, asset.kind, asset.serial, newest, newestSerial);
    }

    /// @inheritdoc IAssetRegistry
    function count() external view returns (uint48) {
        return _count;
    }

    /// @notice Where the manifest is: `ipfs://` and the CIDv1 of its bytes.
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        return string.concat("ipfs://", Cid.raw(_known(_asset(tokenId)).manifestDigest));
    }

    /// @inheritdoc IERC2981
    /// @dev Advisory. The receiver is the current owner; rounds down.
    function royaltyInfo(uint256 tokenId, uint256 salePrice) external view returns (address receiver, uint256 royalty) {
        Asset storage asset = _known(_asset(tokenId));
        return (asset.owner, Math.mulDiv(salePrice, asset.royaltyBps, _WHOLE_BPS));
    }

    function balanceOf(address owner) public view override(ERC721, IERC721) returns (uint256) {
        if (owner == address(0)) revert ERC721InvalidOwner(address(0));
        return _held[owner];
    }

    function supportsInterface(bytes4 interfaceId) public view override(ERC721, IERC165) returns (bool) {
        return interfaceId == type(IERC2981).interfaceId || interfaceId == _ERC4906 || super.supportsInterface(interfaceId);
    }

    /* PRIVATE */

    /// @dev The only place where assets come into being. No outside code runs after the checks.
    function _create(AssetCommitment calldata commitment, TermsId terms, uint16 royaltyBps, address device)
        private
        returns (AssetId id)
    {
        id = idOf(commitment);
        if (_assets[id].owner != address(0)) revert AssetRegistry_Exists(id);
        if (!_isComplete(commitment)) revert AssetRegistry_EmptyRoot();
        if (royaltyBps > _WHOLE_BPS) revert AssetRegistry_RoyaltyTooBig(royaltyBps);
        _requireTerms(terms);

        uint48 serial = ++_count;
        _assets[id] = Asset({
            owner: address(0),
            consentEpoch: 0,
            serial: serial,
            kind: commitment.kind,
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
        bool sealed_ = commitment.cipherRoot != 0 && commitment.plainRoot != 0 && commitment.keyCommit != 0;
        bool open = commitment.cipherRoot | commitment.plainRoot | commitment.keyCommit == 0;
        return sealed_ || (open && commitment.kind != AssetKind.CAPTURE);
    }

    /// @dev The one door for ownership, as in OpenZeppelin's `_update`, on our own storage.
    function _update(address to, uint256 tokenId, address auth) internal override returns (address from) {
        Asset storage asset = _assets[_asset(tokenId)];
        from = asset.owner;
        if (auth != address(0)) _checkAuthorized(from, auth, tokenId);

        if (from != address(0)) {
            _approve(address(0), tokenId, address(0), false); // a transfer clears the approval
            --_held[from];
        }
        ++_held[to];
        asset.owner = to;

        emit Transfer(from, to, tokenId);
    }

    function _ownerOf(uint256 tokenId) internal view override returns (address) {
        return _assets[_asset(tokenId)].owner;
    }

    function _asset(uint256 tokenId) private pure returns (AssetId) {
        return AssetId.wrap(bytes32(tokenId));
    }

    function _known(AssetId id) private view returns (Asset storage asset) {
        asset = _assets[id];
        if (asset.owner == address(0)) revert AssetRegistry_Unknown(id);
    }

    function _ownedByCaller(AssetId id) private view returns (Asset storage asset) {
        asset = _known(id);
        if (asset.owner != msg.sender) revert AssetRegistry_NotOwner(id, msg.sender);
    }

    function _requireTerms(TermsId terms) private view {
        if (TermsId.unwrap(terms) > _termsBook.count()) revert AssetRegistry_UnknownTerms(terms);
    }

    function _requireSignature(address signer, bytes32 structHash, bytes calldata signature) private view {
        bytes32 digest = _hashTypedDataV4(structHash);
        if (!SignatureChecker.isValidSignatureNowCalldata(signer, digest, signature)) revert AssetRegistry_BadSignature(signer);
    }
}
