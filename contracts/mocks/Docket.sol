// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ILedger} from "../interfaces/ILedger.sol";
import {ICourtClient, ISegmentCourt} from "../interfaces/ISegmentCourt.sol";
import {DisputeId, Opening, Ruling} from "../types/Disputes.sol";

/// @title A client of the court with nothing but cases: pays jurors what it is told to and remembers every word of the court.
contract Docket is ICourtClient {
    struct Told {
        Ruling ruling;
        bool judged;
        uint8 times;
    }

    ILedger private immutable _ledger;
    ISegmentCourt private immutable _court;
    uint96 private _fees;
    mapping(DisputeId dispute => Told) private _told;

    constructor(ILedger ledger, ISegmentCourt court) {
        _ledger = ledger;
        _court = court;
    }

    /// @dev Takes money from the caller's wallet; every judged case is paid `fees` of it.
    function pay(uint256 amount, uint96 fees) external {
        _fees = fees;
        _ledger.collect(msg.sender, amount);
    }

    function open(Opening calldata opening) external returns (DisputeId) {
        return _court.open(opening);
    }

    function resolve(DisputeId dispute, Ruling ruling, bool judged) external returns (uint96 fees) {
        require(msg.sender == address(_court), "not the court");
        Told storage told = _told[dispute];
        (told.ruling, told.judged) = (ruling, judged);
        ++told.times;
        if (!judged) return 0;
        fees = _fees;
        _ledger.move(msg.sender, fees);
    }

    function toldOf(DisputeId dispute) external view returns (Told memory) {
        return _told[dispute];
    }
}
