// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { Authorizer } from "../../src/Authorizer.sol";
import { Authorizers } from "../../src/Authorizers.sol";

/// @notice What the tests of authorizers share.
abstract contract AuthorizersTest is Test {
    uint256 internal constant SELLER_KEY = 11;
    uint256 internal constant SETTLER_KEY = 12;
    uint256 internal constant STRANGER_KEY = 13;

    address internal seller = vm.addr(SELLER_KEY);
    address internal settler = vm.addr(SETTLER_KEY);
    address internal stranger = vm.addr(STRANGER_KEY);

    Authorizer internal implementation;
    Authorizers internal authorizers;

    function setUp() public virtual {
        implementation = new Authorizer();
        authorizers = new Authorizers(address(implementation));
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
