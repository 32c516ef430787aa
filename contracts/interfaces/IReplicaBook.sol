// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "../types/Ids.sol";
import {Replica} from "../types/Storage.sol";

/// @title Which ciphertexts of an asset are to be kept, and who keeps which.
/// @notice An owner who wants three copies seals three times, under unrelated keys, and lists three roots: nobody who holds one can
///         make another. A root is listed once and kept by one node at a time, so two identities are never paid for one disk.
/// @dev No money moves here. Who kept what, and from when on, follows from the events.
interface IReplicaBook {
    /// @notice A replica is there to be kept.
    event ReplicaListed(bytes32 indexed replica, AssetId indexed asset, address indexed lister, uint48 leaves, string cid);
    /// @notice A node keeps a replica from now on.
    event ReplicaTaken(bytes32 indexed replica, AssetId indexed asset, address indexed holder);
    /// @notice A node keeps a replica no longer.
    event ReplicaDropped(bytes32 indexed replica, AssetId indexed asset, address indexed holder);

    error ReplicaBook_NotOwner(AssetId asset, address caller);
    error ReplicaBook_NoLeaves();
    error ReplicaBook_BadCid(uint256 length);
    error ReplicaBook_AlreadyListed(bytes32 replica, AssetId asset);
    error ReplicaBook_NotListed(bytes32 replica);
    error ReplicaBook_Taken(bytes32 replica, address holder);
    error ReplicaBook_OwnReplica(bytes32 replica, address owner);
    error ReplicaBook_NotTaken(bytes32 replica);
    error ReplicaBook_NotHolder(bytes32 replica, address caller);

    /// @notice Lists a ciphertext of the caller's asset. A root that is listed already, for whichever asset, is refused.
    /// @param replica root over the ciphertext's leaves of 1,024 bytes (RFC 9162, SHA-256)
    /// @param leaves how many there are
    /// @param cid where it is fetched by: a base32 CIDv1 over SHA-256, 59 letters. Who takes it checks the root
    function list(AssetId asset, bytes32 replica, uint48 leaves, string calldata cid) external;

    /// @notice Says that the caller keeps these replicas. Nobody takes those of his own assets: they would earn without being kept
    ///         for anybody.
    function take(bytes32[] calldata replicas) external;

    /// @notice Says that these replicas are kept no longer by who took them: he says so himself, or the asset's owner does, who may
    ///         want another to keep them. What is pledged for the running round is still asked for.
    function drop(bytes32[] calldata replicas) external;

    function replicaOf(bytes32 replica) external view returns (Replica memory);
}
