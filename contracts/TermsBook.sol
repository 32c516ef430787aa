// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ITermsBook} from "./interfaces/ITermsBook.sol";
import {TermsId} from "./types/Ids.sol";
import {Purposes, Terms} from "./types/Terms.sol";

/// @title Immutable terms, addressed by content.
contract TermsBook is ITermsBook {
    /// @dev Terms as kept: their fields in three slots instead of four, and the time of writing in what is left of the first.
    struct Record {
        uint16 purposes;
        uint24 derivativeShare; // at most _WHOLE
        uint96 priceFloor;
        uint32 notice;
        uint40 maxDuration;
        uint40 writtenAt; // unix seconds
        bool exclusive;
        bytes32 territory; // slot 1
        bytes32 textDigest; // slot 2
    }

    /// @dev One million parts: all of a derivative's income.
    uint32 private constant _WHOLE = 1_000_000;

    mapping(TermsId id => Record) private _records;
    mapping(bytes32 contentHash => TermsId) private _ids;
    uint32 private _count;

    /* WRITING */

    /// @inheritdoc ITermsBook
    function write(Terms calldata terms) external returns (TermsId id) {
        if (terms.purposes == 0) revert TermsBook_NoPurpose();
        if (terms.purposes & ~Purposes.ALL != 0) revert TermsBook_UnknownPurpose(terms.purposes);
        if (terms.derivativeShare > _WHOLE) revert TermsBook_ShareTooBig(terms.derivativeShare);
        return _write(terms);
    }

    /// @inheritdoc ITermsBook
    function join(TermsId a, TermsId b) external returns (TermsId id) {
        return _write(meet(termsOf(a), termsOf(b)));
    }

    /* VIEWS */

    /// @inheritdoc ITermsBook
    function meet(Terms memory a, Terms memory b) public pure returns (Terms memory) {
        bytes32 territory = a.territory == 0 ? b.territory : a.territory;
        bool apart = b.territory != 0 && b.territory != territory;
        if (apart || a.purposes & b.purposes == 0) revert TermsBook_Incompatible(_hash(a), _hash(b));
        bool endless = a.maxDuration == 0 || b.maxDuration == 0;
        return Terms({
            purposes: a.purposes & b.purposes,
            derivativeShare: uint32(Math.max(a.derivativeShare, b.derivativeShare)),
            priceFloor: uint96(Math.max(a.priceFloor, b.priceFloor)),
            notice: uint32(Math.min(a.notice, b.notice)),
            maxDuration: endless ? a.maxDuration + b.maxDuration : uint40(Math.min(a.maxDuration, b.maxDuration)),
            exclusive: a.exclusive || b.exclusive,
            territory: territory,
            textDigest: a.textDigest == b.textDigest ? a.textDigest : bytes32(0)
        });
    }

    /// @inheritdoc ITermsBook
    function termsOf(TermsId id) public view returns (Terms memory) {
        Record storage record = _records[id];
        if (record.purposes == 0) revert TermsBook_Unknown(id);
        return Terms({
            purposes: record.purposes,
            derivativeShare: record.derivativeShare,
            priceFloor: record.priceFloor,
            notice: record.notice,
            maxDuration: record.maxDuration,
            exclusive: record.exclusive,
            territory: record.territory,
            textDigest: record.textDigest
        });
    }

    /// @inheritdoc ITermsBook
    function find(Terms calldata terms) external view returns (TermsId id) {
        return _ids[_hash(terms)];
    }

    /// @inheritdoc ITermsBook
    function permits(TermsId id, uint16 purposes) external view returns (bool) {
        return purposes != 0 && _records[id].purposes & purposes == purposes;
    }

    /// @inheritdoc ITermsBook
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
        )
    {
        Record storage record = _records[id];
        (purposes, derivativeShare, priceFloor) = (record.purposes, record.derivativeShare, record.priceFloor);
        (maxDuration, writtenAt, exclusive) = (record.maxDuration, record.writtenAt, record.exclusive);
    }

    /// @inheritdoc ITermsBook
    function count() external view returns (uint32) {
        return _count;
    }

    /* PRIVATE */

    function _write(Terms memory terms) private returns (TermsId id) {
        bytes32 contentHash = _hash(terms);
        id = _ids[contentHash];
        if (TermsId.unwrap(id) != 0) return id;

        id = TermsId.wrap(++_count);
        _ids[contentHash] = id;
        _records[id] = Record({
            purposes: terms.purposes,
            derivativeShare: uint24(terms.derivativeShare),
            priceFloor: terms.priceFloor,
            notice: terms.notice,
            maxDuration: terms.maxDuration,
            writtenAt: uint40(block.timestamp),
            exclusive: terms.exclusive,
            territory: terms.territory,
            textDigest: terms.textDigest
        });

        emit TermsWritten(id, contentHash, terms);
    }

    function _hash(Terms memory terms) private pure returns (bytes32) {
        return keccak256(abi.encode(terms));
    }
}
