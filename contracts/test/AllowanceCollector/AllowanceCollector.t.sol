// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AllowanceCollector } from "../../src/AllowanceCollector.sol";
import { ChannelsTest } from "../Channels/Channels.t.sol";

/// @notice What the tests of the collector share: a payer whose whole balance is allowed to it.
abstract contract AllowanceCollectorTest is ChannelsTest {
    AllowanceCollector internal signed;
    uint256 internal deadline;

    function setUp() public override {
        super.setUp();
        signed = new AllowanceCollector(address(channels));
        deadline = block.timestamp + 1 hours;
        vm.prank(payer);
        token.approve(address(signed), type(uint256).max);
    }

    function _dataBy(uint256 key, bytes32 channelId, uint256 amount, uint256 nonce)
        internal
        view
        returns (bytes memory)
    {
        bytes32 digest = signed.getDepositDigest(channelId, address(token), amount, nonce, deadline);
        return abi.encode(nonce, deadline, _sign(key, digest));
    }

    function _data(uint256 amount, uint256 nonce) internal view returns (bytes memory) {
        return _dataBy(PAYER_KEY, id, amount, nonce);
    }
}
