// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A token whose issuer can change how it moves at any time.
contract HostileToken is ERC20("Hostile", "HOS") {
    enum Mode {
        Honest,
        KeepFee,
        MoveNothing,
        Revert,
        Reenter,
        TakeBack
    }

    Mode public mode;
    address public immutable target;
    bytes public call;

    constructor(address target_) {
        target = target_;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function set(Mode mode_, bytes calldata call_) external {
        mode = mode_;
        call = call_;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (from == address(0) || to == address(0)) return super._update(from, to, value);
        if (mode == Mode.Revert) revert("frozen");
        if (mode == Mode.MoveNothing) return;
        if (mode == Mode.Reenter) {
            (bool success,) = target.call(call);
            require(!success, "entered twice");
        }
        super._update(from, to, value);
        if (mode == Mode.KeepFee) super._update(to, address(0), value / 10);
        if (mode == Mode.TakeBack) super._update(target, address(0), balanceOf(target) / 2);
    }
}
