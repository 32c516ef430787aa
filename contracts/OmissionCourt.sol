// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {ICovenants} from "./interfaces/ICovenants.sol";
import {IKeyExchange} from "./interfaces/IKeyExchange.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ILicenseDesk} from "./interfaces/ILicenseDesk.sol";
import {IOmissionCourt} from "./interfaces/IOmissionCourt.sol";
import {IRevenueGraph} from "./interfaces/IRevenueGraph.sol";
import {ITermsBook} from "./interfaces/ITermsBook.sol";
import {KeyRange} from "./libraries/KeyRange.sol";
import {LicenseSet} from "./libraries/LicenseSet.sol";
import {Statements} from "./libraries/Statements.sol";
import {AssetId, TermsId} from "./types/Ids.sol";
import {Grant, Sale, Stage} from "./types/Licenses.sol";
import {Accusation, Evidence, Filing, Listed, Outcome, Statement, Verdict} from "./types/Revenue.sol";
import {Purposes} from "./types/Terms.sol";

/// @title Omissions from payouts: see IOmissionCourt.
contract OmissionCourt is IOmissionCourt {
    /// @dev Names this contract's payments in the RevenueGraph's `Paid` events.
    bytes32 private constant OMISSION_REF = "thenar.omission/1";

    ILedger private immutable _ledger;
    IAssetRegistry private immutable _registry;
    ITermsBook private immutable _book;
    ILicenseDesk private immutable _desk;
    IKeyExchange private immutable _exchange;
    ICovenants private immutable _covenants;
    IRevenueGraph private immutable _graph;
    uint40 private immutable _challengeWindow;
    uint40 private immutable _answerWindow;

    mapping(AssetId asset => mapping(uint32 payout => Verdict)) private _verdicts;
    mapping(AssetId asset => mapping(uint32 payout => mapping(AssetId omitted => Accusation))) private _accusations;

    constructor(
        ILedger ledger,
        IAssetRegistry registry,
        ITermsBook book,
        ILicenseDesk desk,
        IKeyExchange exchange,
        ICovenants covenants,
        IRevenueGraph graph,
        uint40 challengeWindow_,
        uint40 answerWindow_
    ) {
        _ledger = ledger;
        _registry = registry;
        _book = book;
        _desk = desk;
        _exchange = exchange;
        _covenants = covenants;
        _graph = graph;
        _challengeWindow = challengeWindow_;
        _answerWindow = answerWindow_;
    }

    /// @inheritdoc IOmissionCourt
    function take(address publisher, uint96 bond) external {
        if (msg.sender != address(_graph)) revert OmissionCourt_NotGraph(msg.sender);

        _ledger.lock(publisher, bond);
    }

    /* CHALLENGES */

    /// @inheritdoc IOmissionCourt
    function proveOmission(Filing calldata filing, Evidence calldata evidence, Listed[] calldata beside) external {
        _requireOpen(filing);
        _requireBought(filing, evidence);
        Statement calldata stated = filing.statement;
        if (!LicenseSet.lacks(stated.licenseSetRoot, stated.licenseCount, evidence.omitted, beside)) {
            revert OmissionCourt_NotOmitted(evidence.omitted);
        }

        _convict(filing, evidence.omitted, msg.sender);
    }

    /// @inheritdoc IOmissionCourt
    function accuse(Filing calldata filing, Evidence calldata evidence) external {
        _requireOpen(filing);
        _requireBought(filing, evidence);
        Accusation storage accusation = _accusations[filing.asset][filing.payout][evidence.omitted];
        if (accusation.accuser != address(0)) revert OmissionCourt_AlreadyAccused(evidence.omitted);

        uint40 answerBy = uint40(block.timestamp) + _answerWindow;
        (accusation.accuser, accusation.answerBy) = (msg.sender, answerBy);

        emit OmissionAccused(filing.asset, filing.payout, evidence.omitted, msg.sender, answerBy);
    }

    /// @inheritdoc IOmissionCourt
    function answer(Filing calldata filing, Listed calldata listed) external {
        _requireFiled(filing);
        (Accusation storage accusation, uint40 answerBy) = _accusation(filing, listed.asset);
        if (block.timestamp >= answerBy) revert OmissionCourt_TooLate(answerBy);
        _requireListed(filing, listed);

        accusation.answered = true;

        emit OmissionAnswered(filing.asset, filing.payout, listed.asset);
    }

    /// @inheritdoc IOmissionCourt
    function condemn(Filing calldata filing, AssetId omitted) external {
        _requireFiled(filing);
        _requireUndecided(filing);
        (Accusation storage accusation, uint40 answerBy) = _accusation(filing, omitted);
        if (block.timestamp < answerBy) revert OmissionCourt_TooEarly(answerBy);
        uint40 end = _bondFreeAt(filing.statement);
        if (block.timestamp >= end) revert OmissionCourt_TooLate(end);

        _convict(filing, omitted, accusation.accuser);
    }

    /* WAYS OUT */

    /// @inheritdoc IOmissionCourt
    function thaw(uint32 payout, Filing calldata correction, Listed calldata listed) external {
        Verdict storage verdict = _frozen(correction.asset, payout);
        _requireFiled(correction);
        if (correction.payout <= payout) revert OmissionCourt_NotLater(payout, correction.payout);
        if (_kept(listed.asset) != verdict.omitted) revert OmissionCourt_NotListed(listed.asset);
        _requireListed(correction, listed);

        _thaw(correction.asset, payout, verdict);
    }

    /// @inheritdoc IOmissionCourt
    function lapse(AssetId asset, uint32 payout) external {
        Verdict storage verdict = _frozen(asset, payout);
        if (block.timestamp < verdict.until) revert OmissionCourt_TooEarly(verdict.until);

        _thaw(asset, payout, verdict);
    }

    /// @inheritdoc IOmissionCourt
    function returnBond(Filing calldata filing) external {
        _requireFiled(filing);
        _requireUndecided(filing);
        Statement calldata stated = filing.statement;
        if (stated.bond == 0) revert OmissionCourt_NoBond(filing.asset, filing.payout);
        uint40 free = _bondFreeAt(stated);
        if (block.timestamp < free) revert OmissionCourt_TooEarly(free);

        _verdicts[filing.asset][filing.payout].outcome = Outcome.RETURNED;

        emit BondReturned(filing.asset, filing.payout, stated.publisher, stated.bond);
        _ledger.release(stated.publisher, stated.bond);
    }

    /* VIEWS */

    /// @inheritdoc IOmissionCourt
    function verdictOf(AssetId asset, uint32 payout) external view returns (Verdict memory) {
        return _verdicts[asset][payout];
    }

    /// @inheritdoc IOmissionCourt
    function accusationOf(AssetId asset, uint32 payout, AssetId omitted) external view returns (Accusation memory) {
        return _accusations[asset][payout][omitted];
    }

    /// @inheritdoc IOmissionCourt
    function challengeWindow() external view returns (uint40) {
        return _challengeWindow;
    }

    /// @inheritdoc IOmissionCourt
    function answerWindow() external view returns (uint40) {
        return _answerWindow;
    }

    /* PRIVATE */

    /// @dev The filing must be what the graph keeps of that payout.
    function _requireFiled(Filing calldata filing) private view {
        bytes32 given = Statements.commitment(filing.root, Statements.hash(filing.statement));
        if (_graph.payoutOf(filing.asset, filing.payout).commitment != given) {
            revert OmissionCourt_WrongFiling(filing.asset, filing.payout);
        }
    }

    function _requireUndecided(Filing calldata filing) private view {
        if (_verdicts[filing.asset][filing.payout].outcome != Outcome.NONE) {
            revert OmissionCourt_Decided(filing.asset, filing.payout);
        }
    }

    /// @dev A true filing that can still be challenged.
    function _requireOpen(Filing calldata filing) private view {
        _requireFiled(filing);
        _requireUndecided(filing);
        uint40 end = filing.statement.publishedAt + _challengeWindow;
        if (block.timestamp >= end) revert OmissionCourt_TooLate(end);
    }

    /// @dev The licensee must answer for the payout and must have bought the license before what counts for them.
    function _requireBought(Filing calldata filing, Evidence calldata evidence) private view {
        address licensee = evidence.licensee;
        uint40 end = filing.statement.publishedAt;
        if (licensee != filing.statement.publisher) {
            AssetId made = _registry.idOf(evidence.made);
            if (made != filing.asset) revert OmissionCourt_WrongCommitment(filing.asset, made);
            if (licensee != evidence.made.author) revert OmissionCourt_NotInvolved(licensee);
            end = _registry.assetOf(made).mintedAt;
        }
        if (!_boughtBefore(evidence.omitted, evidence.range, licensee, end)) {
            revert OmissionCourt_NoLicense(evidence.omitted, licensee, end);
        }
    }

    function _boughtBefore(AssetId asset, uint64 range, address licensee, uint40 end) private view returns (bool) {
        AssetId licensed = KeyRange.licensed(asset, range);
        Sale memory sale = _exchange.saleOf(licensed, licensee);
        if (sale.stage == Stage.Settled && sale.deadline < end && _mayTrain(sale.terms)) return true;
        Grant memory grant = _desk.grantOf(asset, licensee);
        if (grant.price != 0 && grant.since < end && _mayTrain(grant.terms)) return true;
        return _formerlyBefore(asset, licensee, end) || range != 0 && _formerlyBefore(licensed, licensee, end);
    }

    /// @dev Whether a license that a newer one took the place of counts.
    function _formerlyBefore(AssetId licensed, address licensee, uint40 end) private view returns (bool) {
        uint40 since = _covenants.formerOf(licensed, licensee).trainedSince;
        return since != 0 && since < end;
    }

    function _mayTrain(TermsId terms) private view returns (bool) {
        return _book.permits(terms, Purposes.TRAIN);
    }

    function _requireListed(Filing calldata filing, Listed calldata listed) private pure {
        if (!LicenseSet.contains(filing.statement.licenseSetRoot, filing.statement.licenseCount, listed)) {
            revert OmissionCourt_NotListed(listed.asset);
        }
    }

    /// @dev An accusation that waits for an answer, or has waited in vain.
    function _accusation(Filing calldata filing, AssetId omitted)
        private
        view
        returns (Accusation storage accusation, uint40 answerBy)
    {
        accusation = _accusations[filing.asset][filing.payout][omitted];
        answerBy = accusation.answerBy;
        if (answerBy == 0 || accusation.answered) revert OmissionCourt_NotAccused(omitted);
    }

    /// @dev When nothing that could still be said can cost the bond: the last accusation was made, answered or condemned.
    function _bondFreeAt(Statement calldata stated) private view returns (uint40) {
        return stated.publishedAt + _challengeWindow + 2 * _answerWindow;
    }

    /// @dev The one door to FROZEN.
    function _convict(Filing calldata filing, AssetId omitted, address challenger) private {
        (AssetId asset, uint32 payout, uint96 bond) = (filing.asset, filing.payout, filing.statement.bond);
        uint40 until = uint40(block.timestamp) + _challengeWindow;
        _verdicts[asset][payout] = Verdict(Outcome.FROZEN, until, _kept(omitted));

        emit OmissionProved(asset, payout, omitted, challenger, bond, until);
        _graph.setFrozen(asset, payout, true);
        if (bond == 0) return;
        uint256 reward = bond / 2;
        uint256 rest = bond - reward;
        if (reward != 0) _ledger.release(challenger, reward);
        _ledger.move(address(_graph), rest);
        _graph.credit(omitted, filing.statement.publisher, rest, OMISSION_REF);
    }

    function _frozen(AssetId asset, uint32 payout) private view returns (Verdict storage verdict) {
        verdict = _verdicts[asset][payout];
        if (verdict.outcome != Outcome.FROZEN) revert OmissionCourt_NotFrozen(asset, payout);
    }

    /// @dev The one door to THAWED.
    function _thaw(AssetId asset, uint32 payout, Verdict storage verdict) private {
        verdict.outcome = Outcome.THAWED;

        _graph.setFrozen(asset, payout, false);
    }

    /// @dev The high 208 bits of an id, which nobody makes another one share.
    function _kept(AssetId asset) private pure returns (uint208) {
        return uint208(uint256(AssetId.unwrap(asset)) >> 48);
    }
}
