// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICourtClient} from "../interfaces/ISegmentCourt.sol";
import {DisputeId, Opening, Ruling} from "../types/Disputes.sol";

/// @title Stands in for the SegmentCourt where a test needs a ruling of its own choosing.
contract RulingCourt {
    uint64 private _count;
    mapping(DisputeId dispute => Opening) private _openings;

    function open(Opening calldata opening) external returns (DisputeId dispute) {
        dispute = DisputeId.wrap(++_count);
        _openings[dispute] = opening;
    }

    /// @dev Nothing is narrowed here: the ruling is the test's.
    function narrow(
        DisputeId dispute,
        bytes32[16][] calldata claims,
        bytes32[16][] calldata others,
        bytes calldata state,
        bytes32[15][] calldata path
    ) external {}

    function rule(ICourtClient client, DisputeId dispute, Ruling ruling, bool judged) external returns (uint96) {
        return client.resolve(dispute, ruling, judged);
    }

    function openingOf(DisputeId dispute) external view returns (Opening memory) {
        return _openings[dispute];
    }
}
