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
    uint16 bondBps; // what buyer and seller each lay down beside the price of a fair sale, basis points of it
}

/// @dev An offer as the LicenseDesk keeps it: with what a sale must check, so that it reads one slot and no terms. One slot.
struct Standing {
    uint96 price; // settlement token units
    uint40 duration; // seconds; 0 means without end
    uint40 expiresAt; // unix seconds, exclusive
    uint24 share; // derivative share of the terms, parts per million
    uint32 consentEpoch; // the asset's epoch when it was offered
    uint16 bondBps; // bond of either side in a fair sale, basis points of the price
    bool exclusive; // nobody else may be licensed while such a license runs
}

/// @dev What a buyer asks for, and the most he accepts.
struct Order {
    AssetId asset;
    TermsId terms;
    uint256 maxPrice; // he pays no more, whatever happened to the offer meanwhile
    uint32 maxShare; // he owes no larger derivative share, parts per million
    uint40 minDuration; // seconds; max when only a license without end will do, 0 for any
    uint256 keyX; // his one-time secp256k1 key; x must be below the group order
    uint256 keyY;
    uint64 range; // node of the key tree, see KeyRange; 0 means the whole file
}

/// @dev A license without key delivery. Nothing is copied from its terms: they never change. One slot.
struct Grant {
    uint40 until; // unix seconds, exclusive; max means without end
    uint32 consentEpoch; // the asset's epoch when it was granted
    TermsId terms;
    uint40 since; // unix seconds of giving or buying it; the terms' maximum counts from here
    uint96 price; // what was paid for it, settlement token units; without end, for the time without end alone; 0 for a gift
}

/// @dev When an owner last ended somebody's licenses, unix seconds; 0 means never. One slot.
struct Ends {
    uint40 granted; // one that came without a key
    uint40 sold; // one of a fair sale
}

/// @dev A fair sale and, once settled, the license it bought. One slot, packed by SaleSlot.
struct Sale {
    Stage stage;
    uint40 deadline; // Open: deliver before; Delivered: dispute before; Settled, Refunded: since (unix seconds)
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
    uint96 bond; // held from each of the two beside the price; whoever cheats loses it to the other
    bool exclusive; // nobody else is licensed while this license runs
    uint64 range; // node of the key tree, see KeyRange; 0 means the whole file
    AssetId batch; // the batch a member was sold out of before it was materialised; 0 means none
}

/// @dev A wrapped key, the file's root key or that of the range: wrapped = key xor keccak256(abi.encode(bytes32("thenar.wrap/1"), dealId, Sx)).
struct Delivery {
    bytes32 wrapped;
    uint256 ephemeralX; // E = e·G, S = e·B = b·E
    uint256 ephemeralY;
}

/// @dev The price of a license with an end, on its way from the licensee to the seller. Carried by `StreamStarted`, handed back as
///      calldata: the chain keeps one word, see Flow.
struct Stream {
    AssetId asset;
    AssetId batch; // whose consent counts while `asset` is a member that was not materialised; 0 means none
    uint64 range; // node of the key tree, see KeyRange; 0 means the whole file
    address source; // LicenseDesk or KeyExchange, whichever sold the license
    address licensee;
    address seller;
    uint96 price; // settlement token units
    uint40 boughtAt; // unix seconds
    uint40 since; // the time that was paid for begins; after `boughtAt` when it prolongs a license
    uint40 until; // and ends (exclusive)
    uint32 consentEpoch; // the asset's epoch when it was bought
    bool derived; // income goes through the RevenueGraph instead of to the seller
}

/// @dev How far a stream has come. One slot.
struct Flow {
    bool started;
    bool closed; // the license ended early and everything was paid
    uint96 taken; // already the seller's or the node's, settlement token units
}
