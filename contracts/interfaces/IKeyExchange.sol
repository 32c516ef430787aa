// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetCommitment, BatchLeaf} from "../types/Assets.sol";
import {AssetId} from "../types/Ids.sol";
import {LeafOpening} from "../types/Leaves.sol";
import {Deal, Delivery, Order, Sale} from "../types/Licenses.sol";

/// @title Fair sale of a sealed asset: the key and the money change hands, or neither does.
/// @notice One shared contract, no deployment per sale. The buyer pays and names a one-time key; the seller delivers the root key
///         wrapped for it; the buyer checks it and, when it is wrong or opens garbage, proves so in one transaction and has the
///         money back. Where the offer says so both lay down a bond beside the price: a seller who cheats loses his to the
///         buyer, a buyer who complains without cause his to the seller, everybody else has it back.
/// @dev    None → Open ──deliver──► Delivered ──settle after the dispute window, or a complaint that fails──► Settled (a license)
///                 └─timeoutRefund─► Refunded ◄──disputeKey, disputeChunk within the window──┘
///         Open|Delivered ──consentRefund when the owner revoked──► Refunded
///         A part of a file is sold by the key of its node in the key tree (see KeyRange). Nothing commits to that key, so a
///         wrong one is disputed by a leaf that it does not open.
///         The deal id is keccak256(abi.encode(bytes32("thenar.deal/1"), block.chainid, address(this), Deal)).
///         One sale per asset, part and buyer at a time. Every exit can be taken by anyone and can never be paused, except
///         the disputes, which need the buyer's one-time secret.
interface IKeyExchange {
    /// @notice A buyer's money is held for this sale; the seller must deliver before `deadline`.
    event SaleOpened(bytes32 indexed dealId, AssetId indexed asset, address indexed buyer, Deal deal, uint40 deadline);
    /// @notice The seller delivered a wrapped key; the dispute window runs until `deadline`.
    event KeyDelivered(bytes32 indexed dealId, AssetId indexed asset, address indexed buyer, Delivery delivery, uint40 deadline);
    /// @notice The sale is final: the buyer holds a license until `until`, and the seller is paid. The price of a license with an end
    ///         goes into the Escrow, which earns it by the second.
    event SaleSettled(bytes32 indexed dealId, AssetId indexed asset, address indexed buyer, uint256 price, uint40 until);
    /// @notice The buyer complained about a right key or a good leaf: the bond is the seller's, and the sale settles at once.
    event ComplaintFailed(bytes32 indexed dealId, AssetId indexed asset, address indexed buyer, uint256 bond);
    /// @notice The buyer has the money back. `reason`: 1 no delivery, 2 wrong key, 3 consent revoked, 4 a leaf is garbage.
    ///         The seller's bond goes to the buyer as well, but for reason 3.
    event SaleRefunded(bytes32 indexed dealId, AssetId indexed asset, address indexed buyer, uint256 price, uint8 reason);

    /// @notice Whoever else may deliver in a seller's name; 0 means nobody.
    event KeeperAppointed(address indexed seller, address indexed keeper);

    error KeyExchange_WrongStage(bytes32 dealId, uint8 actual);
    error KeyExchange_WrongDeal(bytes32 expected, bytes32 given);
    error KeyExchange_AlreadyLicensed(AssetId licensed, address buyer, uint40 until);
    error KeyExchange_SellerBuys(address seller);
    error KeyExchange_BadPoint(uint256 x, uint256 y);
    error KeyExchange_ShortPaid(uint256 received, uint256 price);
    error KeyExchange_NotSeller(address seller, address caller);
    error KeyExchange_NotBuyer(address buyer, address caller);
    error KeyExchange_TooLate(uint40 deadline);
    error KeyExchange_TooEarly(uint40 deadline);
    error KeyExchange_WrongCommitment(AssetId expected, AssetId given);
    error KeyExchange_WrongSecret();
    error KeyExchange_WrongSharedPoint();
    error KeyExchange_NoKeyCommit(uint64 range);
    error KeyExchange_BatchSold(AssetId batch);
    error KeyExchange_NotOfBatch(AssetId batch, AssetId member);
    error KeyExchange_NotDesk(address caller);
    error KeyExchange_NoLicense(AssetId licensed, address buyer);
    error KeyExchange_ConsentStands(uint32 consentEpoch);
    error KeyExchange_ConsentRevoked(uint32 consentEpoch, uint32 withdrawnAt);

    /// @notice Pays for a license and asks for the key. Takes price and bond from the caller's wallet.
    /// @dev Locks an equal bond of the seller's account in the Ledger and reverts when that holds too little: an offer with a
    ///      bond is his consent to it. A BATCH is no file: only its members are sold.
    /// @param order what the caller wants, his guards, and a key that he has used for no other sale
    function open(Order calldata order) external returns (bytes32 dealId);

