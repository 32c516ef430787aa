// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {DisputeId} from "./Disputes.sol";

/// @dev The epoch that runs. One slot.
struct RunningEpoch {
    uint32 number; // from 1
    uint40 openedAt; // unix seconds
    uint88 pool; // ThenarToken units it shares out, known since it began
    uint96 burnt; // usage fees burnt in it so far
}

/// @dev What has been granted and paid over all epochs. One slot.
struct EpochSums {
    uint96 granted; // pools of all epochs that are closed
    uint96 paid; // of it, minted
    uint32 settled; // newest epoch whose root is settled; 0: none
}

/// @dev The root of a Merkle-sum tree over what every account was due from the beginning to the end of an epoch.
struct EpochRoot {
    uint32 epoch;
    uint8 depth;
    uint96 total; // sum of all leaves
    bytes32 root;
    bytes32 tree; // SHA-256 digest of the published tree, which is also its CID
}

/// @dev A root somebody answers for. Kept as a hash and handed back as calldata.
struct RootProposal {
    EpochRoot root;
    address proposer;
    uint40 until; // unix seconds: until then it can be challenged
}

/// @dev A proposal before the court, and the root that is held against it.
struct RootContest {
    DisputeId dispute;
    address proposer;
    address challenger;
    EpochRoot proposed;
    EpochRoot held;
}

/// @dev What ContributionEpochs is built with; none of it ever changes.
struct EpochParams {
    uint40 length; // seconds an epoch lasts at least
    uint40 window; // seconds to challenge a root
    uint96 bond; // settlement token units of a proposal, and of a challenge
    uint88 emission; // most an epoch of the first period shares out
    uint32 halving; // epochs until the most is halved
    uint88 base; // shared out whatever was used, as far as the emission allows
    bytes32 rules; // digest of the rules of the shares; also the class of those who judge
}
