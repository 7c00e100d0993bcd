// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IResales } from "../../src/interfaces/IResales.sol";

/// @notice Takes a token in and sells parts of itself; it looks at the licence while it receives it.
contract TokenWrapper {
    bool public wasValid;
    mapping(address account => uint256) public sharesOf;

    function sell(address to) external {
        ++sharesOf[to];
    }

    function onERC721Received(address, address, uint256 tokenId, bytes calldata) external returns (bytes4) {
        wasValid = IResales(msg.sender).isValid(tokenId, address(this));
        return this.onERC721Received.selector;
    }
}
