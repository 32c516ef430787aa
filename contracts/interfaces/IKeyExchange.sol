// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetCommitment} from "../types/Assets.sol";
import {AssetId, TermsId} from "../types/Ids.sol";
import {Deal, Delivery, Sale} from "../types/Licenses.sol";

/// @title Fair sale of a sealed asset: the key and the money change hands, or neither does.
/// @notice One shared contract, no deployment per sale. The buyer pays and names a one-time key; the seller delivers the root key
///         wrapped for it; the buyer checks it and, when it is wrong, proves so in one transaction and has the money back.
/// @dev    None → Open ──deliver──► Delivered ──settle after the dispute window──► Settled (a license)
///                 └─timeoutRefund─► Refunded ◄──disputeKey within the window──┘
///         Open|Delivered ──consentRefund when the owner revoked──► Refunded
///         The deal id is keccak256(abi.encode(bytes32("thenar.deal/1"), block.chainid, address(this), Deal)).
///         One sale per asset and buyer at a time. Every exit can be taken by anyone and can never be paused, except
///         disputeKey, which needs the buyer's one-time secret.
interface IKeyExchange {
    /// @notice A buyer's money is held for this sale; the seller must deliver before `deadline`.
    event SaleOpened(bytes32 indexed dealId, AssetId indexed asset, address indexed buyer, Deal deal, uint40 deadline);
    /// @notice The seller delivered a wrapped key; the dispute window runs until `deadline`.
    event KeyDelivered(bytes32 indexed dealId, AssetId indexed asset, address indexed buyer, Delivery delivery, uint40 deadline);
    /// @notice The sale is final: the seller is paid and the buyer holds a license until `until`.
    event SaleSettled(bytes32 indexed dealId, AssetId indexed asset, address indexed buyer, uint256 price, uint40 until);
    /// @notice The buyer has the money back. `reason`: 1 no delivery, 2 wrong key, 3 consent revoked.
    event SaleRefunded(bytes32 indexed dealId, AssetId indexed asset, address indexed buyer, uint256 price, uint8 reason);

    error KeyExchange_WrongStage(bytes32 dealId, uint8 actual);
    error KeyExchange_WrongDeal(bytes32 expected, bytes32 given);
    error KeyExchange_AlreadyLicensed(AssetId asset, address buyer, uint40 until);
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
    error KeyExchange_KeyIsRight(bytes32 keyCommit);
    error KeyExchange_ConsentStands(uint32 consentEpoch);
    error KeyExchange_ConsentRevoked(uint32 opened, uint32 current);

    /// @notice Pays for a license and asks for the key.
    /// @param maxPrice,maxShare,minDuration the buyer's guards, as in ILicenseDesk.buy
    /// @param keyX,keyY the buyer's one-time secp256k1 public key; x must be below the group order
    function open(
        AssetId asset,
        TermsId terms,
        uint256 maxPrice,
        uint32 maxShare,
        uint40 minDuration,
        uint256 keyX,
        uint256 keyY
    ) external returns (bytes32 dealId);

    /// @notice Delivers the wrapped root key. Seller only, before the deadline.
    function deliver(Deal calldata deal, Delivery calldata delivery) external;

    /// @notice Pays the seller and starts the license once the dispute window has passed. Anyone.
    /// @dev Not after the owner revoked consent: nobody pays for a license that has ended before it began.
    function settle(Deal calldata deal, Delivery calldata delivery) external;

    /// @notice Ends a sale whose key never came. Anyone, after the delivery deadline.
    function timeoutRefund(Deal calldata deal) external;

    /// @notice Ends a sale whose owner revoked consent before it was settled. Anyone.
    /// @dev `delivery` is ignored while the sale is Open.
    function consentRefund(Deal calldata deal, Delivery calldata delivery) external;

    /// @notice Proves that the delivered key is not the one the asset committed to. Buyer only, within the dispute window.
    /// @dev The secret is checked by b·G = B and the shared point by b·E = S with the ecrecover identity
    ///      (ecrecover(0, parity(y), x, k·x mod n) is the address of k·(x, y)). A right key makes the call revert.
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

    /// @notice The sale of an asset to a buyer as stored: stage and deadline while it runs; once Settled, the license.
    function saleOf(AssetId asset, address buyer) external view returns (Sale memory);

    /// @notice What the current sale's parties agreed on, its high 208 bits: the deal id while Open,
    ///         keccak256(abi.encode(dealId, delivery)) once Delivered, 0 otherwise.
    function agreementOf(AssetId asset, address buyer) external view returns (bytes32);

    /// @notice The id of a deal on this chain and contract.
    function dealIdOf(Deal calldata deal) external view returns (bytes32);

    /// @notice Seconds the seller has to deliver.
    function deliveryWindow() external view returns (uint40);

    /// @notice Seconds the buyer has to dispute.
    function disputeWindow() external view returns (uint40);
}
