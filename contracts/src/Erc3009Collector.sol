// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import { ICollector } from "./interfaces/ICollector.sol";
import { IERC3009 } from "./interfaces/IERC3009.sol";

/// @title Erc3009Collector
/// @notice Collects a deposit by an EIP-3009 authorization that the payer signed for this collector.
/// @dev `collectorData = abi.encode(uint256 validAfter, uint256 validBefore, uint256 salt, bytes signature)`. The
/// authorization's nonce is `keccak256(abi.encode(channelId, salt))`: it is good for one channel only. It names this
/// collector as payee and is taken with `receiveWithAuthorization`, so nobody can use it without making the deposit.
contract Erc3009Collector is ICollector {
    using SafeERC20 for IERC20;

    /// @inheritdoc ICollector
    address public immutable x402BatchSettlement;

    constructor(address settlement) {
        if (settlement == address(0)) revert InvalidX402BatchSettlementAddress();
        x402BatchSettlement = settlement;
    }

    /// @inheritdoc ICollector
    function collect(address payer, address token, uint256 amount, bytes32 channelId, bytes calldata collectorData)
        external
    {
        if (msg.sender != x402BatchSettlement) revert OnlyX402BatchSettlement();
        (uint256 validAfter, uint256 validBefore, uint256 salt, bytes memory signature) =
            abi.decode(collectorData, (uint256, uint256, uint256, bytes));

        IERC3009(token)
            .receiveWithAuthorization({
            from: payer,
            to: address(this),
            value: amount,
            validAfter: validAfter,
            validBefore: validBefore,
            nonce: keccak256(abi.encode(channelId, salt)),
            signature: signature
        });
        IERC20(token).safeTransfer({ to: x402BatchSettlement, value: amount });
    }
}
