// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { IEscrows } from "../../src/interfaces/IEscrows.sol";
import { OwnWayBuyer } from "../actors/OwnWayBuyer.sol";
import { ReentrantToken } from "../actors/ReentrantToken.sol";
import { EscrowsTest } from "./Escrows.t.sol";

contract EscrowsPayTest is EscrowsTest {
    function testFuzz_RevertWhen_TheAccountHoldsLess(uint120 held, uint256 amount) external {
        amount = bound(amount, uint256(held) + 1, type(uint256).max);
        _deposit(controller, address(dollar), held);

        // it should revert with {Escrows_Overdrawn}
        vm.expectRevert(abi.encodeWithSelector(IEscrows.Escrows_Overdrawn.selector, ID, uint256(held), amount));
        _pay(controller, address(dollar), alice, amount);
    }

    function test_A153_RevertWhen_TheAccountIsAnothers() external {
        _deposit(controller, address(dollar), 10);
        OwnWayBuyer stranger = new OwnWayBuyer();

        // it should revert with {Escrows_Overdrawn}
        vm.expectRevert(abi.encodeWithSelector(IEscrows.Escrows_Overdrawn.selector, ID, uint256(0), uint256(10)));
        _pay(stranger, address(dollar), alice, 10);
    }

    function test_A055_GivenTheTokenCallsBack() external {
        ReentrantToken token = new ReentrantToken();
        token.mint(address(controller), 20);
        _deposit(controller, address(token), 20);
        bytes memory again = abi.encodeCall(escrows.pay, (address(token), ID, alice, 10));
        token.arm(address(controller), abi.encodeCall(controller.execute, (address(escrows), again)));
        _pay(controller, address(token), alice, 10);

        // it should pay once
        assertEq(token.balanceOf(alice), 10);
        assertEq(_held(controller, address(token)), 10);
        assertEq(
            token.outcome(), abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
    }

    function testFuzz_WhenTheAccountHoldsEnough(uint120 held, uint120 amount) external {
        amount = uint120(bound(amount, 0, held));
        _deposit(controller, address(dollar), held);

        // it should emit {Pay}
        vm.expectEmit(address(escrows));
        emit IEscrows.Pay(address(controller), address(dollar), ID, alice, amount, held - amount);
        _pay(controller, address(dollar), alice, amount);

        // it should pay the receiver
        assertEq(dollar.balanceOf(alice), amount);
        // it should take from the account
        assertEq(_held(controller, address(dollar)), held - amount);
    }

    function test_A154_GivenTheReceiverIsFrozen() external {
        _deposit(controller, address(dollar), 10);
        dollar.blacklist(alice);
        vm.expectRevert();
        _pay(controller, address(dollar), alice, 5);
        _pay(controller, address(dollar), address(this), 5);

        // it should harm nobody else
        assertEq(dollar.balanceOf(address(this)), 5);
        assertEq(_held(controller, address(dollar)), 5);
    }
}
