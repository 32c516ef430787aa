// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISegmentCourt} from "../interfaces/ISegmentCourt.sol";
import {Dispute, DisputeId, Opening} from "../types/Disputes.sol";
import {TraceTree} from "./TraceTree.sol";

/// @dev The moves by which two traces are narrowed to their first difference, and the clocks they are made on. Twin: the TraceTree of
///      node/thenar/domain/work/trace.py with `first_difference`.
library Narrowing {
    uint256 private constant MAX_STATE = 16_384;

    function requireOpening(Dispute storage d, DisputeId dispute, Opening calldata opening) internal view {
        if (keccak256(abi.encode(opening)) != d.opening) revert ISegmentCourt.SegmentCourt_WrongOpening(dispute);
    }

    /// @dev The children must be those of the node, and beyond the end of the traces there is nothing.
    function requireChildren(Dispute storage d, DisputeId dispute, bytes32[16] calldata children, bytes32 node) internal view {
        bytes32 given = TraceTree.nodeOf(children);
        if (given != node) revert ISegmentCourt.SegmentCourt_WrongChildren(node, given);
        if (!TraceTree.endsRight(children, d.level, d.first, d.leaves)) {
            revert ISegmentCourt.SegmentCourt_BeyondTheEnd(dispute);
        }
    }

    /// @dev Takes the time since the last move from the side whose turn it is, and starts its opponent's.
    function spend(Dispute storage d, DisputeId dispute) internal {
        uint256 used = block.timestamp - d.mark;
        uint32 left = d.otherMoves ? d.otherClock : d.claimClock;
        if (used >= left) revert ISegmentCourt.SegmentCourt_OutOfTime(dispute);

        if (d.otherMoves) d.otherClock = left - uint32(used);
        else d.claimClock = left - uint32(used);
        d.mark = uint40(block.timestamp);
    }

    /// @dev Goes down to the first children that differ. The nodes differ, so two of their children do.
    function descend(Dispute storage d, DisputeId dispute, bytes32[16] calldata claims, bytes32[16] calldata others) internal {
        requireChildren(d, dispute, claims, d.claimNode);
        requireChildren(d, dispute, others, d.otherNode);
        uint256 place = 0;
        while (claims[place] == others[place]) ++place;
        uint8 level = d.level - 1;

        d.level = level;
        d.first += uint16(place << 4 * level);
        (d.claimNode, d.otherNode, d.otherMoves) = (claims[place], others[place], false);
        if (place != 0) (d.agreed, d.agreedLevel) = (claims[place - 1], level);

        emit ISegmentCourt.CaseNarrowed(dispute, level, d.first, d.claimNode, d.otherNode, d.agreed, d.agreedLevel);
    }

    /// @dev Checks that the state's hash is the last leaf below the agreed node.
    function takeState(Dispute storage d, DisputeId dispute, bytes calldata state, bytes32[15][] calldata path) internal {
        if (d.computable) revert ISegmentCourt.SegmentCourt_Computable(dispute);
        if (state.length > MAX_STATE) revert ISegmentCourt.SegmentCourt_StateTooBig(state.length, MAX_STATE);
        bytes32 node = TraceTree.aboveLast(sha256(state), path);
        if (node != d.agreed || path.length != d.agreedLevel) {
            revert ISegmentCourt.SegmentCourt_WrongState(d.agreed, node);
        }

        d.agreed = 0; // has done its work, and what it cost comes back

        emit ISegmentCourt.StatePosted(dispute, state);
    }
}
