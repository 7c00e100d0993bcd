// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @notice Takes a deposit from the sponsor named in the data instead of the payer.
contract SponsorCollector {
    using SafeERC20 for IERC20;

    function collect(address, address token, uint256 amount, bytes32, bytes calldata data) external {
        IERC20(token).safeTransferFrom(abi.decode(data, (address)), msg.sender, amount);
    }
}
