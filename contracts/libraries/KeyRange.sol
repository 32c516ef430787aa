// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "../types/Ids.sol";

/// @dev Parts of a sealed file that can be licensed alone: the nodes of its key tree, because the key of a node opens exactly the
///      chunks below it. Nodes are numbered as in a heap: the root is 1, the children of k are 2k and 2k + 1, so that chunk i
///      of a tree of depth d is node 2^d + i. 0 stands for the whole file; 1, the root, would be a second name for it.
library KeyRange {
    bytes32 private constant RANGE = "thenar.range/1";
    /// @dev Trees have at most 2^32 chunks.
    uint64 internal constant END = 1 << 33;

    error KeyRange_Unknown(uint64 range);

    /// @dev What offers and sales are kept under: the asset itself, or an id that stands for this part of it.
    ///      Reverts for what names no part of any file.
    function licensed(AssetId asset, uint64 range) internal pure returns (AssetId) {
        if (range == 0) return asset;
        if (range == 1 || range >= END) revert KeyRange_Unknown(range);
        return AssetId.wrap(keccak256(abi.encode(RANGE, asset, range)));
    }
}
