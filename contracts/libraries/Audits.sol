// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ClaimId} from "../types/Compute.sol";

/// @dev Which units of a claim are audited, and what commitments are made of. Twin: node/thenar/domain/work/audits.py.
library Audits {
    bytes32 internal constant WORK = "thenar.work/1";
    bytes32 internal constant AUDIT = "thenar.audit/1";
    /// @dev All units, in 1/10000.
    uint16 internal constant ALL = 10_000;
    uint16 internal constant NOWHERE = type(uint16).max;
    bytes12 internal constant UNDRAWN = bytes12(uint96(1));

    /// @dev What an account commits with, bound so that nobody else's claim opens it.
    function commitment(bytes32 tag, ClaimId claimId, address account, bytes32 classId, bytes32 root, bytes32 salt)
        internal
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(tag, block.chainid, address(this), claimId, account, classId, root, salt));
    }

    function isAudited(bytes12 seed, uint256 unit, uint256 bps) internal pure returns (bool) {
        return bps >= ALL || uint256(keccak256(abi.encode(bytes32(seed), unit))) % ALL < bps;
    }

    /// @dev The first place from `start` on, going round, whose unit is audited; NOWHERE when none is.
    function placeFrom(bytes12 seed, uint256 first, uint256 count, uint256 bps, uint256 start) internal pure returns (uint16) {
        for (uint256 i = 0; i < count; ++i) {
            uint256 place = (start + i) % count;
            if (isAudited(seed, first + place, bps)) return uint16(place); // below 1,024
        }
        return NOWHERE;
    }

    /// @dev How many units' audit is paid, whichever they are: the drawn part, rounded up.
    function paidUnits(uint256 count, uint256 bps) internal pure returns (uint256) {
        return (count * bps + ALL - 1) / ALL;
    }
}
