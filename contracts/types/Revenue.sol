// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetCommitment} from "./Assets.sol";
import {AssetId} from "./Ids.sol";

/// @dev Cumulative income of one asset. Two slots; paying touches only the first.
struct Node {
    uint128 received; // everything ever paid, settlement token units
    uint128 ownAtLink; // own part of `received` when the shares last changed
    uint128 receivedAtLink; // `received` when the shares last changed (slot 1)
    uint32 linkedShare; // sum of all parents' shares, parts per million
    uint32 payouts; // number of payouts published
}

/// @dev A parent's claim on a child's income. One slot.
struct Edge {
    uint32 share; // parts per million
    uint112 baseline; // child's `received` when it was linked
    uint112 rolled; // already moved to the parent
}

/// @dev What is stored of a payout; it earns from `start` until the next payout begins.
struct Payout {
    bytes32 commitment; // to the Merkle-sum root over its beneficiaries and to its statement: Statements.commitment
    uint128 start; // the asset's own cumulative income when it was published (slot 1)
    uint96 totalWeight;
    uint8 depth;
    bool frozen; // convicted of an omission: pays nobody for now
}

/// @dev What an owner publishes.
struct Plan {
    bytes32 root; // Merkle-sum root over the beneficiaries
    uint96 totalWeight;
    uint8 depth;
    bytes32 manifest; // SHA-256 digest of the published tree and license set
    bytes32 licenseSetRoot; // LicenseSet root over the assets it was licensed to learn from; 0 when there are none
    uint32 licenseCount; // how many they are
    uint96 bond; // what it costs when the set is wrong, from the publisher's Ledger account; may be 0
}

/// @dev What a publisher stated with a payout. Kept as a hash inside the payout's commitment, handed back as calldata.
struct Statement {
    address publisher;
    uint40 publishedAt; // unix seconds
    uint96 bond; // settlement token units the OmissionCourt holds
    bytes32 licenseSetRoot;
    uint32 licenseCount;
}

/// @dev A payout spelled out for the OmissionCourt.
struct Filing {
    AssetId asset;
    uint32 payout;
    bytes32 root;
    Statement statement;
}

/// @dev One place of a license set with its proof, sibling hashes from the leaf up.
struct Listed {
    uint32 index;
    AssetId asset;
    bytes32[] siblings;
}

/// @dev Why an asset belongs into a license set: the licensee may train on it, and is the publisher or the payout's asset's author.
struct Evidence {
    AssetId omitted;
    uint64 range; // the part of it that was bought, see KeyRange; 0 for the whole
    address licensee;
    AssetCommitment made; // of the payout's asset: names its author
}

/// @dev What became of a payout before the OmissionCourt.
enum Outcome {
    NONE, // nobody has proved an omission
    FROZEN, // an omission was proved; the payout pays nobody
    THAWED, // corrected, or its time has passed
    RETURNED // the bond went back: it can be challenged no more
}

/// @dev The court's record of a payout. One slot.
struct Verdict {
    Outcome outcome;
    uint40 until; // FROZEN: anyone may thaw it from then on (unix seconds)
    uint208 omitted; // FROZEN: the high bits of the omitted asset's id
}

/// @dev Somebody says an asset is missing, and waits for its place to be shown. One slot.
struct Accusation {
    address accuser;
    uint40 answerBy; // unix seconds, exclusive
    bool answered;
}

/// @dev Who a leaf pays.
enum Beneficiary {
    OWNER, // whoever owns the named asset when it is claimed
    NODE, // the named asset's own node, so that its parents and payouts share
    ACCOUNT // a plain address
}

/// @dev One leaf of a payout with its proof: sibling hashes and sums from the leaf up.
struct Claim {
    uint32 index;
    Beneficiary kind;
    bytes32 beneficiary; // asset id, or address left-padded
    uint96 weight;
    bytes32[] siblings;
    uint96[] sums;
}

/// @dev One parent to link, ids in strictly increasing order.
struct Parent {
    AssetId asset;
    uint32 share; // parts per million
}
