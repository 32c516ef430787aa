// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {ILicenseDesk} from "../interfaces/ILicenseDesk.sol";
import {ITermsBook} from "../interfaces/ITermsBook.sol";
import {TermsId} from "../types/Ids.sol";
import {Deal, Grant, Standing, Stream} from "../types/Licenses.sol";

/// @dev How long licenses last, what they permit, and what a buyer guards against.
library Licensing {
    using Checkpoints for Checkpoints.Trace208;

    uint40 internal constant WITHOUT_END = type(uint40).max;

    /// @dev Reverts when a standing offer is not what a buyer agreed to.
    function check(Standing memory standing, uint256 maxPrice, uint32 maxShare, uint40 minDuration) internal pure {
        if (standing.price > maxPrice) revert ILicenseDesk.LicenseDesk_PriceAbove(standing.price, maxPrice);
        if (standing.share > maxShare) revert ILicenseDesk.LicenseDesk_ShareAbove(standing.share, maxShare);
        if (standing.duration != 0 && standing.duration < minDuration) {
            revert ILicenseDesk.LicenseDesk_TooShort(standing.duration, minDuration);
        }
    }

    /// @dev When a license that runs now ends; 0 when it does not run.
    function runsUntil(ITermsBook book, Grant memory given, uint32 consentEpoch) internal view returns (uint40) {
        if (given.until <= block.timestamp || given.consentEpoch != consentEpoch) return 0;
        uint40 end = endOf(book, given);
        return end > block.timestamp ? end : 0;
    }

    /// @dev When a license ends by time: never later than its terms allow; 0 when they were written after it or not at all.
    function endOf(ITermsBook book, Grant memory given) internal view returns (uint40) {
        (uint16 purposes,,, uint40 maximum, uint40 writtenAt,) = book.limitsOf(given.terms);
        if (purposes == 0 || writtenAt > given.since) return 0;
        bool within = maximum == 0 || given.until - given.since <= maximum;
        return within ? given.until : given.since + maximum;
    }

    function purposesOf(ITermsBook book, TermsId terms) internal view returns (uint16 purposes) {
        (purposes,,,,,) = book.limitsOf(terms);
    }

    /// @dev Whether some terms permit every purpose that others permit.
    function includes(ITermsBook book, TermsId terms, TermsId others) internal view returns (bool) {
        return purposesOf(book, others) & ~purposesOf(book, terms) == 0;
    }

    /// @dev Sums beyond the largest time count as without end.
    function later(uint256 start, uint40 duration) internal pure returns (uint40) {
        uint256 end = start + duration;
        return duration == 0 || end > WITHOUT_END ? WITHOUT_END : uint40(end);
    }

    /// @dev The price of a fair sale that settles now, on its way to the seller until its license ends.
    function streamOf(Deal calldata deal, uint40 until) internal view returns (Stream memory stream) {
        (stream.asset, stream.batch, stream.range) = (deal.asset, deal.batch, deal.range);
        (stream.source, stream.licensee, stream.seller) = (address(this), deal.buyer, deal.seller);
        (stream.boughtAt, stream.since, stream.until) = (uint40(block.timestamp), uint40(block.timestamp), until);
        (stream.price, stream.consentEpoch, stream.derived) = (deal.price, deal.consentEpoch, deal.derived);
    }

    /// @dev Of the last ending and those before it the first at `since` or later; 0 for none.
    function firstEnd(Checkpoints.Trace208 storage earlier, uint40 last, uint40 since) internal view returns (uint40) {
        if (last < since) return 0;
        uint40 first = uint40(earlier.lowerLookup(since)); // a time, as it was pushed
        return first == 0 ? last : first;
    }

    function covers(uint40 until, uint40 at) internal pure returns (bool) {
        return at < until || until == WITHOUT_END;
    }
}
