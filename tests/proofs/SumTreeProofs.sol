// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {LibraryDoors} from "../../contracts/mocks/LibraryDoors.sol";
import {Beneficiary, Claim} from "../../contracts/types/Revenue.sol";

/// @dev Whatever root, sums and siblings a publisher makes up: what passes adds up to the published total.
contract SumTreeProofs {
    LibraryDoors private immutable _doors = new LibraryDoors();

    function check_what_passes_adds_up(bytes32 root, uint96 total, bytes32 leaf, uint96 weight, uint96 first, uint96 second)
        external
        view
    {
        for (uint32 index = 0; index < 4; ++index) {
            Claim memory claim = _claim(index, weight, first, second, leaf);
            if (!_doors.contains(root, total, 2, leaf, claim)) continue;
            assert(uint256(weight) + first + second == total);
        }
    }

    function check_an_index_beyond_the_tree_is_refused(bytes32 root, uint96 total, uint96 weight, uint32 index) external view {
        if (index < 4) return;
        assert(!_doors.contains(root, total, 2, 0, _claim(index, weight, 0, 0, 0)));
    }

    function check_a_proof_of_another_length_is_refused(bytes32 root, uint96 total, uint8 depth, uint96 weight) external view {
        if (depth == 2) return;
        assert(!_doors.contains(root, total, depth, 0, _claim(0, weight, 0, 0, 0)));
    }

    function _claim(uint32 index, uint96 weight, uint96 first, uint96 second, bytes32 sibling)
        private
        pure
        returns (Claim memory)
    {
        bytes32[] memory siblings = new bytes32[](2);
        uint96[] memory sums = new uint96[](2);
        (siblings[0], siblings[1], sums[0], sums[1]) = (sibling, sibling, first, second);
        return Claim(index, Beneficiary.OWNER, 0, weight, siblings, sums);
    }
}
