// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @notice Moves a payer's allowance for whoever asks: the least work a collector can do, and the hole that
/// `AllowanceCollector` closes.
contract OpenCollector {
    using SafeERC20 for IERC20;

    function collect(address payer, address token, uint256 amount, bytes32, bytes calldata) external {
        IERC20(token).safeTransferFrom(payer, msg.sender, amount);
    }
}
