// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { IERC3009 } from "../interfaces/IERC3009.sol";
import { ILicenses } from "../interfaces/ILicenses.sol";

/// @title Payments
/// @notice Moves a price, and believes no token that it moved.
library Payments {
    using SafeERC20 for IERC20;

    /// @notice Moves tokens out of this contract, or out of an account that has approved it.
    /// @param token The token
    /// @param source This contract or the account
    /// @param to The receiver
    /// @param amount Atoms
    function send(address token, address source, address to, uint256 amount) internal {
        if (source == address(this)) IERC20(token).safeTransfer(to, amount);
        else IERC20(token).safeTransferFrom(source, to, amount);
    }

    /// @notice Takes a price into this contract by a signed payment.
    /// @dev A price of zero is authorized as well: the payer named in the event has always signed.
    /// @param currency The token
    /// @param price Atoms
    /// @param nonce The nonce that binds what is bought
    /// @param authorization The payment
    function receiveAuthorized(
        address currency,
        uint256 price,
        bytes32 nonce,
        ILicenses.Authorization calldata authorization
    ) internal {
        uint256 before = IERC20(currency).balanceOf(address(this));

        IERC3009(currency)
            .receiveWithAuthorization({
            from: authorization.from,
            to: address(this),
            value: price,
            validAfter: authorization.validAfter,
            validBefore: authorization.validBefore,
            nonce: nonce,
            signature: authorization.signature
        });

        requireArrived(currency, price, address(this), before);
    }

    /// @notice Reverts unless exactly the price has arrived.
    /// @param currency The token
    /// @param price Atoms
    /// @param account Where it must arrive
    /// @param before What the account had before
    function requireArrived(address currency, uint256 price, address account, uint256 before) internal view {
        uint256 arrived = IERC20(currency).balanceOf(account) - before;
        if (arrived != price) revert ILicenses.Licenses_WrongAmount(currency, price, arrived);
    }
}
