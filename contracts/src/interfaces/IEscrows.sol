// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IEscrows
/// @notice Keeps money that is not final yet. A contract, the controller, opens accounts under ids of its own, and it
/// alone decides where the money of its accounts goes. Who may trust whom is a matter of the controllers; the escrow
/// sees to it that none touches the money of another.
/// @dev Deliberately absent: an administrator, a fee, a way to take out what was donated.
interface IEscrows {
    /// @notice A controller put money into an account, which now holds `held` atoms.
    event Deposit(address indexed controller, address indexed token, bytes32 indexed id, uint256 amount, uint256 held);

    /// @notice A controller paid money out of an account, which now holds `held` atoms.
    event Pay(
        address indexed controller, address indexed token, bytes32 indexed id, address to, uint256 amount, uint256 held
    );

    /// @notice Another amount arrived than the controller promised.
    error Escrows_WrongAmount(address token, uint256 expected, uint256 arrived);

    /// @notice The account holds less than was to be paid.
    error Escrows_Overdrawn(bytes32 id, uint256 held, uint256 amount);

    /// @notice Takes money into an account of the caller, by asking the caller for it.
    ///
    /// Requirements:
    /// - The caller must implement {IFunder-fund}, which must bring exactly `amount`.
    ///
    /// @param token The token
    /// @param id The account among those of the caller
    /// @param amount Atoms
    /// @param data Handed back to the caller
    function deposit(address token, bytes32 id, uint256 amount, bytes calldata data) external;

    /// @notice Pays money of an account of the caller.
    ///
    /// Requirements:
    /// - The account must hold `amount`.
    ///
    /// @param token The token
    /// @param id The account among those of the caller
    /// @param to The receiver
    /// @param amount Atoms
    function pay(address token, bytes32 id, address to, uint256 amount) external;

    /// @notice What an account holds.
    /// @param controller The contract whose account it is
    /// @param token The token
    /// @param id The account among those of the controller
    /// @return held Atoms
    function heldOf(address controller, address token, bytes32 id) external view returns (uint256 held);
}
