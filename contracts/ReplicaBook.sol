// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {IReplicaBook} from "./interfaces/IReplicaBook.sol";
import {AssetId} from "./types/Ids.sol";
import {Replica} from "./types/Storage.sol";

/// @title Which ciphertexts are to be kept, and who keeps which: see IReplicaBook.
contract ReplicaBook is IReplicaBook {
    uint256 private constant CID = 59; // letters

    IAssetRegistry private immutable _registry;

    mapping(bytes32 replica => Replica) private _replicas;

    /// @param registry says whose an asset is
    constructor(IAssetRegistry registry) {
        _registry = registry;
    }

    /// @inheritdoc IReplicaBook
    function list(AssetId asset, bytes32 replica, uint48 leaves, string calldata cid) external {
        if (_registry.ownerOfAsset(asset) != msg.sender) revert ReplicaBook_NotOwner(asset, msg.sender);
        if (leaves == 0) revert ReplicaBook_NoLeaves();
        if (bytes(cid).length != CID) revert ReplicaBook_BadCid(bytes(cid).length);
        AssetId known = _replicas[replica].asset;
        if (AssetId.unwrap(known) != 0) revert ReplicaBook_AlreadyListed(replica, known);

        _replicas[replica] = Replica(asset, address(0), leaves);

        emit ReplicaListed(replica, asset, msg.sender, leaves, cid);
    }

    /// @inheritdoc IReplicaBook
    function take(bytes32[] calldata replicas) external {
        for (uint256 i = 0; i < replicas.length; ++i) {
            bytes32 root = replicas[i];
            Replica memory replica = _replicas[root];
            if (AssetId.unwrap(replica.asset) == 0) revert ReplicaBook_NotListed(root);
            if (replica.holder != address(0)) revert ReplicaBook_Taken(root, replica.holder);
            if (_registry.ownerOfAsset(replica.asset) == msg.sender) revert ReplicaBook_OwnReplica(root, msg.sender);

            _replicas[root].holder = msg.sender;

            emit ReplicaTaken(root, replica.asset, msg.sender);
        }
    }

    /// @inheritdoc IReplicaBook
    function drop(bytes32[] calldata replicas) external {
        for (uint256 i = 0; i < replicas.length; ++i) {
            bytes32 root = replicas[i];
            Replica memory replica = _replicas[root];
            if (replica.holder == address(0)) revert ReplicaBook_NotTaken(root);
            if (replica.holder != msg.sender && _registry.ownerOfAsset(replica.asset) != msg.sender) {
                revert ReplicaBook_NotHolder(root, msg.sender);
            }

            _replicas[root].holder = address(0);

            emit ReplicaDropped(root, replica.asset, replica.holder);
        }
    }

    /// @inheritdoc IReplicaBook
    function replicaOf(bytes32 replica) external view returns (Replica memory) {
        return _replicas[replica];
    }
}
