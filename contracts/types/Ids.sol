// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev An asset's id commits to its author and roots; as ERC-721 token id it is the same 256 bits.
type AssetId is bytes32;

/// @dev Index of immutable terms in the TermsBook; 0 means "no terms".
type TermsId is uint32;

using {sameAsset as ==, otherAsset as !=} for AssetId global;
using {sameTerms as ==, otherTerms as !=} for TermsId global;

function sameAsset(AssetId a, AssetId b) pure returns (bool) {
    return AssetId.unwrap(a) == AssetId.unwrap(b);
}

function otherAsset(AssetId a, AssetId b) pure returns (bool) {
    return AssetId.unwrap(a) != AssetId.unwrap(b);
}

function sameTerms(TermsId a, TermsId b) pure returns (bool) {
    return TermsId.unwrap(a) == TermsId.unwrap(b);
}

function otherTerms(TermsId a, TermsId b) pure returns (bool) {
    return TermsId.unwrap(a) != TermsId.unwrap(b);
}
