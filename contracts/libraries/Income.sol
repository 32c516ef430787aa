// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Edge, Node} from "../types/Revenue.sol";

/// @dev What part of an asset's income belongs to whom. Income is cumulative and piecewise linear: between two links the shares
///      stand still. Every part is rounded down on its own, so own part and parents' parts never add up to more than the income;
///      what rounding leaves over (below one unit per parent and per link) stays in the graph.
library Income {
    /// @dev The whole, in parts per million.
    uint256 internal constant WHOLE = 1_000_000;

    /// @dev The asset's own cumulative part: what parents' shares leave of everything received.
    function own(Node memory node) internal pure returns (uint256) {
        uint256 since = node.received - node.receivedAtLink;
        return node.ownAtLink + since * (WHOLE - node.linkedShare) / WHOLE;
    }

    /// @dev A parent's cumulative part of a child that has received `received`.
    function ofParent(Edge memory edge, uint256 received) internal pure returns (uint256) {
        return (received - edge.baseline) * edge.share / WHOLE;
    }

    /// @dev A leaf's cumulative part of what its payout has earned. Below 2^112 · 2^96, so the product fits.
    function ofLeaf(uint256 earned, uint256 weight, uint256 total) internal pure returns (uint256) {
        return earned * weight / total;
    }
}
