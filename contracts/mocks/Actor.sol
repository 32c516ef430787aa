// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title An account made of code: does whatever anybody tells it, and passes on why something failed.
contract Actor {
    function run(address target, bytes calldata call_) external returns (bytes memory) {
        (bool worked, bytes memory answer) = target.call(call_);
        if (worked) return answer;

        assembly ("memory-safe") {
            revert(add(answer, 32), mload(answer))
        }
    }
}
