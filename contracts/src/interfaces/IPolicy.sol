// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IPolicy
/// @notice Parameters that governance may move between bounds fixed at construction, the treasury and the allowed
/// payment tokens. Other contracts read it only when they create a record and keep what they read in that record, so
/// that no change here touches what exists, and no exit depends on it.
interface IPolicy {
    /// @notice A parameter at construction.
    /// @param name Its name, a short string in bytes32
    /// @param value Its first value
    /// @param min Least value, inclusive, for ever
    /// @param max Greatest value, inclusive, for ever
    struct Parameter {
        bytes32 name;
        uint256 value;
        uint256 min;
        uint256 max;
    }

    /// @notice A parameter was defined with its bounds.
    event Bound(bytes32 indexed name, uint256 min, uint256 max);

    /// @notice A parameter was given a value.
    event Set(bytes32 indexed name, uint256 value);

    /// @notice The treasury was named.
    event SetTreasury(address indexed treasury);

    /// @notice A payment token was allowed or no longer allowed.
    event SetToken(address indexed token, bool allowed);

    /// @notice A parameter has no name.
    error Policy_EmptyName();

    /// @notice A parameter was given twice at construction.
    error Policy_DuplicateParameter(bytes32 name);

    /// @notice The bounds exclude every value.
    error Policy_InvalidBounds(bytes32 name, uint256 min, uint256 max);

    /// @notice The upper bound of the protocol fee exceeds what the code permits.
    error Policy_FeeBoundTooHigh(uint256 max, uint256 cap);

    /// @notice There is no such parameter.
    error Policy_UnknownParameter(bytes32 name);

    /// @notice The value lies outside the bounds.
    error Policy_OutOfBounds(bytes32 name, uint256 value, uint256 min, uint256 max);

    /// @notice The treasury would be the zero address.
    error Policy_NoTreasury();

    /// @notice The token has no code.
    error Policy_TokenWithoutCode(address token);

    /// @notice Gives a parameter another value.
    ///
    /// Requirements:
    /// - The caller must be the owner.
    /// - The parameter must exist and `value` must lie within its bounds.
    ///
    /// @param name The parameter
    /// @param value The new value
    function set(bytes32 name, uint256 value) external;

    /// @notice Names the account that receives the protocol fee of splits configured from now on.
    ///
    /// Requirements:
    /// - The caller must be the owner.
    /// - `account` must not be zero.
    ///
    /// @param account The treasury
    function setTreasury(address account) external;

    /// @notice Allows a payment token for offers made from now on, or stops allowing it.
    /// @dev What an allowed token must be: an ERC-20 whose transfers move exactly the amount named, without fees on
    /// either side, without rebasing and without calls to the parties (no ERC-777).
    ///
    /// Requirements:
    /// - The caller must be the owner.
    /// - A token to allow must have code.
    ///
    /// @param token The token
    /// @param allowed Whether offers may name it
    function setToken(address token, bool allowed) external;

    /// @notice The value of a parameter.
    ///
    /// Requirements:
    /// - The parameter must exist.
    ///
    /// @param name The parameter
    /// @return value Its value
    function valueOf(bytes32 name) external view returns (uint256 value);

    /// @notice The bounds of a parameter.
    ///
    /// Requirements:
    /// - The parameter must exist.
    ///
    /// @param name The parameter
    /// @return min Least value, inclusive
    /// @return max Greatest value, inclusive
    function boundsOf(bytes32 name) external view returns (uint256 min, uint256 max);

    /// @notice The account that receives the protocol fee; the first owner until another is named.
    /// @return account The treasury, never zero
    function treasury() external view returns (address account);

    /// @notice Whether offers may name a token.
    /// @param token The token
    /// @return allowed True when it is allowed
    function isToken(address token) external view returns (bool allowed);
}
