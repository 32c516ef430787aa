// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId, TermsId} from "./Ids.sol";

/// @dev Where a sale stands. None → Open → Delivered → Settled; Open|Delivered → Refunded.
enum Stage {
    None,
    Open,
    Delivered,
    Settled,
    Refunded
}

/// @dev A standing offer of an owner. One slot.
struct Offer {
    uint96 price; // settlement token units
    uint40 duration; // seconds a license lasts; 0 means without end
    uint40 expiresAt; // unix seconds; 0 means the offer does not exist
}

/// @dev A license without key delivery. Nothing is copied from its terms: they never change. One slot.
struct Grant {
    uint40 until; // unix seconds, exclusive; max means without end
    uint32 consentEpoch; // the asset's epoch when it was granted
    TermsId terms;
    uint40 since; // unix seconds of giving or buying it; the terms' maximum counts from here
}

/// @dev A fair sale and, once settled, the license it bought. One slot, packed by SaleSlot.
struct Sale {
    Stage stage;
    uint40 deadline; // Open: deliver before; Delivered: dispute before; Refunded: ended at (unix seconds)
    uint40 term; // Settled: the license ends at (unix seconds, exclusive; max means without end). Else 0, as all below
    uint32 consentEpoch; // the asset's epoch when the sale was opened
    TermsId terms;
    uint96 price; // what was paid
    bool derived; // income went through the RevenueGraph instead of to the seller
}

/// @dev Everything a deal id commits to beside chain and contract. Carried by events, handed back as calldata: the chain keeps
///      only the hash while the sale runs.
struct Deal {
    AssetId asset;
    address seller;
    address buyer;
    uint256 keyX; // the buyer's one-time secp256k1 key
    uint256 keyY;
    uint40 openedAt;
    uint40 duration; // seconds the license lasts; 0 means without end
    uint32 consentEpoch; // the asset's epoch when the sale was opened
    TermsId terms;
    uint96 price; // held in the Ledger until settled or refunded
    bool derived; // income goes through the RevenueGraph instead of to the seller
}

/// @dev A wrapped root key: wrapped = rootKey xor keccak256(abi.encode(bytes32("thenar.wrap/1"), dealId, Sx)).
struct Delivery {
    bytes32 wrapped;
    uint256 ephemeralX; // E = e·G, S = e·B = b·E
    uint256 ephemeralY;
}
