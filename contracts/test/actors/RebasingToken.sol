// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice Can take a tenth of an account's balance away.
contract RebasingToken is ERC20("Rebase", "REB") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function shrink(address account) external {
        _burn(account, balanceOf(account) / 10);
    }
}
