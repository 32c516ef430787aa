// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

/// @dev A short list of cells under one root. A leaf is keccak256(abi.encode(cell)), a node the hash of its two children, the smaller
///      first; who has no partner moves up as it is. Leaves are hashed from 32 bytes and nodes from 64. Twin:
///      node/thenar/domain/bounty/cells.py.
library CellList {
    uint256 internal constant MOST = 256;

    /// @dev The root over at least one cell.
    function rootOf(uint64[] calldata cells) internal pure returns (bytes32) {
        uint256 count = cells.length;
        bytes32[] memory row = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            row[i] = _leafOf(cells[i]);
        }
        while (count > 1) {
            uint256 half = count / 2;
            for (uint256 i = 0; i < half; ++i) {
                row[i] = Hashes.commutativeKeccak256(row[2 * i], row[2 * i + 1]);
            }
            if (count % 2 != 0) row[half] = row[count - 1];
            count -= half;
        }
        return row[0];
    }

    function contains(bytes32 root, uint64 cell, bytes32[] calldata siblings) internal pure returns (bool) {
        return MerkleProof.verifyCalldata(siblings, root, _leafOf(cell));
    }

    function _leafOf(uint64 cell) private pure returns (bytes32) {
        return keccak256(abi.encode(cell));
    }
}
