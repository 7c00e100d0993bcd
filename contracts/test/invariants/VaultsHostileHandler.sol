// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IVaults } from "../../src/interfaces/IVaults.sol";
import { HostileToken } from "../actors/HostileToken.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

/// @notice An asset and one made from it, which earn in an honest token and in a hostile one. Calls in the honest token
/// must succeed, whatever the hostile one did before or does in between; calls in the hostile one may fail.
contract VaultsHostileHandler is VaultsBase {
    HostileToken internal hostile;
    uint256 internal child;

    /// @notice Honest atoms that came in, and that payees were paid.
    uint256 public harvested;
    uint256 public withdrawn;
    /// @notice What must stay zero: honest calls that failed or did not do what the credit said.
    uint256 public broken;

    function setUp() public override {
        super.setUp();
        hostile = new HostileToken(address(vaults));
        child = _publishBound(heir, "child", _one(asset, 2500));
        _configure(asset, seller, _usual());
        _configure(child, heir, _usual());
    }

    function setMode(uint256 mode, uint256 callback, uint256 which, uint256 row, bool aimAtHonest) external {
        address token = _token(aimAtHonest);
        uint256 account = which % 2 == 0 ? asset : child;
        IVaults.Split memory split = _splitAt(which % 2);
        bytes[] memory inner = new bytes[](1);
        inner[0] = abi.encodeCall(IVaults.harvest, (account, token));
        bytes[6] memory calls = [
            abi.encodeCall(IVaults.harvest, (account, token)),
            abi.encodeCall(IVaults.mature, (account, token, _idOf(split))),
            abi.encodeCall(IVaults.withdraw, (split, row % 3, token)),
            abi.encodeCall(IVaults.cascade, (_splitAt(1), 0, token)),
            abi.encodeCall(IVaults.assign, (account, split, row % 3, stranger, _addresses(token))),
            abi.encodeCall(vaults.multicall, (inner))
        ];
        hostile.set(HostileToken.Mode(bound(mode, 0, 5)), calls[callback % 6]);
    }

    function pay(bool isHonest, uint256 which, uint256 amount) external {
        address payout = vaults.payoutOf(which % 2 == 0 ? asset : child);
        amount = bound(amount, 1, 1e12);
        if (isHonest) dollar.mint(payout, amount);
        else hostile.mint(payout, amount);
    }

    function harvest(bool isHonest, uint256 which) external {
        uint256 account = which % 2 == 0 ? asset : child;
        uint256 waiting = isHonest ? dollar.balanceOf(vaults.payoutOf(account)) : 0;
        try vaults.harvest(account, _token(isHonest)) returns (uint128 amount) {
            if (isHonest) harvested += amount;
            if (isHonest && amount != waiting) ++broken;
        } catch {
            if (isHonest) ++broken;
        }
    }

    /// @dev Both tokens in one transaction, the hostile one first.
    function harvestBoth(uint256 which) external {
        uint256 account = which % 2 == 0 ? asset : child;
        uint256 before = dollar.balanceOf(address(vaults));
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(IVaults.harvest, (account, address(hostile)));
        calls[1] = abi.encodeCall(IVaults.harvest, (account, address(dollar)));
        try vaults.multicall(calls) { } catch { }
        harvested += dollar.balanceOf(address(vaults)) - before;
    }

    function wait(uint256 time) external {
        skip(bound(time, 1 hours, 10 days));
    }

    function mature(bool isHonest, uint256 which) external {
        try vaults.mature(which % 2 == 0 ? asset : child, _token(isHonest), _idOf(_splitAt(which % 2))) { }
        catch {
            ++broken;
        }
    }

    function cascade(bool isHonest) external {
        _expect(isHonest, _splitAt(1), 0, abi.encodeCall(IVaults.cascade, (_splitAt(1), 0, _token(isHonest))));
    }

    function withdraw(bool isHonest, uint256 which, uint256 row) external {
        IVaults.Split memory split = _splitAt(which % 2);
        uint256 index = which % 2 + row % 2;
        uint256 before = dollar.balanceOf(address(vaults));
        _expect(isHonest, split, index, abi.encodeCall(IVaults.withdraw, (split, index, _token(isHonest))));
        withdrawn += before - dollar.balanceOf(address(vaults));
    }

    /// @notice Honest atoms that wait in buckets or that rows can still get.
    function owed() external view returns (uint256 sum) {
        for (uint256 i = 0; i < 2; ++i) {
            (uint128 immature, uint128 matured) =
                vaults.pendingOf(i == 0 ? asset : child, address(dollar), _idOf(_splitAt(i)));
            sum += uint256(immature) + matured;
            for (uint256 row = 0; row < 2 + i; ++row) {
                sum += vaults.creditOf(_splitAt(i), row, address(dollar));
            }
        }
    }

    function held() external view returns (uint256) {
        return dollar.balanceOf(address(vaults));
    }

    /// @dev A call that pays out a row succeeds exactly when the row has something.
    function _expect(bool isHonest, IVaults.Split memory split, uint256 index, bytes memory call) private {
        uint128 credit = isHonest ? vaults.creditOf(split, index, address(dollar)) : 0;
        (bool success, bytes memory answer) = address(vaults).call(call);
        if (!isHonest) return;
        if (success != (credit != 0)) ++broken;
        if (success && abi.decode(answer, (uint128)) != credit) ++broken;
    }

    function _splitAt(uint256 which) private view returns (IVaults.Split memory split) {
        split = _split(_usual(), which == 0 ? seller : heir);
        if (which == 1) split.upstream = _one(asset, 2500);
    }

    function _token(bool isHonest) private view returns (address) {
        return isHonest ? address(dollar) : address(hostile);
    }
}
