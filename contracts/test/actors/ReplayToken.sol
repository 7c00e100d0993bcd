// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice Ignores an authorization that was used before, without a revert.
contract ReplayToken is ERC20("Replay", "RPL") {
    mapping(bytes32 nonce => bool) public used;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256,
        uint256,
        bytes32 nonce,
        bytes calldata
    ) external {
        if (used[nonce]) return;
        used[nonce] = true;
        _transfer(from, to, value);
    }
}
