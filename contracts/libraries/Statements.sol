// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Statement} from "../types/Revenue.sol";

/// @dev How a payout commits to its tree and to what its publisher states, in one word: a payout that nobody challenges costs no
///      slot for it. Twin: node/thenar/domain/statements.py.
library Statements {
    bytes32 private constant STATEMENT = "thenar.statement/1";
    bytes32 private constant PAYOUT = "thenar.payout/1";

    function hash(Statement memory statement) internal pure returns (bytes32) {
        return keccak256(abi.encode(STATEMENT, statement));
    }

    /// @dev Commits to a Merkle-sum root and to the hash of the statement made with it.
    function commitment(bytes32 root, bytes32 statement) internal pure returns (bytes32) {
        return keccak256(abi.encode(PAYOUT, root, statement));
    }
}
