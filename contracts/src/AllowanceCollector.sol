// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import { IAllowanceCollector } from "./interfaces/IAllowanceCollector.sol";
import { ICollector } from "./interfaces/ICollector.sol";

/// @title AllowanceCollector
/// @notice Collects a deposit from an ERC-20 allowance, when the payer signed that very deposit.
/// @dev Holds nothing and has no owner.
contract AllowanceCollector is IAllowanceCollector, EIP712 {
    using SafeERC20 for IERC20;

    /// @inheritdoc IAllowanceCollector
    bytes32 public constant DEPOSIT_TYPEHASH =
        keccak256("Deposit(bytes32 channelId,address token,uint256 amount,uint256 nonce,uint256 deadline)");

    /// @inheritdoc ICollector
    address public immutable x402BatchSettlement;

    /// @inheritdoc IAllowanceCollector
    mapping(address payer => mapping(uint256 word => uint256)) public nonces;

    constructor(address settlement) EIP712("Agorai Allowance Collector", "1") {
        if (settlement == address(0)) revert InvalidX402BatchSettlementAddress();
        x402BatchSettlement = settlement;
    }

    /// @inheritdoc ICollector
    function collect(address payer, address token, uint256 amount, bytes32 channelId, bytes calldata collectorData)
        external
    {
        if (msg.sender != x402BatchSettlement) revert OnlyX402BatchSettlement();
        (uint256 nonce, uint256 deadline, bytes memory signature) = abi.decode(collectorData, (uint256, uint256, bytes));
        if (block.timestamp > deadline) revert AllowanceCollector_Expired(deadline, block.timestamp);
        _useNonce(payer, nonce);
        bytes32 digest = getDepositDigest(channelId, token, amount, nonce, deadline);
        if (!SignatureChecker.isValidSignatureNow(payer, digest, signature)) {
            revert AllowanceCollector_InvalidSignature(payer, digest);
        }

        IERC20(token).safeTransferFrom({ from: payer, to: x402BatchSettlement, value: amount });
    }

    /// @inheritdoc IAllowanceCollector
    function revoke(uint256 nonce) external {
        _useNonce(msg.sender, nonce);

        emit Revoke(msg.sender, nonce);
    }

    /// @inheritdoc IAllowanceCollector
    function getDepositDigest(bytes32 channelId, address token, uint256 amount, uint256 nonce, uint256 deadline)
        public
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(keccak256(abi.encode(DEPOSIT_TYPEHASH, channelId, token, amount, nonce, deadline)));
    }

    function _useNonce(address payer, uint256 nonce) private {
        uint256 bit = 1 << (nonce & 0xff);
        uint256 word = nonces[payer][nonce >> 8];
        if (word & bit != 0) revert AllowanceCollector_NonceUsed(payer, nonce);
        nonces[payer][nonce >> 8] = word | bit;
    }
}
