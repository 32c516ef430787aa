// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ILedger} from "../interfaces/ILedger.sol";
import {ISegmentCourt} from "../interfaces/ISegmentCourt.sol";
import {IWorkerPool} from "../interfaces/IWorkerPool.sol";
import {DisputeId, Opening, Panel, Ruling} from "../types/Disputes.sol";

/// @dev Who judges, what jurors commit to and what a panel's votes come to. Twin: node/thenar/domain/disputes.py.
library JuryVotes {
    bytes32 private constant TAG = "thenar.vote/1";

    /// @dev Draws up to 7, 15 or 31 jurors who belong to none of the parties and were there before the case.
    function draw(IWorkerPool pool, Opening calldata opening, bytes32 drawn, DisputeId dispute, uint8 round, uint40 before)
        internal
        view
        returns (address[] memory)
    {
        address[] memory parties = new address[](3);
        (parties[0], parties[1], parties[2]) = (opening.claimant, opening.other, opening.requester);
        bytes32 seed = keccak256(abi.encode(drawn, dispute, round));
        return pool.draw(opening.classId, seed, (8 << round) - 1, before, parties);
    }

    /// @dev A vote is good for one juror in one round of one dispute of this court, so a copied one opens nothing.
    function commitment(DisputeId dispute, uint8 round, address juror, bytes32 leaf, bytes32 salt) internal view returns (bytes32) {
        return keccak256(abi.encode(TAG, block.chainid, address(this), dispute, round, juror, leaf, salt));
    }

    /// @dev Two in three of the revealed votes rule when at least half of the panel revealed.
    function majority(Panel storage p) internal view returns (Ruling) {
        uint256 reveals = p.reveals;
        if (reveals == 0 || 2 * reveals < p.size) return Ruling.NONE;
        if (3 * uint256(p.forClaim) >= 2 * reveals) return Ruling.CLAIM;
        if (3 * uint256(p.forOther) >= 2 * reveals) return Ruling.OTHER;
        return Ruling.NONE;
    }

    /// @dev Counts the votes with the ruling, gives bonds back and keeps those of appeals that changed nothing for the jurors.
    function settle(
        mapping(uint8 round => Panel) storage panels,
        mapping(uint8 round => address) storage appellants,
        ILedger ledger,
        uint8 last,
        Ruling ruling
    ) internal returns (uint256 pot, uint256 winners) {
        for (uint8 round = 0; round <= last; ++round) {
            Panel storage p = panels[round];
            if (ruling == Ruling.CLAIM) winners += p.forClaim;
            if (ruling == Ruling.OTHER) winners += p.forOther;
            uint256 bond = p.appealBond;
            if (bond == 0) continue;
            if (majority(p) == ruling && panels[round + 1].size != 0) pot += bond;
            else ledger.release(appellants[round], bond);
        }
    }

    /// @dev The juror at a place of a panel that was drawn.
    function member(Panel storage p, DisputeId dispute, uint8 round, address[] calldata panel, uint256 place)
        internal
        view
        returns (address)
    {
        if (keccak256(abi.encode(panel)) != p.members) revert ISegmentCourt.SegmentCourt_WrongPanel(dispute, round);
        return panel[place];
    }
}