    /// @notice The same for a member of a batch that has no record of its own: at its batch's offer, from its batch's owner.
    /// @dev Once it has one, it is sold by `open` like any asset. The deal is about the member and names its batch.
    /// @param order what the caller wants; its asset is the batch
    /// @param leaf proof that the member belongs to the batch
    function openLeaf(Order calldata order, BatchLeaf calldata leaf) external returns (bytes32 dealId);

    /// @notice Delivers the wrapped key, of the file or of the part. Seller or his keeper, before the deadline.
    function deliver(Deal calldata deal, Delivery calldata delivery) external;

    /// @notice Pays the seller and starts the license once the dispute window has passed. Anyone.
    /// @dev Not after the owner revoked consent: nobody pays for a license that has ended before it began.
    function settle(Deal calldata deal, Delivery calldata delivery) external;

    /// @notice Ends a sale whose key never came. Anyone, after the delivery deadline.
    function timeoutRefund(Deal calldata deal) external;

    /// @notice Names who else may deliver in the caller's name when he is offline; 0 for nobody. Optional.
    /// @dev A keeper's delivery is disputed like the seller's, and it is the seller's bond that is lost by it.
    function appoint(address keeper) external;

    /// @notice Ends a sale whose owner revoked consent before it was settled; each has his own back. Anyone, but within the
    ///         dispute window only the buyer: else a seller who cheated could revoke to save his bond. Who revokes only after
    ///         the time to deliver has passed brought no key, and loses his bond as in `timeoutRefund`.
    /// @dev `delivery` is ignored while the sale is Open.
    function consentRefund(Deal calldata deal, Delivery calldata delivery) external;

    /// @notice Complains that the delivered key is not the one the asset committed to. Buyer only, within the dispute window.
    ///         A wrong key brings price and both bonds back; a right one costs the bond and settles the sale at once.
    /// @dev The secret is checked by b·G = B and the shared point by b·E = S with the ecrecover identity
    ///      (ecrecover(0, parity(y), x, k·x mod n) is the address of k·(x, y)). Malformed evidence reverts, as does a sale
    ///      of a part, whose key nothing commits to.
    /// @param commitment the asset's commitment; must hash to its id
    /// @param secret the buyer's one-time secret b
    /// @param sharedX,sharedY the point S = b·E
    function disputeKey(
        Deal calldata deal,
        Delivery calldata delivery,
        AssetCommitment calldata commitment,
        uint256 secret,
        uint256 sharedX,
        uint256 sharedY
    ) external;

    /// @notice Complains that the delivered key opens a leaf to something else than the asset promised. Buyer only, within the
    ///         dispute window. Ends as `disputeKey` does; a whole file's key that is wrong counts without looking at the leaf.
    /// @dev The chunk's key is derived from the delivered one, the leaf decrypted with XChaCha20 and compared with the salted leaf
    ///      under plainRoot (see BadLeaf). Evidence that is not under the asset's roots, or outside the part, reverts.
    /// @param opening the sealed leaf and the promised one, each with its path
    function disputeChunk(
        Deal calldata deal,
        Delivery calldata delivery,
        AssetCommitment calldata commitment,
        uint256 secret,
        uint256 sharedX,
        uint256 sharedY,
        LeafOpening calldata opening
    ) external;

    /// @notice Ends a settled license this very second, for an owner who revokes one. Desk only, which sees to the money.
    function endLicense(AssetId licensed, address buyer) external;

    /// @notice The sale of an asset to a buyer as stored: stage and deadline while it runs; once Settled, the license
    ///         and, in `deadline`, since when.
    /// @param licensed the asset, or for a part of it what KeyRange.licensed makes of asset and range
    function saleOf(AssetId licensed, address buyer) external view returns (Sale memory);

    /// @notice What the current sale's parties agreed on, its high 208 bits: the deal id while Open,
    ///         keccak256(abi.encode(dealId, delivery)) once Delivered, 0 otherwise.
    function agreementOf(AssetId licensed, address buyer) external view returns (bytes32);

    /// @notice The id of a deal on this chain and contract.
    function dealIdOf(Deal calldata deal) external view returns (bytes32);

    /// @notice Who else may deliver in a seller's name; 0 means nobody.
    function keeperOf(address seller) external view returns (address);

    /// @notice Seconds the seller has to deliver.
    function deliveryWindow() external view returns (uint40);

    /// @notice Seconds the buyer has to dispute.
    function disputeWindow() external view returns (uint40);
}
