// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {TermsBook} from "../../contracts/TermsBook.sol";
import {Terms} from "../../contracts/types/Terms.sol";

/// @dev The laws of a lattice's meet, for all terms there can be. Terms that cannot meet revert, which counts as the bottom:
///      whatever meets the bottom is the bottom.
contract TermsProofs {
    TermsBook private immutable _book = new TermsBook();

    function check_meet_is_commutative(Terms calldata a, Terms calldata b) external view {
        (bool one, Terms memory ab) = _meet(a, b);
        (bool other, Terms memory ba) = _meet(b, a);
        assert(one == other && _same(ab, ba));
    }

    function check_meet_is_idempotent(Terms calldata a) external view {
        if (a.purposes == 0) return;
        (bool meets, Terms memory aa) = _meet(a, a);
        assert(meets && _same(aa, a));
    }

    /// @dev `meet` treats every field apart from the others, so associativity is proved field by field.
    function check_durations_associate(uint40 a, uint40 b, uint40 c) external view {
        _associate(_lasting(a), _lasting(b), _lasting(c));
    }

    function check_purposes_associate(uint16 a, uint16 b, uint16 c) external view {
        _associate(_for(a, 0, 0), _for(b, 0, 0), _for(c, 0, 0));
    }

    function check_territories_associate(bytes32 a, bytes32 b, bytes32 c) external view {
        _associate(_for(1, a, 0), _for(1, b, 0), _for(1, c, 0));
    }

    function check_texts_associate(bytes32 a, bytes32 b, bytes32 c) external view {
        _associate(_for(1, 0, a), _for(1, 0, b), _for(1, 0, c));
    }

    function check_shares_floors_and_notices_associate(uint32 a, uint32 b, uint32 c) external view {
        _associate(_asking(a), _asking(b), _asking(c));
    }

    function check_exclusives_associate(bool a, bool b, bool c) external view {
        _associate(_alone(a), _alone(b), _alone(c));
    }

    function check_meet_allows_nothing_either_forbids(Terms calldata a, Terms calldata b) external view {
        (bool meets, Terms memory c) = _meet(a, b);
        if (!meets) return;
        assert(c.purposes & ~a.purposes == 0 && c.purposes & ~b.purposes == 0 && c.purposes != 0);
        assert(c.derivativeShare >= a.derivativeShare && c.priceFloor >= a.priceFloor && c.notice <= a.notice);
        assert(a.maxDuration == 0 || (c.maxDuration != 0 && c.maxDuration <= a.maxDuration));
        assert(!a.exclusive || c.exclusive);
        assert(a.territory == 0 || c.territory == a.territory);
        assert(c.textDigest == 0 || c.textDigest == a.textDigest);
    }

    function _associate(Terms memory a, Terms memory b, Terms memory c) private view {
        (bool left, Terms memory one) = _meet(a, b);
        (bool right, Terms memory other) = _meet(b, c);
        if (left) (left, one) = _meet(one, c);
        if (right) (right, other) = _meet(a, other);
        assert(left == right && (!left || _same(one, other)));
    }

    function _for(uint16 purposes, bytes32 territory, bytes32 text) private pure returns (Terms memory terms) {
        (terms.purposes, terms.territory, terms.textDigest) = (purposes, territory, text);
    }

    function _lasting(uint40 duration) private pure returns (Terms memory terms) {
        (terms.purposes, terms.maxDuration) = (1, duration);
    }

    function _asking(uint32 number) private pure returns (Terms memory terms) {
        (terms.purposes, terms.derivativeShare, terms.priceFloor, terms.notice) = (1, number, number, number);
    }

    function _alone(bool exclusive) private pure returns (Terms memory terms) {
        (terms.purposes, terms.exclusive) = (1, exclusive);
    }

    function _meet(Terms memory a, Terms memory b) private view returns (bool, Terms memory c) {
        try _book.meet(a, b) returns (Terms memory met) {
            return (true, met);
        } catch {
            return (false, c);
        }
    }

    /// @dev Field by field: halmos knows too little of hashes to compare two of them.
    function _same(Terms memory a, Terms memory b) private pure returns (bool) {
        return a.purposes == b.purposes && a.derivativeShare == b.derivativeShare && a.priceFloor == b.priceFloor
            && a.notice == b.notice && a.maxDuration == b.maxDuration && a.exclusive == b.exclusive
            && a.territory == b.territory && a.textDigest == b.textDigest;
    }
}
