// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { IEscrows } from "../../src/interfaces/IEscrows.sol";
import { FeeToken } from "../actors/FeeToken.sol";
import { OwnWayBuyer } from "../actors/OwnWayBuyer.sol";
import { EscrowsTest } from "./Escrows.t.sol";

contract EscrowsDepositTest is EscrowsTest {
    function _expectWrongAmount(address token, uint256 expected, uint256 arrived) internal {
        vm.expectRevert(abi.encodeWithSelector(IEscrows.Escrows_WrongAmount.selector, token, expected, arrived));
    }

    function testFuzz_A014_RevertWhen_LessArrives(uint128 amount, uint256 short) external {
        amount = uint128(bound(amount, 1, type(uint128).max));
        short = bound(short, 1, amount);
        controller.payLess(short);

        // it should revert with {Escrows_WrongAmount}
        _expectWrongAmount(address(dollar), amount, amount - short);
        _deposit(controller, address(dollar), amount);
    }

    function test_RevertWhen_MoreArrives() external {
        // The controller is paid on the way: what it did not bring is not its money.
        dollar.mint(address(this), 1);
        dollar.approve(address(controller), 1);
        controller.arm(
            address(dollar), abi.encodeWithSignature("transfer(address,uint256)", address(escrows), uint256(1))
        );

        // it should revert with {Escrows_WrongAmount}
        _expectWrongAmount(address(dollar), 5, 6);
        _deposit(controller, address(dollar), 5);
    }

    function test_A151_RevertGiven_TheTokenKeepsAFee() external {
        FeeToken token = new FeeToken();
        token.mint(address(controller), 1000);

        // it should revert with {Escrows_WrongAmount}
        _expectWrongAmount(address(token), 1000, 990);
        _deposit(controller, address(token), 1000);
    }

    function test_A055_WhenTheControllerCallsBack() external {
        _deposit(controller, address(dollar), 10);
        controller.arm(address(escrows), abi.encodeCall(escrows.deposit, (address(dollar), ID, 1, "")));
        _deposit(controller, address(dollar), 10);

        // it should refuse
        assertEq(
            controller.outcome(), abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
        // Money that is counted and has not arrived cannot be taken out either.
        OwnWayBuyer accomplice = new OwnWayBuyer();
        accomplice.arm(address(escrows), abi.encodeCall(escrows.pay, (address(dollar), ID, alice, 1)));
        dollar.mint(address(accomplice), 5);
        _deposit(accomplice, address(dollar), 5);
        assertEq(dollar.balanceOf(alice), 0);
        assertEq(dollar.balanceOf(address(escrows)), 25);
    }

    function test_RevertWhen_TheCallerCannotBeAsked() external {
        // it should revert
        vm.expectRevert();
        escrows.deposit(address(dollar), ID, 1, "");
    }

    function testFuzz_WhenTheAmountArrives(uint120 first, uint120 second, uint256 donation) external {
        dollar.mint(address(escrows), bound(donation, 0, type(uint120).max));
        _deposit(controller, address(dollar), first);

        // it should emit {Deposit}
        vm.expectEmit(address(escrows));
        emit IEscrows.Deposit(address(controller), address(dollar), ID, second, uint256(first) + second);
        _deposit(controller, address(dollar), second);

        // it should ask the caller once, with its data
        assertEq(controller.asked(), "context");
        // it should add to the caller's account
        assertEq(_held(controller, address(dollar)), uint256(first) + second);
        // it should touch no other account
        assertEq(escrows.heldOf(address(controller), address(dollar), "other"), 0);
        assertEq(escrows.heldOf(address(this), address(dollar), ID), 0);
        assertEq(escrows.heldOf(address(controller), address(this), ID), 0);
    }
}
