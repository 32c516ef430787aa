// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IComputeBounties} from "../interfaces/IComputeBounties.sol";
import {Bounty, Job} from "../types/Compute.sol";
import {AssetId} from "../types/Ids.sol";
import {Audits} from "./Audits.sol";

/// @dev What a job must be, what it costs and what of that is left.
library Jobs {
    uint16 private constant MOST_SEGMENTS = 4_095;
    uint96 private constant MOST_STAKE = 2 ** 80; // so that the stake of a whole claim fits a uint96

    /// @dev Reverts with what is wrong: 1 class, 2 spec, 3 units, 4 segments, 5 audit rate, 6 deadline, 7 work window, 8 input, 9 stake.
    function check(Job calldata job, uint40 workLimit) internal view {
        uint8 wrong = _wrong(job, workLimit);
        if (wrong != 0) revert IComputeBounties.ComputeBounties_BadJob(wrong);
        uint256 smallest = leastStake(job.price, job.auditBps);
        if (job.stake < smallest) revert IComputeBounties.ComputeBounties_StakeTooSmall(job.stake, smallest);
    }

    /// @dev The smallest stake that makes a lie at this audit rate cost more than it brings, rounded up.
    function leastStake(uint256 price, uint256 bps) internal pure returns (uint256) {
        return (price * (Audits.ALL - bps) + bps - 1) / bps;
    }

    /// @dev Enough for every unit, and for the audit of every unit, because in probation all are audited.
    function budget(Job calldata job) internal pure returns (uint256) {
        return uint256(job.units) * (uint256(job.price) + job.inputPrice + job.auditPrice);
    }

    /// @dev What of it belongs to nobody else once no claim runs.
    function unspent(Bounty memory bounty) internal pure returns (uint256) {
        uint256 undone = bounty.units - bounty.progress.done;
        uint256 unaudited = bounty.units - bounty.progress.audited;
        return undone * (uint256(bounty.price) + bounty.inputPrice) + unaudited * bounty.auditPrice;
    }

    function write(Bounty storage bounty, Job calldata job, address requester) internal {
        (bounty.classId, bounty.spec, bounty.input, bounty.canaryRoot) = (job.classId, job.spec, job.input, job.canaryRoot);
        (bounty.units, bounty.segments, bounty.auditBps) = (job.units, job.segments, job.auditBps);
        (bounty.deadline, bounty.workWindow, bounty.price) = (job.deadline, job.workWindow, job.price);
        (bounty.requester, bounty.stake) = (requester, job.stake);
        (bounty.auditPrice, bounty.inputPrice, bounty.canaryBond) = (job.auditPrice, job.inputPrice, job.canaryRoot != 0);
    }

    function _wrong(Job calldata job, uint40 workLimit) private view returns (uint8) {
        if (job.classId == 0) return 1;
        if (job.spec == 0) return 2;
        if (job.units == 0) return 3;
        if (job.segments == 0 || job.segments > MOST_SEGMENTS) return 4;
        if (job.auditBps == 0 || job.auditBps > Audits.ALL) return 5;
        if (job.deadline <= block.timestamp) return 6;
        if (job.workWindow == 0 || job.workWindow > workLimit) return 7;
        if (AssetId.unwrap(job.input) == 0 && job.inputPrice != 0) return 8;
        return job.stake > MOST_STAKE ? 9 : 0;
    }
}
