// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAttachable } from "../../src/interfaces/IAttachable.sol";
import { IAttaching } from "../../src/interfaces/IAttaching.sol";

/// @notice A module that remembers what it was told and makes calls of its own while it is told. It can own assets.
contract HostileModule is IAttachable {
    struct Told {
        address caller;
        address owner;
        uint256 asset;
        uint32 version;
        bytes data;
    }

    struct Attached {
        uint256 asset;
        address module;
    }

    struct Call {
        address target;
        bytes data;
    }

    Told[] public told;
    Attached[] public attachingAt;
    Call[] public armed;

    function arm(address target, bytes calldata data) external {
        armed.push(Call({ target: target, data: data }));
    }

    function execute(address target, bytes calldata data) external returns (bytes memory) {
        return _execute(target, data);
    }

    function attach(address owner, uint256 asset, uint32 version, bytes calldata data) external {
        told.push(Told({ caller: msg.sender, owner: owner, asset: asset, version: version, data: data }));
        (uint256 attached, address named) = IAttaching(msg.sender).attaching();
        attachingAt.push(Attached({ asset: attached, module: named }));
        run();
    }

    /// @notice Makes the calls that it was armed with.
    function run() public {
        Call[] memory calls = armed;
        delete armed;
        for (uint256 i; i < calls.length; ++i) {
            _execute(calls[i].target, calls[i].data);
        }
    }

    function count() external view returns (uint256) {
        return told.length;
    }

    function _execute(address target, bytes memory data) private returns (bytes memory answer) {
        bool success;
        (success, answer) = target.call(data);
        if (success) return answer;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }
}
