// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import { IERC3009 } from "./IERC3009.sol";

/// @title ITestDollar
/// @notice The dollar of local chains: what clients use of USDC's interface, its EIP-712 domain and its event names.
/// One dollar is 1,000,000 atoms. Amounts are atoms, times are seconds.
interface ITestDollar is IERC20Metadata, IERC20Permit, IERC3009 {
    /// @notice An account was frozen.
    /// @param account The account.
    event Blacklisted(address indexed account);

    /// @notice An account was unfrozen.
    /// @param account The account.
    event UnBlacklisted(address indexed account);

    /// @notice All transfers and approvals were stopped.
    event Pause();

    /// @notice Transfers and approvals were allowed again.
    event Unpause();

    /// @notice Minting is open to everyone, on the local chain only.
    /// @param chainId The chain.
    error TestDollar_NotLocalChain(uint256 chainId);

    /// @notice The account is frozen.
    /// @param account The account.
    error TestDollar_Blacklisted(address account);

    /// @notice The token is paused.
    error TestDollar_Paused();

    /// @notice The authorization or permit is past its end.
    /// @param end The second that ended it.
    /// @param timestamp The second of the block.
    error TestDollar_Expired(uint256 end, uint256 timestamp);

    /// @notice The authorization is not valid yet.
    /// @param validAfter The second after which it is valid.
    /// @param timestamp The second of the block.
    error TestDollar_NotYetValid(uint256 validAfter, uint256 timestamp);

    /// @notice The authorization was used or cancelled.
    /// @param authorizer The account that signed.
    /// @param nonce Its nonce.
    error TestDollar_AuthorizationUsedOrCanceled(address authorizer, bytes32 nonce);

    /// @notice The caller is not the payee of the authorization.
    /// @param caller The caller.
    /// @param payee The payee.
    error TestDollar_CallerNotPayee(address caller, address payee);

    /// @notice The signature is not the account's over this digest.
    /// @param signer The account that had to sign.
    /// @param digest The digest.
    error TestDollar_InvalidSignature(address signer, bytes32 digest);

    /// @notice The version of the EIP-712 domain.
    /// @return The version.
    function version() external view returns (string memory);

    /// @notice The EIP-712 type hash of `TransferWithAuthorization`.
    /// @return The type hash.
    function TRANSFER_WITH_AUTHORIZATION_TYPEHASH() external view returns (bytes32);

    /// @notice The EIP-712 type hash of `ReceiveWithAuthorization`.
    /// @return The type hash.
    function RECEIVE_WITH_AUTHORIZATION_TYPEHASH() external view returns (bytes32);

    /// @notice The EIP-712 type hash of `CancelAuthorization`.
    /// @return The type hash.
    function CANCEL_AUTHORIZATION_TYPEHASH() external view returns (bytes32);

    /// @notice The EIP-712 type hash of `Permit`.
    /// @return The type hash.
    function PERMIT_TYPEHASH() external view returns (bytes32);

    /// @notice Whether an account is frozen.
    /// @param account The account.
    /// @return True when it can neither send nor receive.
    function isBlacklisted(address account) external view returns (bool);

    /// @notice Whether transfers and approvals are stopped.
    /// @return True when they are.
    function paused() external view returns (bool);

    /// @notice Gives anyone any amount.
    /// @dev Requirements:
    /// - The chain id is 31337.
    /// - The token is not paused, and `to` is not frozen.
    /// @param to The account.
    /// @param amount The atoms.
    function mint(address to, uint256 amount) external;

    /// @notice Sets an allowance by signature (EIP-2612).
    /// @dev Requirements:
    /// - The token is not paused, and neither `owner` nor `spender` is frozen.
    /// - The time is at most `deadline`.
    /// - The signature is by `owner` over its current nonce.
    /// @param owner The account that gives the allowance.
    /// @param spender The account that gets it.
    /// @param value The atoms.
    /// @param deadline The last second at which it is valid.
    /// @param signature By `owner`, ECDSA or ERC-1271.
    function permit(address owner, address spender, uint256 value, uint256 deadline, bytes memory signature) external;

    /// @notice Freezes an account.
    /// @dev Requirements:
    /// - The caller is the owner.
    /// @param account The account.
    function blacklist(address account) external;

    /// @notice Unfreezes an account.
    /// @dev Requirements:
    /// - The caller is the owner.
    /// @param account The account.
    function unBlacklist(address account) external;

    /// @notice Stops transfers and approvals.
    /// @dev Requirements:
    /// - The caller is the owner.
    function pause() external;

    /// @notice Allows transfers and approvals again.
    /// @dev Requirements:
    /// - The caller is the owner.
    function unpause() external;
}
