// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { MerkleProof } from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import { IChecker } from "./interfaces/IChecker.sol";

/// @title AllowList
/// @notice Admits the accounts of a list. Terms commit to the Merkle root of the list, so that it never changes, and the
/// buyer shows the path of the recipient. The contract has no state and serves everybody's lists.
contract AllowList is IChecker {
    /// @notice Whether a recipient is on the list.
    /// @dev `data` is abi.encode(bytes32[] path). A leaf is hashed twice, so that no inner node passes for one; pairs are
    /// sorted before they are hashed.
    /// @inheritdoc IChecker
    function check(bytes32, bytes32 policyRoot, address recipient, bytes calldata data)
        external
        pure
        returns (bool admitted)
    {
        bytes32[] memory path = abi.decode(data, (bytes32[]));
        return MerkleProof.verify({ proof: path, root: policyRoot, leaf: leafOf(recipient) });
    }

    /// @notice The leaf of an account.
    /// @param account The account
    /// @return leaf keccak256(keccak256(abi.encode(account)))
    function leafOf(address account) public pure returns (bytes32 leaf) {
        return keccak256(bytes.concat(keccak256(abi.encode(account))));
    }
}
