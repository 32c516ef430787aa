// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ILicenseDesk} from "./interfaces/ILicenseDesk.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IReflexDesk} from "./interfaces/IReflexDesk.sol";
import {IRevenueGraph} from "./interfaces/IRevenueGraph.sol";
import {ITermsBook} from "./interfaces/ITermsBook.sol";
import {Inclusion} from "./libraries/Inclusion.sol";
import {Asset, AssetKind} from "./types/Assets.sol";
import {AssetId} from "./types/Ids.sol";
import {Answers, Channel, ChannelId, Service, SignedAnswer} from "./types/Reflex.sol";
import {Purposes} from "./types/Terms.sol";

/// @title The reflex arc: see IReflexDesk.
contract ReflexDesk is EIP712, IReflexDesk {
    bytes32 private constant _VOUCHER = keccak256(
        "Voucher(uint64 channel,address node,bytes32 model,address client,uint96 amount,uint64 calls)"
    );
    bytes32 private constant _ANSWERS = keccak256(
        "Answers(address node,bytes32 model,uint64 channel,uint64 window,uint32 count,bytes32 runtime,bytes32 root)"
    );
    /// @dev Names this contract's payments in the RevenueGraph's `Paid` events.
    bytes32 private constant _REF = "thenar.reflex/1";
    uint24 private constant _WHOLE = 1_000_000;
    uint40 private constant _CONVICTED = type(uint40).max;
    /// @dev What is burnt lies in the Ledger account of an address nobody has the key of.
    address private constant _NOBODY = 0x000000000000000000000000000000000000dEaD;

    ILedger private immutable _ledger;
    IAssetRegistry private immutable _registry;
    ITermsBook private immutable _book;
    ILicenseDesk private immutable _desk;
    INodeRegistry private immutable _nodes;
    IRevenueGraph private immutable _graph;
    address private immutable _disputes;
    uint40 private immutable _exitWindow;
    uint40 private immutable _longest;
    uint40 private immutable _evidenceWindow;
    uint96 private immutable _leastDeposit;

    uint64 private _count;
    mapping(address node => mapping(AssetId model => Service)) private _services;
    mapping(ChannelId channel => Channel) private _channels;

    constructor(
        ILedger ledger,
        IAssetRegistry registry,
        ITermsBook book,
        ILicenseDesk desk,
        INodeRegistry nodes,
        IRevenueGraph graph,
        address callDisputes,
        uint40 exitWindow,
        uint40 longestChannel,
        uint40 evidenceWindow,
        uint96 leastDeposit_
    ) EIP712("Thenar ReflexDesk", "1") {
        _ledger = ledger;
        _registry = registry;
        _book = book;
        _desk = desk;
        _nodes = nodes;
        _graph = graph;
        _disputes = callDisputes;
        _exitWindow = exitWindow;
        _longest = longestChannel;
        _evidenceWindow = evidenceWindow;
        _leastDeposit = leastDeposit_;
    }

    /* SERVING */

    /// @inheritdoc IReflexDesk
    function serve(AssetId model, uint96 price, uint24 share, uint96 stake, uint32 latency) external {
        Asset memory asset = _registry.assetOf(model);
        if (asset.kind != AssetKind.MODEL) revert ReflexDesk_NotModel(model);
        _requireAllowed(model, msg.sender, uint40(block.timestamp));
        if (stake == 0) revert ReflexDesk_NoStake();
        (, uint32 least,,,,) = _book.limitsOf(asset.terms);
        if (share < least) revert ReflexDesk_ShareBelow(share, least);
        if (share > _WHOLE) revert ReflexDesk_ShareAboveWhole(share);
        Service storage service = _services[msg.sender][model];
        if (service.stake != 0 || service.leavesAt != 0) revert ReflexDesk_Runs(msg.sender, model);

        Service memory started = Service(stake, price, share, 0);
        _services[msg.sender][model] = started;

        emit ServiceStarted(msg.sender, model, started, latency);
        _nodes.bind(msg.sender, stake);
    }

    /// @inheritdoc IReflexDesk
    function retire(AssetId model) external {
        _serving(msg.sender, model);

        uint40 leavesAt = uint40(block.timestamp) + _longest + _evidenceWindow;
        _services[msg.sender][model].leavesAt = leavesAt;

        emit ServiceRetired(msg.sender, model, leavesAt);
    }

    /// @inheritdoc IReflexDesk
    function endService(address node, AssetId model) external {
        Service memory service = _services[node][model];
        if (service.stake == 0 || service.leavesAt == 0) revert ReflexDesk_NotRetired(node, model);
        if (block.timestamp < service.leavesAt) revert ReflexDesk_StillBound(service.leavesAt);

        delete _services[node][model];

        emit ServiceEnded(node, model, service.stake);
        _nodes.unbind(node, service.stake);
    }

    /// @inheritdoc IReflexDesk
    function proveContradiction(SignedAnswer calldata first, SignedAnswer calldata second) external {
        Answers calldata one = first.answers;
        if (one.node != second.answers.node || one.model != second.answers.model || one.runtime != second.answers.runtime) {
            revert ReflexDesk_NotOneService();
        }
        if (first.observation != second.observation) {
            revert ReflexDesk_NotOneObservation(first.observation, second.observation);
        }
        if (first.answer == second.answer) revert ReflexDesk_NoContradiction(first.answer);
        Service storage service = _services[one.node][one.model];
        uint96 stake = service.stake;
        if (stake == 0) revert ReflexDesk_NotServing(one.node, one.model);
        _requireSigned(first);
        _requireSigned(second);

        (service.stake, service.leavesAt) = (0, _CONVICTED);

        uint96 reward = stake / 2; // burning keeps the odd unit
        emit ContradictionProven(one.node, one.model, msg.sender, first.observation, reward, stake - reward);
        _nodes.seize(one.node, stake);
        _ledger.release(msg.sender, reward);
        _ledger.release(_NOBODY, stake - reward);
    }

    /// @inheritdoc IReflexDesk
    function hold(SignedAnswer calldata shown) external returns (address client) {
        _requireDisputes();
        Answers calldata said = shown.answers;
        Service storage service = _services[said.node][said.model];
        (uint96 stake, uint40 leavesAt) = (service.stake, service.leavesAt);
        if (stake == 0) revert ReflexDesk_NotServing(said.node, said.model);
        _requireSigned(shown);
        client = _channels[said.channel].client;

        uint40 least = uint40(block.timestamp) + _evidenceWindow;
        if (leavesAt == 0 || leavesAt >= least) return client;
        service.leavesAt = least;

        emit ServiceRetired(said.node, said.model, least);
    }

    /// @inheritdoc IReflexDesk
    function convict(address node, AssetId model) external returns (uint96 stake) {
        _requireDisputes();
        Service storage service = _services[node][model];
        stake = service.stake;
        if (stake == 0) return 0;

        (service.stake, service.leavesAt) = (0, _CONVICTED);

        _nodes.seize(node, stake);
        _ledger.move(msg.sender, stake);
    }

    /* CALLING */

    /// @inheritdoc IReflexDesk
    function open(address node, AssetId model, address signer, uint96 deposit, uint96 maxPrice, uint40 until)
        external
        returns (ChannelId channel)
    {
        Service memory service = _serving(node, model);
        if (service.price > maxPrice) revert ReflexDesk_PriceAbove(service.price, maxPrice);
        if (signer == address(0)) revert ReflexDesk_NoSigner();
        if (deposit < _leastDeposit) revert ReflexDesk_DepositBelow(deposit, _leastDeposit);
        uint40 latest = uint40(block.timestamp) + _longest;
        if (until <= block.timestamp || until > latest) revert ReflexDesk_BadEnd(until, latest);
        _requireAllowed(model, node, until - 1);

        channel = ChannelId.wrap(++_count);
        Channel memory opened = Channel(msg.sender, deposit, node, 0, model, signer, service.share, until);
        _channels[channel] = opened;

        emit ChannelOpened(channel, msg.sender, node, opened);
        _take(deposit);
    }

    /// @inheritdoc IReflexDesk
    function topUp(ChannelId channel, uint96 amount) external {
        Channel memory found = _known(channel);
        if (found.until <= block.timestamp) revert ReflexDesk_Over(channel, found.until);
        if (amount == 0) revert ReflexDesk_NoDeposit();

        uint96 deposit = found.deposit + amount;
        _channels[channel].deposit = deposit;

        emit ChannelToppedUp(channel, deposit);
        _take(amount);
    }

    /// @inheritdoc IReflexDesk
    function redeem(ChannelId channel, uint96 amount, uint64 calls, bytes calldata signature) external {
        Channel memory found = _known(channel);
        if (amount > found.deposit) revert ReflexDesk_AboveDeposit(amount, found.deposit);
        if (amount <= found.redeemed) revert ReflexDesk_NothingDue(channel, found.redeemed);
        bytes32 voucher = keccak256(abi.encode(_VOUCHER, channel, found.node, found.model, found.client, amount, calls));
        (address signer,,) = ECDSA.tryRecoverCalldata(_hashTypedDataV4(voucher), signature);
        if (signer != found.signer) revert ReflexDesk_BadSignature(found.signer);

        _channels[channel].redeemed = amount;

        uint96 paid;
        unchecked {
            paid = amount - found.redeemed; // checked above
        }
        // by sums so far, so that many small vouchers pay the model what a single one would; what is rounded off is the node's
        uint96 toModel = _shareOf(amount, found.share) - _shareOf(found.redeemed, found.share);
        emit VoucherRedeemed(channel, toModel, amount, calls);
        if (paid != toModel) _ledger.release(found.node, paid - toModel);
        if (toModel != 0) {
            _ledger.move(address(_graph), toModel);
            _graph.credit(found.model, found.client, toModel, _REF);
        }
    }

    /// @inheritdoc IReflexDesk
    function close(ChannelId channel) external {
        Channel memory found = _known(channel);
        if (msg.sender != found.client) revert ReflexDesk_NotClient(channel, msg.sender);
        uint40 until = uint40(block.timestamp) + _exitWindow;
        if (until >= found.until) revert ReflexDesk_NotEarlier(channel, found.until);

        _channels[channel].until = until;

        emit ChannelClosing(channel, until);
    }

    /// @inheritdoc IReflexDesk
    function settle(ChannelId channel) external {
        Channel memory found = _known(channel);
        if (msg.sender != found.node && block.timestamp < found.until) revert ReflexDesk_StillOpen(channel, found.until);

        delete _channels[channel];

        uint96 rest = found.deposit - found.redeemed;
        emit ChannelSettled(channel, found.redeemed, rest);
        if (rest != 0) _ledger.release(found.client, rest);
    }

    /* VIEWS */

    /// @inheritdoc IReflexDesk
    function serviceOf(address node, AssetId model) external view returns (Service memory) {
        return _services[node][model];
    }

    /// @inheritdoc IReflexDesk
    function channelOf(ChannelId channel) external view returns (Channel memory) {
        return _known(channel);
    }

    /// @inheritdoc IReflexDesk
    function count() external view returns (uint64) {
        return _count;
    }

    /// @inheritdoc IReflexDesk
    function windows() external view returns (uint40, uint40, uint40) {
        return (_exitWindow, _longest, _evidenceWindow);
    }

    /// @inheritdoc IReflexDesk
    function leastDeposit() external view returns (uint96) {
        return _leastDeposit;
    }

    /* PRIVATE */

    function _known(ChannelId channel) private view returns (Channel memory found) {
        found = _channels[channel];
        if (found.client == address(0)) revert ReflexDesk_Unknown(channel);
    }

    function _serving(address node, AssetId model) private view returns (Service memory service) {
        service = _services[node][model];
        if (service.stake == 0 || service.leavesAt != 0) revert ReflexDesk_NotServing(node, model);
    }

    function _requireAllowed(AssetId model, address node, uint40 at) private view {
        if (!_desk.isAllowed(model, node, Purposes.COMPUTE_ONLY, at)) revert ReflexDesk_NotAllowed(model, node, at);
    }

    function _requireDisputes() private view {
        if (msg.sender != _disputes) revert ReflexDesk_NotDisputes(msg.sender);
    }

    /// @dev That a node signed a root, and that the answer stands under it.
    function _requireSigned(SignedAnswer calldata shown) private view {
        Answers calldata said = shown.answers;
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(_ANSWERS, said)));
        if (!SignatureChecker.isValidSignatureNowCalldata(said.node, digest, shown.signature)) {
            revert ReflexDesk_BadSignature(said.node);
        }
        bytes32 leaf = sha256(abi.encodePacked(uint8(0), shown.observation, shown.answer));
        if (!Inclusion.contains(said.root, leaf, shown.index, said.count, shown.path)) {
            revert ReflexDesk_NotUnderRoot(said.root, shown.index);
        }
    }

    /// @dev Never above the amount, so it fits.
    function _shareOf(uint96 amount, uint24 share) private pure returns (uint96) {
        return uint96(uint256(amount) * share / _WHOLE);
    }

    /// @dev Called last: outside code, the token's, may run in `collect`. What arrives above the amount is the payer's.
    function _take(uint96 amount) private {
        uint256 received = _ledger.collect(msg.sender, amount);
        if (received < amount) revert ReflexDesk_ShortPaid(received, amount);
        if (received > amount) _ledger.release(msg.sender, received - amount);
    }
}
