// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IPayouts } from "../../src/interfaces/IPayouts.sol";

/// @notice Gives each account a payout address without code, as a vault that nobody has harvested yet has.
contract PayoutBook is IPayouts {
    function payoutOf(uint256 account) external view returns (address payout) {
        return address(uint160(uint256(keccak256(abi.encode(address(this), account)))));
    }
}
