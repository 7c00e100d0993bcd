// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { Assets } from "../../src/Assets.sol";
import { Escrows } from "../../src/Escrows.sol";
import { Licenses } from "../../src/Licenses.sol";
import { Policy } from "../../src/Policy.sol";
import { TestDollar } from "../../src/TestDollar.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { IPolicy } from "../../src/interfaces/IPolicy.sol";
import { PayoutBook } from "../actors/PayoutBook.sol";
import { RefundsHandler } from "./RefundsHandler.sol";

/// @notice The invariants of refundable and limited licences, after every call of a stateful run.
/// @dev The handler bounds its arguments itself, so a dictionary of values seen would only cost time.
/// forge-config: default.invariant.runs = 32
/// forge-config: default.invariant.include-storage = false
/// forge-config: default.invariant.include-push-bytes = false
/// forge-config: default.invariant.show-metrics = false
contract RefundsInvariants is Test {
    Licenses internal licenses;
    Escrows internal escrows;
    TestDollar internal dollar;
    PayoutBook internal payouts;
    RefundsHandler internal handler;

    function setUp() external {
        vm.warp(1_800_000_000);
        dollar = new TestDollar(address(this));
        Assets assets = new Assets();
        payouts = new PayoutBook();
        escrows = new Escrows();
        address[] memory tokens = new address[](1);
        tokens[0] = address(dollar);
        Policy policy = new Policy({ owner: address(this), parameters: new IPolicy.Parameter[](0), tokens: tokens });
        licenses = new Licenses({ assets: assets, policy: policy, payouts: payouts, escrows: escrows });
        handler = new RefundsHandler(licenses, escrows, assets, dollar);
        targetContract(address(handler));
    }

    /// @dev A refundable licence is valid exactly while it is paid for or tried, and neither left nor announced to be.
    /// Settled calls move only by what both sides signed, never back and never beyond what was bought in a run. There are
    /// never more licences than the terms permit, and a licence that is left makes room.
    function invariant_L1_L2_L3_LicencesAreWhatWasPaidAndSigned() external view {
        assertEq(handler.unauthorized(), 0, "an unauthorized call succeeded");
        (uint256 i, uint256 h) = _turn();
        _checkLicense(i, h);
        _checkLimit(i);
    }

    /// @dev Every atom that was paid into escrow was refunded, was released or is still there. A refund is at most what is
    /// unused, and what is unused can always be refunded.
    function invariant_R1_R2_EscrowIsExact() external view {
        assertEq(handler.overRefunds(), 0, "a refund beyond what was unused");
        uint256 released = handler.released();
        uint256 held = handler.paid() - handler.refunded() - released;
        assertEq(dollar.balanceOf(address(escrows)), held, "escrow");
        assertEq(dollar.balanceOf(payouts.payoutOf(handler.asset())), released, "payout");
        assertEq(dollar.balanceOf(address(licenses)), 0, "custody");
        (uint256 i, uint256 h) = _turn();
        _checkAccount(i, h);
    }

    /// @dev After each call one record is checked in turn; at the end of a run every record is.
    function afterInvariant() external view {
        for (uint256 i; i < handler.TEMPLATES(); ++i) {
            for (uint256 h; h < handler.PEOPLE(); ++h) {
                _checkLicense(i, h);
                _checkAccount(i, h);
            }
            _checkLimit(i);
        }
    }

    function _turn() private view returns (uint256 index, uint256 who) {
        uint256 calls = handler.calls();
        return (calls % handler.TEMPLATES(), calls / handler.TEMPLATES() % handler.PEOPLE());
    }

    function _checkLicense(uint256 index, uint256 who) private view {
        RefundsHandler.Position memory position = handler.account(index, who);
        bytes32 termsId = handler.termsIds(index);
        ILicenses.License memory license = licenses.licenseOf(termsId, handler.person(who));
        assertEq(license.start, position.start, "start");
        assertEq(license.end, position.end, "end");
        bool valid = position.start <= block.timestamp && block.timestamp < position.end;
        assertEq(licenses.isValid(termsId, handler.person(who), uint40(block.timestamp)), valid, "valid");
        if (index != 1) return;
        assertEq(license.quotaGranted, position.granted, "granted");
        assertEq(license.quotaSettled, position.settled, "settled");
        assertLe(license.quotaSettled, license.quotaGranted, "beyond what was bought");
    }

    function _checkLimit(uint256 index) private view {
        if (index == 1) return;
        uint256 sold = licenses.offeringOf(handler.termsIds(index)).sold;
        assertEq(sold, handler.sold(index), "sold");
        assertLe(sold, handler.LIMIT(), "limit");
    }

    function _checkAccount(uint256 index, uint256 who) private view {
        RefundsHandler.Position memory position = handler.account(index, who);
        bytes32 id = keccak256(abi.encode(handler.termsIds(index), handler.person(who)));
        uint256 held = escrows.heldOf(address(licenses), address(dollar), id);
        assertEq(position.paid, position.refunded + position.released + held, "account");
        uint256 amount = licenses.refundableOf(handler.terms(index), handler.person(who));
        assertApproxEqAbs(amount, handler.unusedValue(index, who), 1, "unused");
        assertLe(amount, held, "more than is there");
    }
}
