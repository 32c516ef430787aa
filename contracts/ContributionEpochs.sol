// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {IContributionEpochs} from "./interfaces/IContributionEpochs.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ICourtClient, ISegmentCourt} from "./interfaces/ISegmentCourt.sol";
import {IThenarToken} from "./interfaces/IThenarToken.sol";
import {EpochPools} from "./libraries/EpochPools.sol";
import {SumTree} from "./libraries/SumTree.sol";
import {Verdicts} from "./libraries/Verdicts.sol";
import {DisputeId, Opening, Ruling} from "./types/Disputes.sol";
import {EpochParams, EpochRoot, EpochSums, RootContest, RootProposal, RunningEpoch} from "./types/Epochs.sol";
import {AssetId} from "./types/Ids.sol";

/// @title Rewards for contributions: see IContributionEpochs.
contract ContributionEpochs is IContributionEpochs {
    using SafeERC20 for IThenarToken;

    /// @dev What is burnt of bonds lies in the Ledger account of an address nobody has the key of.
    address private constant NOBODY = 0x000000000000000000000000000000000000dEaD;
    bytes32 private constant IDLE = bytes32(uint256(1)); // never 0: writing over what is there costs a quarter
    uint256 private constant VOID_PART = 10; // of a bond is lost when nobody can say who is right

    IThenarToken private immutable _token;
    ILedger private immutable _ledger;
    IAssetRegistry private immutable _registry;
    ISegmentCourt private immutable _court;
    uint40 private immutable _length;
    uint40 private immutable _window;
    uint96 private immutable _bond;
    uint88 private immutable _emission;
    uint32 private immutable _halving;
    uint88 private immutable _base;
    bytes32 private immutable _rules;

    RunningEpoch private _running;
    EpochSums private _sums;
    bytes32 private _settled;
    bytes32 private _proposed;
    RootContest private _contest;
    mapping(address account => uint96) private _claimed;

    constructor(
        IThenarToken thenarToken,
        ILedger ledger,
        IAssetRegistry registry,
        ISegmentCourt segmentCourt,
        EpochParams memory epochParams
    ) {
        EpochParams memory p = epochParams;
        if (p.length == 0 || p.window == 0 || p.bond == 0 || p.halving == 0) revert ContributionEpochs_BadParameters();
        uint256 emitted = 2 * uint256(p.emission) * p.halving; // halved again and again, all periods emit less than this
        if (emitted > thenarToken.cap()) revert ContributionEpochs_CapTooLow(thenarToken.cap(), emitted);

        (_token, _ledger, _registry, _court) = (thenarToken, ledger, registry, segmentCourt);
        (_length, _window, _bond, _rules) = (p.length, p.window, p.bond, p.rules);
        (_emission, _halving, _base) = (p.emission, p.halving, p.base);
        uint88 pool = uint88(EpochPools.poolOf(1, 0, p.emission, p.halving, p.base)); // at most the emission
        _running = RunningEpoch(1, uint40(block.timestamp), pool, 0);
        _proposed = IDLE;

        emit EpochTerms(p, pool, uint40(block.timestamp));
    }

    /* USE */

    /// @inheritdoc IContributionEpochs
    function pay(AssetId asset, uint256 amount) external {
        if (amount == 0) revert ContributionEpochs_NothingPaid();
        address owner = _registry.assetOf(asset).owner;
        uint256 burnt = EpochPools.burnOf(amount);

        RunningEpoch storage epoch = _running;
        epoch.burnt += uint96(burnt); // no more than was ever minted, which the cap keeps below 2^96

        emit UsagePaid(asset, msg.sender, owner, amount, burnt, epoch.number);
        _token.burnFrom(msg.sender, burnt);
        _token.safeTransferFrom(msg.sender, owner, amount - burnt);
    }

    /* ROOTS */

    /// @inheritdoc IContributionEpochs
    function close() external {
        RunningEpoch memory ended = _running;
        uint256 since = uint256(ended.openedAt) + _length;
        if (block.timestamp < since) revert ContributionEpochs_TooEarly(since);

        uint96 granted = _sums.granted + ended.pool;
        uint88 next = uint88(_pool(ended.number + 1, ended.burnt)); // at most the emission
        _sums.granted = granted;
        _running = RunningEpoch(ended.number + 1, uint40(block.timestamp), next, 0);

        emit EpochClosed(ended.number, ended.pool, granted, ended.burnt, next, uint40(block.timestamp));
    }

    /// @inheritdoc IContributionEpochs
    function propose(EpochRoot calldata root) external {
        uint32 newest = _running.number - 1;
        if (root.epoch != newest) revert ContributionEpochs_WrongEpoch(root.epoch, newest);
        _requireRoot(root);
        if (_proposed != IDLE) revert ContributionEpochs_Busy();

        uint40 until = uint40(block.timestamp) + _window;
        _proposed = keccak256(abi.encode(RootProposal(root, msg.sender, until)));

        emit RootProposed(msg.sender, root, until);
        _ledger.lock(msg.sender, _bond);
    }

    /// @inheritdoc IContributionEpochs
    function challenge(RootProposal calldata proposal, EpochRoot calldata held) external returns (DisputeId dispute) {
        _requireProposed(proposal);
        EpochRoot calldata root = proposal.root;
        if (block.timestamp >= proposal.until) revert ContributionEpochs_TooLate(proposal.until);
        if (held.epoch != root.epoch) revert ContributionEpochs_WrongEpoch(held.epoch, root.epoch);
        _requireRoot(held);
        (bytes32 claimed, bytes32 other) = (EpochPools.verdictOf(root), EpochPools.verdictOf(held));
        if (claimed == other) revert ContributionEpochs_SameRoot();

        Opening memory opening;
        (opening.classId, opening.unit) = (_rules, root.epoch);
        opening.spec = keccak256(abi.encode(proposal, held));
        (opening.claimant, opening.other) = (proposal.proposer, msg.sender);
        _proposed = 0;
        dispute = Verdicts.open(_court, opening, claimed, other);
        _contest = RootContest(dispute, proposal.proposer, msg.sender, root, held);

        emit RootChallenged(dispute, msg.sender, held);
        _ledger.lock(msg.sender, _bond);
    }

    /// @inheritdoc IContributionEpochs
    function settle(RootProposal calldata proposal) external {
        _requireProposed(proposal);
        if (block.timestamp < proposal.until) revert ContributionEpochs_TooEarly(proposal.until);

        _settle(proposal.root);
        _ledger.release(proposal.proposer, _bond);
    }

    /// @inheritdoc ICourtClient
    function resolve(DisputeId dispute, Ruling ruling, bool judged) external returns (uint96 fees) {
        if (msg.sender != address(_court)) revert ContributionEpochs_NotCourt(msg.sender);
        RootContest memory c = _contest;
        if (DisputeId.unwrap(dispute) == 0 || DisputeId.unwrap(c.dispute) != DisputeId.unwrap(dispute)) {
            revert ContributionEpochs_Unknown(dispute);
        }

        delete _contest;
        if (ruling != Ruling.CLAIM && ruling != Ruling.OTHER) return _void(c);
        bool stands = ruling == Ruling.CLAIM;
        (uint256 toWinner, uint256 toJurors) = (_bond / 2, judged ? _bond / 4 : 0);
        uint256 burnt = _bond - toWinner - toJurors;

        emit RootJudged(dispute, c.proposed.epoch, ruling, toWinner, toJurors, burnt);
        _settle(stands ? c.proposed : c.held);
        _ledger.release(stands ? c.proposer : c.challenger, _bond + toWinner);
        _ledger.release(NOBODY, burnt);
        if (toJurors != 0) _ledger.move(msg.sender, toJurors);
        return uint96(toJurors); // a quarter of a bond
    }

    /* REWARDS */

    /// @inheritdoc IContributionEpochs
    function claim(address account, uint256 index, uint96 amount, bytes32[] calldata siblings, uint96[] calldata sums_)
        external
    {
        _requireLeaf(account, index, amount, siblings, sums_);
        uint96 had = _claimed[account];
        if (amount <= had) revert ContributionEpochs_NothingDue(account, had);
        uint96 due = amount - had;
        EpochSums storage kept = _sums;
        (uint96 paid, uint96 granted) = (kept.paid, kept.granted);
        if (due > granted - paid) revert ContributionEpochs_Overdrawn(paid, due, granted);

        _claimed[account] = amount;
        kept.paid = paid + due;

        emit RewardClaimed(account, due, amount);
        _token.mint(account, due);
    }

    /* VIEWS */

    /// @inheritdoc IContributionEpochs
    function running() external view returns (RunningEpoch memory) {
        return _running;
    }

    /// @inheritdoc IContributionEpochs
    function sums() external view returns (EpochSums memory) {
        return _sums;
    }

    /// @inheritdoc IContributionEpochs
    function settledRoot() external view returns (bytes32) {
        return _settled;
    }

    /// @inheritdoc IContributionEpochs
    function proposed() external view returns (bytes32) {
        return _proposed == IDLE ? bytes32(0) : _proposed;
    }

    /// @inheritdoc IContributionEpochs
    function contest() external view returns (RootContest memory) {
        return _contest;
    }

    /// @inheritdoc IContributionEpochs
    function claimedBy(address account) external view returns (uint96) {
        return _claimed[account];
    }

    /// @inheritdoc IContributionEpochs
    function poolOf(uint32 epoch, uint96 burnt) external view returns (uint256) {
        return _pool(epoch, burnt);
    }

    /// @inheritdoc IContributionEpochs
    function parameters() external view returns (EpochParams memory) {
        return EpochParams(_length, _window, _bond, _emission, _halving, _base, _rules);
    }

    /* PRIVATE */

    function _pool(uint32 epoch, uint96 burnt) private view returns (uint256) {
        return EpochPools.poolOf(epoch, burnt, _emission, _halving, _base);
    }

    function _requireRoot(EpochRoot calldata root) private view {
        if (root.root == 0 || root.depth > SumTree.MAX_DEPTH) revert ContributionEpochs_BadRoot(root.root, root.depth);
        EpochSums memory kept = _sums;
        if (root.epoch <= kept.settled) revert ContributionEpochs_Settled(kept.settled);
        if (root.total > kept.granted) revert ContributionEpochs_OverPools(root.total, kept.granted);
    }

    /// @dev The number of siblings is the tree's depth, so that no leaf has two places and no inner node passes for a leaf.
    function _requireLeaf(
        address account,
        uint256 index,
        uint96 amount,
        bytes32[] calldata siblings,
        uint96[] calldata sums_
    ) private view {
        uint256 depth = siblings.length;
        bool shaped = depth <= SumTree.MAX_DEPTH && sums_.length == depth && index >> depth == 0;
        if (!shaped) revert ContributionEpochs_NotInRoot(account, index);
        bytes32 leaf = EpochPools.leafOf(index, account, amount);
        (bytes32 root, uint256 total) = SumTree.fold(leaf, amount, index, siblings, sums_);
        if (EpochPools.keptOf(root, total, depth) != _settled) revert ContributionEpochs_NotInRoot(account, index);
    }

    function _requireProposed(RootProposal calldata proposal) private view {
        if (keccak256(abi.encode(proposal)) != _proposed) revert ContributionEpochs_WrongProposal();
    }

    function _settle(EpochRoot memory root) private {
        _proposed = IDLE;
        _settled = EpochPools.keptOf(root.root, root.total, root.depth);
        _sums.settled = root.epoch;

        emit RootSettled(root);
    }

    /// @dev Nobody could say: the epoch is open to proposals again.
    function _void(RootContest memory c) private returns (uint96) {
        uint256 fine = _bond / VOID_PART;
        _proposed = IDLE;

        emit RootJudged(c.dispute, c.proposed.epoch, Ruling.VOID, 0, 0, 2 * fine);
        _ledger.release(c.proposer, _bond - fine);
        _ledger.release(c.challenger, _bond - fine);
        _ledger.release(NOBODY, 2 * fine);
        return 0;
    }
}
