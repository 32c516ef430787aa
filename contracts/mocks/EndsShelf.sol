// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "../types/Ids.sol";

/// @title Stands in for the LicenseDesk where a test needs a license to have ended at a time of its own choosing.
contract EndsShelf {
    struct Ends {
        uint40 granted;
        uint40 sold;
    }

    mapping(AssetId licensed => mapping(address licensee => Ends)) private _ends;

    function put(AssetId licensed, address licensee, uint40 granted, uint40 sold) external {
        _ends[licensed][licensee] = Ends(granted, sold);
    }

    function endedAt(AssetId licensed, address licensee, uint40 since)
        external
        view
        returns (uint40 granted, uint40 sold)
    {
        Ends storage ends = _ends[licensed][licensee];
        return (ends.granted < since ? 0 : ends.granted, ends.sold < since ? 0 : ends.sold);
    }
}
