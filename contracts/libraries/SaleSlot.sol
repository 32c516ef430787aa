// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {TermsId} from "../types/Ids.sol";
import {Deal, Sale, Stage} from "../types/Licenses.sol";

/// @dev One word per asset and buyer. The stage is always in bits 0–7 and the deadline in bits 8–47.
///      While a sale runs, bits 48–255 are the high 208 bits of what the parties agreed on (making two agreements collide takes
///      2^104 hashes) and everything else comes back as calldata. Once settled they are the license: until, consent epoch,
///      terms, price and whether the asset is derived; and the deadline's bits are the time of settling. Once refunded they are 0.
library SaleSlot {
    uint256 private constant KEPT = type(uint256).max << 48;

    function running(Stage stage, uint40 deadline, bytes32 agreement) internal pure returns (uint256) {
        return uint256(stage) | uint256(deadline) << 8 | (uint256(agreement) & KEPT);
    }

    function settled(Deal calldata deal, uint40 until) internal view returns (uint256) {
        return uint256(Stage.Settled) | block.timestamp << 8 | uint256(until) << 48 | uint256(deal.consentEpoch) << 88
            | uint256(TermsId.unwrap(deal.terms)) << 120 | uint256(deal.price) << 152 | (deal.derived ? 1 << 248 : 0);
    }

    /// @dev A settled word whose license ends this very second; the rest stays.
    function endedNow(uint256 slot) internal view returns (uint256) {
        return (slot & ~(uint256(type(uint40).max) << 48)) | block.timestamp << 48;
    }

    function refunded(uint256 at) internal pure returns (uint256) {
        return uint256(Stage.Refunded) | at << 8;
    }

    function stageOf(uint256 slot) internal pure returns (Stage) {
        return Stage(uint8(slot));
    }

    function deadlineOf(uint256 slot) internal pure returns (uint40) {
        return uint40(slot >> 8);
    }

    /// @dev The kept bits of an agreement, the rest 0.
    function cut(bytes32 agreement) internal pure returns (bytes32) {
        return agreement & bytes32(KEPT);
    }

    /// @dev The word as a struct: stage and deadline always, the rest once settled.
    function read(uint256 slot) internal pure returns (Sale memory sale) {
        sale.stage = stageOf(slot);
        sale.deadline = deadlineOf(slot);
        if (sale.stage != Stage.Settled) return sale;
        sale.term = uint40(slot >> 48);
        sale.consentEpoch = uint32(slot >> 88);
        sale.terms = TermsId.wrap(uint32(slot >> 120));
        sale.price = uint96(slot >> 152);
        sale.derived = slot >> 248 != 0;
    }
}
