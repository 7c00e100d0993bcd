// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { IChannels } from "./interfaces/IChannels.sol";
import { IVault } from "./interfaces/IVault.sol";

/// @title Vault
/// @notice See {IVault}.
/// @dev The clones delegate to this one implementation, which has no state and no other way to change.
contract Vault is IVault {
    using SafeERC20 for IERC20;

    /// @inheritdoc IVault
    address public immutable CHANNELS;

    address private immutable IMPLEMENTATION = address(this);

    constructor(address channels) {
        CHANNELS = channels;
    }

    /// @inheritdoc IVault
    function sweep(uint256 account, address token, uint256 amount) external {
        _requireRegistry(account);

        IERC20(token).safeTransfer({ to: msg.sender, value: amount });
    }

    /// @inheritdoc IVault
    function claim(uint256 account, IChannels.VoucherClaim[] calldata rows) external {
        _requireRegistry(account);

        IChannels(CHANNELS).claim(rows);
    }

    function _requireRegistry(uint256 account) private view {
        address clone = Clones.predictDeterministicAddress({
            implementation: IMPLEMENTATION, salt: bytes32(account), deployer: msg.sender
        });
        if (clone != address(this)) revert Vault_NotRegistry(msg.sender, account);
    }
}
