// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev Points and scalar products on secp256k1, checked but never computed: ecrecover(0, parity(y), x, k·x mod n) is the address
///      of k·(x, y), so one precompile call says whether a claimed product is right.
///      Curve: SEC 2, section 2.4.1. Identity: https://ethresear.ch/t/2384.
library Secp256k1 {
    /// @dev Field prime.
    uint256 internal constant P = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F;
    /// @dev Group order.
    uint256 internal constant N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint256 internal constant GX = 0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798;
    uint256 internal constant GY = 0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8;

    /// @dev Whether (x, y) is a curve point that `isProduct` can work with. Points with x ≥ n exist but ecrecover cannot name
    ///      them; nobody meets one by chance (2^-128). Infinity has no affine form, and x = 0 is on no point.
    function isPoint(uint256 x, uint256 y) internal pure returns (bool) {
        if (x >= N || y >= P) return false;
        return mulmod(y, y, P) == addmod(mulmod(mulmod(x, x, P), x, P), 7, P);
    }

    /// @dev Whether k·(x, y) = (productX, productY). The caller has made sure that `isPoint(x, y)`.
    ///      False for k = 0 and k ≥ n, so that every product has one spelling.
    function isProduct(uint256 k, uint256 x, uint256 y, uint256 productX, uint256 productY) internal pure returns (bool) {
        if (k == 0 || k >= N) return false;
        address product = ecrecover(0, uint8(27 + (y & 1)), bytes32(x), bytes32(mulmod(k, x, N)));
        return product != address(0) && product == addressOf(productX, productY);
    }

    /// @dev The Ethereum address of a public key.
    function addressOf(uint256 x, uint256 y) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode(x, y)))));
    }
}
