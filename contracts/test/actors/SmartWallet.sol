// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice An ERC-1271 account that can be told to misbehave.
contract SmartWallet is IERC1271 {
    enum Mode {
        Honest,
        Refuse,
        Revert,
        BurnGas,
        ReturnShort,
        ReturnHuge,
        Reenter
    }

    address public immutable owner;
    Mode public mode;
    address public target;
    bytes public call;

    constructor(address owner_) {
        owner = owner_;
    }

    function setMode(Mode mode_) external {
        mode = mode_;
    }

    function setReentry(address target_, bytes calldata call_) external {
        mode = Mode.Reenter;
        target = target_;
        call = call_;
    }

    function execute(address to, bytes calldata data) external returns (bytes memory answer) {
        bool success;
        (success, answer) = to.call(data);
        if (success) return answer;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        if (mode == Mode.Refuse) return 0xffffffff;
        if (mode == Mode.Revert) revert("refused");
        if (mode == Mode.BurnGas) while (true) { }
        if (mode == Mode.ReturnShort) _return(4);
        if (mode == Mode.ReturnHuge) _return(1 << 20);
        if (mode == Mode.Reenter) {
            (bool success,) = target.staticcall(call);
            if (!success) return 0xffffffff;
        }
        (address signer, ECDSA.RecoverError error,) = ECDSA.tryRecover(digest, signature);
        bool valid = error == ECDSA.RecoverError.NoError && signer == owner;
        return valid ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    function _return(uint256 length) private pure {
        bytes4 magic = IERC1271.isValidSignature.selector;
        assembly ("memory-safe") {
            mstore(0x00, magic)
            return(0x00, length)
        }
    }
}
