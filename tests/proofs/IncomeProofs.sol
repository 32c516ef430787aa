// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Income} from "../../contracts/libraries/Income.sol";
import {Node} from "../../contracts/types/Revenue.sol";

/// @dev What halmos proves of shares and leaves, for all inputs within the bounds that the contract keeps.
///      A failing assertion is a counterexample; run `make audit STEPS=proofs`.
contract IncomeProofs {
    /// @dev With everything linked away nothing more becomes the asset's own.
    function check_linked_in_full_nothing_more_is_own(uint112 before, uint112 since, uint112 own) external pure {
        Node memory node = Node(uint128(before) + since, own, before, uint32(Income.WHOLE), 0);
        assert(Income.own(node) == own);
    }
}
