// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISegmentCourt} from "../interfaces/ISegmentCourt.sol";
import {DisputeId, Opening} from "../types/Disputes.sol";

/// @dev Brings two scores before the SegmentCourt as two traces of two leaves: a score, which differs, and what the case is about,
///      which does not. The first leaf is disputed, so that nothing is left to narrow and a jury is called at once.
///      Twin: node/thenar/domain/bounty/answers.py.
library Verdicts {
    bytes32 private constant TAG = "thenar.score/1";

    /// @dev What a juror votes for.
    function leafOf(uint16 quality, uint16 novelty) internal pure returns (bytes32) {
        return keccak256(abi.encode(TAG, quality, novelty));
    }

    /// @param opening whose `spec` says what the case is about; its roots are filled in here
    function open(ISegmentCourt court, Opening memory opening, bytes32 claimed, bytes32 charged)
        internal
        returns (DisputeId dispute)
    {
        bytes32[16][] memory claims = _children(claimed, opening.spec);
        bytes32[16][] memory others = _children(charged, opening.spec);
        opening.segments = 1;
        opening.claimRoot = keccak256(abi.encode(claims[0]));
        opening.otherRoot = keccak256(abi.encode(others[0]));
        dispute = court.open(opening);
        court.narrow(dispute, claims, others, "", new bytes32[15][](0));
    }

    function _children(bytes32 leaf, bytes32 spec) private pure returns (bytes32[16][] memory children) {
        children = new bytes32[16][](1);
        (children[0][0], children[0][1]) = (leaf, spec);
    }
}
