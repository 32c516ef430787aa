// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev How much a witness's word counts. Twin: node/thenar/domain/bounty/witnessing.py.
library Witnesses {
    uint256 internal constant BP = 10_000;
    uint256 internal constant ALONE = 4_000; // trust in a capture nobody has seen again
    uint256 private constant WORD = 3_000; // a word's weight between two who never spoke for each other
    uint256 private constant FULL_STAKE = 2; // minimum stakes behind a word that counts in full

    /// @dev Of a witness with that stake, after so many words between the same two accounts, either way. Rounded down.
    function weightOf(uint256 stake, uint256 minimumStake, uint256 earlier) internal pure returns (uint256) {
        uint256 full = FULL_STAKE * minimumStake;
        uint256 behind = stake < full ? stake * BP / full : BP;
        return WORD * behind / (BP * (1 + earlier));
    }

    /// @dev What two accounts are counted by, whichever is named first.
    function pairOf(address one, address other) internal pure returns (bytes32) {
        return one < other ? keccak256(abi.encode(one, other)) : keccak256(abi.encode(other, one));
    }
}
