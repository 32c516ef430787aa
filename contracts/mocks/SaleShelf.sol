// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "../types/Ids.sol";
import {Sale} from "../types/Licenses.sol";

/// @title Stands in for the KeyExchange where a test needs a sale in a state of its own choosing.
contract SaleShelf {
    mapping(AssetId asset => mapping(address buyer => Sale)) private _sales;

    function put(AssetId asset, address buyer, Sale calldata sale) external {
        _sales[asset][buyer] = sale;
    }

    function endLicense(AssetId asset, address buyer) external {
        _sales[asset][buyer].term = uint40(block.timestamp);
    }

    function saleOf(AssetId asset, address buyer) external view returns (Sale memory) {
        return _sales[asset][buyer];
    }
}
