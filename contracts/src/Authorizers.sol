// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";

import { IAuthorizers } from "./interfaces/IAuthorizers.sol";

/// @title Authorizers
/// @notice Registry of the sellers' authorizers and settlers. It has no owner.
contract Authorizers is IAuthorizers {
    /// @inheritdoc IAuthorizers
    address public immutable implementation;

    /// @inheritdoc IAuthorizers
    mapping(address seller => address) public settlerOf;

    constructor(address implementation_) {
        if (implementation_.code.length == 0) revert Authorizers_ImplementationWithoutCode(implementation_);
        implementation = implementation_;
    }

    /// @inheritdoc IAuthorizers
    function register(address settler) external returns (address authorizer) {
        settlerOf[msg.sender] = settler;
        authorizer = deploy(msg.sender);

        emit Register(msg.sender, settler, authorizer);
    }

    /// @inheritdoc IAuthorizers
    function deploy(address seller) public returns (address authorizer) {
        if (seller == address(0)) revert Authorizers_ZeroSeller();
        authorizer = addressOf(seller);
        if (authorizer.code.length != 0) return authorizer;

        Clones.cloneDeterministicWithImmutableArgs({
            implementation: implementation, args: _args(seller), salt: _salt(seller)
        });

        emit Deploy(seller, authorizer);
    }

    /// @inheritdoc IAuthorizers
    function addressOf(address seller) public view returns (address) {
        return Clones.predictDeterministicAddressWithImmutableArgs({
            implementation: implementation, args: _args(seller), salt: _salt(seller)
        });
    }

    function _args(address seller) private view returns (bytes memory) {
        return abi.encode(address(this), seller);
    }

    function _salt(address seller) private pure returns (bytes32) {
        return bytes32(uint256(uint160(seller)));
    }
}
