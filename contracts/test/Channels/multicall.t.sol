// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Multicall } from "@openzeppelin/contracts/utils/Multicall.sol";

import { IChannels } from "../../src/interfaces/IChannels.sol";
import { ChannelsTest } from "./Channels.t.sol";

contract ChannelsMulticallTest is ChannelsTest {
    function _calls() internal view returns (bytes[] memory calls) {
        calls = new bytes[](3);
        calls[0] = abi.encodeCall(IChannels.deposit, (config, DEPOSIT, address(collector), ""));
        calls[1] = abi.encodeCall(IChannels.claim, (_one(_row(config, 6))));
        calls[2] = abi.encodeCall(IChannels.settle, (receiver, address(token)));
    }

    function test_WhenEveryCallSucceeds() external {
        // it should run guarded functions one after the other with the caller's rights
        bytes[] memory calls = _calls();
        vm.prank(receiver);
        Multicall(address(channels)).multicall(calls);
        _assertChannel(id, DEPOSIT, 6);
        _assertReceiver(6, 6);
    }

    function test_RevertWhen_ACallFails() external {
        // it should revert with that call's reason and undo the others
        bytes[] memory calls = _calls();
        vm.expectRevert(IChannels.NotAuthorizedToClaim.selector);
        vm.prank(stranger);
        Multicall(address(channels)).multicall(calls);
        _assertChannel(id, 0, 0);
    }
}
