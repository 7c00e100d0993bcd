// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { IEscrows } from "./interfaces/IEscrows.sol";
import { IFunder } from "./interfaces/IFunder.sol";

/// @title Escrows
/// @notice See the documentation in {IEscrows}.
contract Escrows is IEscrows, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev One slot an account: whoever pays for it knows the token and the controller.
    mapping(bytes32 account => uint256 atoms) private _held;

    /// @inheritdoc IEscrows
    function deposit(address token, bytes32 id, uint256 amount, bytes calldata data) external nonReentrant {
        uint256 held = _held[_accountOf(msg.sender, token, id)] += amount;

        emit Deposit({ controller: msg.sender, token: token, id: id, amount: amount, held: held });

        uint256 before = IERC20(token).balanceOf(address(this));
        IFunder(msg.sender).fund({ token: token, to: address(this), amount: amount, data: data });
        uint256 arrived = IERC20(token).balanceOf(address(this)) - before;
        if (arrived != amount) revert Escrows_WrongAmount(token, amount, arrived);
    }

    /// @inheritdoc IEscrows
    function pay(address token, bytes32 id, address to, uint256 amount) external nonReentrant {
        bytes32 account = _accountOf(msg.sender, token, id);
        uint256 held = _held[account];
        if (amount > held) revert Escrows_Overdrawn(id, held, amount);

        _held[account] = held -= amount;

        emit Pay({ controller: msg.sender, token: token, id: id, to: to, amount: amount, held: held });

        IERC20(token).safeTransfer(to, amount);
    }

    /// @inheritdoc IEscrows
    function heldOf(address controller, address token, bytes32 id) external view returns (uint256 held) {
        return _held[_accountOf(controller, token, id)];
    }

    function _accountOf(address controller, address token, bytes32 id) private pure returns (bytes32 account) {
        return keccak256(abi.encode(controller, token, id));
    }
}
