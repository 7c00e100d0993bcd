// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { Policy } from "../../src/Policy.sol";
import { TestDollar } from "../../src/TestDollar.sol";
import { IPolicy } from "../../src/interfaces/IPolicy.sol";

/// @notice What the tests of the policy share.
abstract contract PolicyTest is Test {
    bytes32 internal constant FEE = "protocolFeeBps";
    bytes32 internal constant WINDOW = "disputeWindow";

    address internal owner = makeAddr("owner");
    address internal stranger = makeAddr("stranger");
    TestDollar internal dollar;
    Policy internal policy;

    function setUp() public virtual {
        dollar = new TestDollar(address(this));
        policy = new Policy({ owner: owner, parameters: _parameters(), tokens: _tokens(address(dollar)) });
    }

    function _parameters() internal pure returns (IPolicy.Parameter[] memory parameters) {
        parameters = new IPolicy.Parameter[](2);
        parameters[0] = IPolicy.Parameter({ name: FEE, value: 0, min: 0, max: 500 });
        parameters[1] = IPolicy.Parameter({ name: WINDOW, value: 3 days, min: 1 days, max: 30 days });
    }

    function _tokens(address token) internal pure returns (address[] memory tokens) {
        tokens = new address[](1);
        tokens[0] = token;
    }
}
