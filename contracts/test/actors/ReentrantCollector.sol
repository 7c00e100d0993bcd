// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Calls the settlement contract back with the bytes it was handed.
contract ReentrantCollector {
    function collect(address, address, uint256, bytes32, bytes calldata data) external {
        (bool success, bytes memory reason) = msg.sender.call(data);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }
}
