// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import { IAuthorizer } from "./interfaces/IAuthorizer.sol";
import { IAuthorizers } from "./interfaces/IAuthorizers.sol";

/// @title Authorizer
/// @notice The code behind every seller's authorizer; registry and seller are in the clone's own code.
contract Authorizer is IAuthorizer {
    bytes4 private constant INVALID = 0xffffffff;

    /// @inheritdoc IAuthorizer
    uint256 public constant SELLER_GAS = 100_000;

    address private immutable _implementation = address(this);

    /// @inheritdoc IERC1271
    /// @dev A malformed signature is an invalid one; nothing reverts. The implementation itself speaks for nobody.
    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        if (address(this) == _implementation) return INVALID;
        (address registry_, address seller_) = _terms();
        bool valid =
            _isSignedByKey(registry_, seller_, digest, signature) || _isAcceptedBySeller(seller_, digest, signature);
        return valid ? IERC1271.isValidSignature.selector : INVALID;
    }

    /// @inheritdoc IAuthorizer
    function registry() external view returns (address registry_) {
        (registry_,) = _terms();
    }

    /// @inheritdoc IAuthorizer
    function seller() external view returns (address seller_) {
        (, seller_) = _terms();
    }

    function _isSignedByKey(address registry_, address seller_, bytes32 digest, bytes calldata signature)
        private
        view
        returns (bool)
    {
        (address signer, ECDSA.RecoverError error,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (error != ECDSA.RecoverError.NoError) return false;
        // A recovered signer is never zero, so a revoked settler matches nobody.
        return signer == seller_ || signer == IAuthorizers(registry_).settlerOf(seller_);
    }

    /// @dev The gas cap bounds what a hostile seller contract can burn or return. A shorter answer than a word would be padded.
    function _isAcceptedBySeller(address seller_, bytes32 digest, bytes calldata signature)
        private
        view
        returns (bool)
    {
        if (seller_.code.length == 0) return false;
        (bool success, bytes memory answer) =
            seller_.staticcall{ gas: SELLER_GAS }(abi.encodeCall(IERC1271.isValidSignature, (digest, signature)));
        return success && answer.length >= 32 && bytes32(answer) == bytes32(IERC1271.isValidSignature.selector);
    }

    function _terms() private view returns (address registry_, address seller_) {
        return abi.decode(Clones.fetchCloneArgs(address(this)), (address, address));
    }
}
