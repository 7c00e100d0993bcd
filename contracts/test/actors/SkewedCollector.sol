// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice Brings some other amount than it was asked for: `abi.encode(amount)` in the data.
contract SkewedCollector {
    function collect(address payer, address token, uint256, bytes32, bytes calldata data) external {
        IERC20(token).transferFrom(payer, msg.sender, abi.decode(data, (uint256)));
    }
}
