// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {TermsId} from "../types/Ids.sol";
import {Terms} from "../types/Terms.sol";

/// @title Immutable terms, addressed by content.
/// @notice Terms never change; an owner changes *which* terms an asset offers, and running licenses keep theirs.
/// @dev Ids follow the order of writing. Rely on an id only once the block that wrote it cannot be reorganised away.
interface ITermsBook {
    /// @notice New terms were written. The id is the next free index.
    event TermsWritten(TermsId indexed id, bytes32 indexed contentHash, Terms terms);

    error TermsBook_NoPurpose();
    error TermsBook_UnknownPurpose(uint16 purposes);
    error TermsBook_ShareTooBig(uint32 derivativeShare);
    error TermsBook_Unknown(TermsId id);
    error TermsBook_Incompatible(bytes32 contentHash, bytes32 otherContentHash);

    /// @notice Writes terms, or finds the ones already there with the same content.
    function write(Terms calldata terms) external returns (TermsId id);

    /// @notice Writes the terms that hold for what is made under both, or finds them: see `meet`. Anyone may call.
    function join(TermsId a, TermsId b) external returns (TermsId id);

    /// @notice The largest terms that allow nothing either of two forbids: their meet in the lattice of terms.
    /// @dev Field by field the stricter value wins. Purposes: both must name them; none in common reverts. Derivative share, price
    ///      floor: the larger. Notice: the shorter. Maximum duration: the shorter, 0 being the longest. Exclusive: if either is.
    ///      Territory: 0 is everywhere and gives way; two different ones revert, because nobody can compare what hashes name.
    ///      Text: a shared one stays; of different ones none remains, because code cannot merge them, and both bind whoever
    ///      took both. Commutative, associative, idempotent and monotone; what reverts is the lattice's bottom.
    function meet(Terms memory a, Terms memory b) external pure returns (Terms memory);

    /// @notice The terms behind an id. Reverts for an unknown id.
    function termsOf(TermsId id) external view returns (Terms memory);

    /// @notice The id of these terms, or 0 when nobody has written them yet.
    function find(Terms calldata terms) external view returns (TermsId id);

    /// @notice Whether every purpose bit in `purposes` is allowed by the terms. False for unknown terms and for no purpose.
    function permits(TermsId id, uint16 purposes) external view returns (bool);

    /// @notice What a sale needs to know of terms, in one storage read; units as in `Terms`, `writtenAt` in unix
    ///         seconds. All zero for unknown terms.
    function limitsOf(TermsId id)
        external
        view
        returns (
            uint16 purposes,
            uint32 derivativeShare,
            uint96 priceFloor,
            uint40 maxDuration,
            uint40 writtenAt,
            bool exclusive
        );

    /// @notice How many terms have been written; ids run from 1 to this number.
    function count() external view returns (uint32);
}
