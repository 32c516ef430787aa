// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ERC721Holder} from "@openzeppelin/contracts/token/ERC721/utils/ERC721Holder.sol";

/// @title A wallet made of code: signs by approving a digest, holds NFTs, and does whatever anybody tells it.
contract SignatureWallet is IERC1271, ERC721Holder {
    mapping(bytes32 digest => bool) private _approved;

    function approveDigest(bytes32 digest) external {
        _approved[digest] = true;
    }

    function run(address target, bytes calldata call_) external returns (bytes memory) {
        (bool worked, bytes memory answer) = target.call(call_);
        if (worked) return answer;

        assembly ("memory-safe") {
            revert(add(answer, 32), mload(answer))
        }
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return _approved[digest] ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}
