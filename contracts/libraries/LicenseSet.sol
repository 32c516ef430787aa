// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "../types/Ids.sol";
import {Listed} from "../types/Revenue.sol";
import {MemberTree} from "./MemberTree.sol";

/// @dev License sets: member trees over strictly increasing asset ids. What order an owner really wrote is nobody's concern:
///      between a first place below and a last place above an asset that is missing there is always an adjacent pair with one
///      below and one above it. Twin: node/thenar/domain/statements.py.
library LicenseSet {
    /// @dev Whether an asset stands at its index of the set with this root and count.
    function contains(bytes32 root, uint32 count, Listed calldata listed) internal pure returns (bool) {
        return MemberTree.contains(root, count, listed.index, AssetId.unwrap(listed.asset), listed.siblings);
    }

    /// @dev Whether an asset is missing: the set is empty, or an edge lies beyond it, or two adjacent places lie on both sides of it.
    function lacks(bytes32 root, uint32 count, AssetId asset, Listed[] calldata beside) internal pure returns (bool) {
        if (beside.length == 0) return count == 0;
        for (uint256 i = 0; i < beside.length; ++i) {
            if (!contains(root, count, beside[i])) return false;
        }
        Listed calldata first = beside[0];
        bool above = _below(asset, first.asset);
        if (beside.length == 1) {
            return above ? first.index == 0 : _below(first.asset, asset) && first.index == count - 1;
        }
        return beside.length == 2 && _below(first.asset, asset) && _below(asset, beside[1].asset)
            && beside[1].index == uint256(first.index) + 1;
    }

    function _below(AssetId a, AssetId b) private pure returns (bool) {
        return AssetId.unwrap(a) < AssetId.unwrap(b);
    }
}
