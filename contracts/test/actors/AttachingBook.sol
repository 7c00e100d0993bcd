// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAttaching } from "../../src/interfaces/IAttaching.sol";
import { HostileModule } from "./HostileModule.sol";

/// @notice Says which module is carrying out instructions for which asset, and answers everything else as the registry
/// of assets does.
contract AttachingBook is IAttaching {
    address private immutable _assets;
    uint256 private _asset;
    address private _module;

    constructor(address assets) {
        _assets = assets;
    }

    /// @notice Has a module make a call while it is said to act for an asset.
    function lead(uint256 asset, HostileModule module, address target, bytes calldata data) external {
        (_asset, _module) = (asset, address(module));
        module.execute(target, data);
        (_asset, _module) = (0, address(0));
    }

    function attaching() external view returns (uint256 asset, address module) {
        return (_asset, _module);
    }

    fallback(bytes calldata data) external returns (bytes memory answer) {
        bool success;
        (success, answer) = _assets.staticcall(data);
        require(success);
    }
}
