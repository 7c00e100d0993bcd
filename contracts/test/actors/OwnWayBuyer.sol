// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IFunder } from "../../src/interfaces/IFunder.sol";

/// @notice A contract that pays in its own way when it is asked, as much as it was told, or calls back instead.
contract OwnWayBuyer is IFunder {
    uint256 public short;
    address public target;
    bytes public call;
    bytes public asked;
    bytes public outcome;

    function payLess(uint256 atoms) external {
        short = atoms;
    }

    function arm(address target_, bytes calldata call_) external {
        (target, call) = (target_, call_);
    }

    function execute(address to, bytes calldata data) external returns (bytes memory answer) {
        bool success;
        (success, answer) = to.call(data);
        if (success) return answer;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }

    function fund(address token, address to, uint256 amount, bytes calldata data) external {
        asked = data;
        if (target != address(0)) (, outcome) = target.call(call);
        IERC20(token).transfer(to, amount - short);
    }
}
