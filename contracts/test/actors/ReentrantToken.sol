// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice Makes one call in the middle of the next transfer and keeps its outcome.
contract ReentrantToken is ERC20("Reentrant", "RE") {
    address public target;
    bytes public call;
    bool public success;
    bytes public outcome;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function arm(address target_, bytes calldata call_) external {
        target = target_;
        call = call_;
    }

    function _update(address from, address to, uint256 value) internal override {
        address armed = target;
        if (armed != address(0)) {
            target = address(0);
            (success, outcome) = armed.call(call);
        }
        super._update(from, to, value);
    }
}
