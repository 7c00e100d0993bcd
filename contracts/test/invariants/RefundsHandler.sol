// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { Assets } from "../../src/Assets.sol";
import { Escrows } from "../../src/Escrows.sol";
import { Licenses } from "../../src/Licenses.sol";
import { TestDollar } from "../../src/TestDollar.sol";
import { IAssets } from "../../src/interfaces/IAssets.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { RefundPolicies, Rights } from "../../src/libraries/Rights.sol";

/// @notice One seller and three buyers under refundable terms: they buy for each other, try, use, state, announce, leave,
/// release, close and wait. Beside the contracts stands a slow model of every licence, which remembers each period.
contract RefundsHandler is Test {
    /// @dev What was ever paid and got back under one pair of terms and holder, and the present run.
    struct Position {
        bool has;
        uint256 start;
        uint256 end;
        uint256 until;
        uint256 lastPaidAt;
        uint256 granted;
        uint256 settled;
        uint256 paid;
        uint256 refunded;
        uint256 released;
        uint256[] periods;
    }

    uint256 public constant PEOPLE = 3;
    uint256 public constant TEMPLATES = 3;
    uint256 public constant PRICE = 7e6 + 1;
    uint256 public constant PERIOD = 7 days;
    uint256 public constant QUOTA = 100;
    uint256 public constant WINDOW = 2 days;
    uint256 public constant PENALTY_BPS = 500;
    uint256 public constant LIMIT = 2;
    uint256 private constant SELLER_KEY = 99;

    Licenses public immutable licenses;
    Escrows public immutable escrows;
    TestDollar public immutable dollar;
    uint256 public immutable asset;
    address public immutable seller = vm.addr(SELLER_KEY);
    ILicenses.Prices private _prices;
    ILicenses.Terms[] private _terms;
    uint256[TEMPLATES] public closedAt;
    mapping(uint256 index => mapping(uint256 who => Position position)) private _accounts;

    uint256 public calls;
    /// @dev Calls that succeeded although the model forbids them, and refunds beyond what was unused.
    uint256 public unauthorized;
    uint256 public overRefunds;
    uint256 public paid;
    uint256 public refunded;
    uint256 public released;
    address[PEOPLE] public person;
    bytes32[TEMPLATES] public termsIds;

    constructor(Licenses licenses_, Escrows escrows_, Assets assets, TestDollar dollar_) {
        (licenses, escrows, dollar) = (licenses_, escrows_, dollar_);
        vm.prank(seller);
        asset = assets.publish(
            IAssets.Publication(IAssets.Kind.Model, "root", 0, "ipfs://card"), new IAssets.Attachment[](0)
        );
        for (uint256 i; i < PEOPLE; ++i) {
            person[i] = vm.addr(1 + i);
        }
        for (uint256 i; i < TEMPLATES; ++i) {
            _terms.push(_template(i));
            termsIds[i] = licenses.idOf(_terms[i]);
            vm.prank(seller);
            licenses.offer(_terms[i], _prices);
        }
        for (uint256 i; i < PEOPLE; ++i) {
            vm.prank(person[i]);
            dollar.approve(address(licenses), type(uint256).max);
        }
    }

    modifier counted() {
        ++calls;
        _;
    }

    function buy(uint256 which, uint256 payer, uint256 who) public counted {
        (uint256 i, uint256 h) = (which % TEMPLATES, who % PEOPLE);
        bool permitted = _mayBuy(i, h);
        dollar.mint(person[payer % PEOPLE], PRICE);
        vm.prank(person[payer % PEOPLE]);
        try licenses.buy(_terms[i], person[h], "") {
            _expect(permitted);
            _paid(_accounts[i][h], i);
        } catch {
            assertFalse(permitted, "buy");
        }
    }

    function startTrial(uint256 who) external counted {
        uint256 h = who % PEOPLE;
        Position storage account = _accounts[1][h];
        bool permitted = closedAt[1] == 0 && account.start == 0;
        vm.prank(person[h]);
        try licenses.startTrial(_terms[1], "") {
            _expect(permitted);
            (account.has, account.start, account.end) = (true, block.timestamp, block.timestamp + 1 days);
            account.granted = QUOTA;
        } catch {
            assertFalse(permitted, "startTrial");
        }
    }

    /// @dev Who signs is decided by two bits: only both together move anything.
    function settleUsage(uint256 who, uint256 used, uint8 signers, bool isOld) public counted {
        uint256 h = who % PEOPLE;
        Position storage account = _accounts[1][h];
        used = bound(used, 0, account.granted + 1);
        if (signers % 8 == 7 && account.settled != 0) used = account.settled - 1;
        uint40 start = uint40(isOld ? account.start - (account.start == 0 ? 0 : 1) : account.start);
        ILicenses.Usage memory usage = ILicenses.Usage(person[h], start, uint56(used), false);
        bool permitted =
            signers % 4 == 3 && start == account.start && used >= account.settled && used <= account.granted;
        bytes memory first = _sign(signers % 2 == 1 ? h + 1 : SELLER_KEY, usage);
        bytes memory second = _sign(signers % 4 >= 2 ? SELLER_KEY : h + 1, usage);
        try licenses.settleUsage(_terms[1], usage, first, seller, second) {
            _expect(permitted);
            account.settled = used;
        } catch {
            assertFalse(permitted, "settleUsage");
        }
    }

    function announceLeave(uint256 who) external counted {
        uint256 h = who % PEOPLE;
        Position storage account = _accounts[1][h];
        bool permitted = account.end > block.timestamp;
        vm.prank(person[h]);
        try licenses.announceLeave(_terms[1]) {
            _expect(permitted);
            (account.until, account.end) = (account.end, block.timestamp);
        } catch {
            assertFalse(permitted, "announceLeave");
        }
    }

    function leave(uint256 which, uint256 who) external counted {
        (uint256 i, uint256 h) = (which % TEMPLATES, who % PEOPLE);
        Position storage account = _accounts[i][h];
        bool permitted = account.end > block.timestamp;
        if (i == 1) permitted = account.until != 0 && block.timestamp >= account.end + 3 days;
        if (i == 2 && block.timestamp >= account.lastPaidAt + WINDOW) permitted = false;
        vm.prank(person[h]);
        try licenses.leave(_terms[i], person[h]) returns (uint256 refund) {
            _expect(permitted);
            _left(account, i, refund);
        } catch {
            assertFalse(permitted, "leave");
        }
    }

    function leaveSettled(uint256 who, uint256 used, bool bySeller) external counted {
        uint256 h = who % PEOPLE;
        Position storage account = _accounts[1][h];
        used = bound(used, account.settled, account.granted);
        ILicenses.Usage memory usage = ILicenses.Usage(person[h], uint40(account.start), uint56(used), true);
        bool permitted = bySeller && account.until != 0;
        bytes memory signature = _sign(bySeller ? SELLER_KEY : h + 1, usage);
        vm.prank(person[h]);
        try licenses.leaveSettled(_terms[1], usage, seller, signature, person[h]) returns (uint256 refund) {
            _expect(permitted);
            account.settled = used;
            _left(account, 1, refund);
        } catch {
            assertFalse(permitted, "leaveSettled");
        }
    }

    function release(uint256 which, uint256 who) external counted {
        (uint256 i, uint256 h) = (which % TEMPLATES, who % PEOPLE);
        try licenses.release(_terms[i], person[h]) returns (uint256 amount) {
            _accounts[i][h].released += amount;
            released += amount;
        } catch { }
    }

    function closeOrOffer(uint256 which, uint8 dice) external counted {
        uint256 i = which % TEMPLATES;
        vm.startPrank(seller);
        if (closedAt[i] != 0) {
            licenses.offer(_terms[i], _prices);
            closedAt[i] = 0;
        } else if (dice % 4 == 0) {
            licenses.close(_terms[i]);
            closedAt[i] = block.timestamp;
        }
        vm.stopPrank();
    }

    function wait(uint256 duration) external counted {
        vm.warp(block.timestamp + bound(duration, 0, 3 days));
    }

    function terms(uint256 index) external view returns (ILicenses.Terms memory) {
        return _terms[index];
    }

    function account(uint256 index, uint256 who) external view returns (Position memory) {
        return _accounts[index][who];
    }

    /// @dev The model of what is unused: each period that was paid for gives back its own part, and no more calls than
    /// were bought with it. In sevens of a week and hundreds of a quota nothing is lost by rounding but one atom.
    function unusedValue(uint256 index, uint256 who) public view returns (uint256) {
        Position storage one = _accounts[index][who];
        if (!one.has) return 0;
        if (index == 2) return block.timestamp < one.lastPaidAt + WINDOW ? PRICE : 0;
        uint256 from = one.until != 0 ? one.end : block.timestamp;
        uint256 time;
        for (uint256 i; i < one.periods.length; ++i) {
            (uint256 begin, uint256 end) = (one.periods[i], one.periods[i] + PERIOD);
            if (end > from) time += end - (begin > from ? begin : from);
        }
        uint256 value = PRICE * time / PERIOD;
        uint256 bought = one.periods.length * PRICE;
        if (index == 1) {
            uint256 worth = PRICE * (one.granted - one.settled) / QUOTA;
            if (worth < value) value = worth;
        }
        return value < bought ? value : bought;
    }

    function _template(uint256 index) private view returns (ILicenses.Terms memory one) {
        one.asset = asset;
        one.version = 1;
        one.rights = Rights.INFER;
        one.price = uint128(PRICE);
        one.pricesHash = keccak256(abi.encode(_prices));
        one.currency = address(dollar);
        one.period = uint40(PERIOD);
        one.refundPolicy = index == 2 ? RefundPolicies.FULL_WITHIN_WINDOW : RefundPolicies.PRO_RATA;
        if (index == 0) (one.maxSupply, one.refundPenaltyBps) = (uint24(LIMIT), uint16(PENALTY_BPS));
        if (index == 1) (one.quota, one.trial, one.noticePeriod) = (uint56(QUOTA), 1 days, uint40(PERIOD));
        if (index == 2) (one.maxSupply, one.refundWindow) = (uint24(LIMIT), uint40(WINDOW));
    }

    function _mayBuy(uint256 index, uint256 who) private view returns (bool) {
        Position storage one = _accounts[index][who];
        if (one.until != 0) return false;
        bool runs = one.has && one.end >= block.timestamp;
        bool byNotice = index == 1 && runs && one.end <= closedAt[index] + PERIOD;
        if (closedAt[index] != 0 && !byNotice) return false;
        return index == 1 || one.has || sold(index) < LIMIT;
    }

    function sold(uint256 index) public view returns (uint256 count) {
        for (uint256 i; i < PEOPLE; ++i) {
            if (_accounts[index][i].has) ++count;
        }
    }

    function _paid(Position storage one, uint256 index) private {
        if (!one.has || one.end < block.timestamp) {
            (one.start, one.end, one.granted, one.settled) = (block.timestamp, block.timestamp, 0, 0);
            delete one.periods;
        }
        one.periods.push(one.end);
        (one.has, one.end, one.lastPaidAt) = (true, one.end + PERIOD, block.timestamp);
        if (index == 1) one.granted += QUOTA;
        one.paid += PRICE;
        paid += PRICE;
    }

    function _left(Position storage one, uint256 index, uint256 refund) private {
        uint256 who = PEOPLE;
        for (uint256 i; i < PEOPLE; ++i) {
            if (_same(one, _accounts[index][i])) who = i;
        }
        uint256 limit = unusedValue(index, who);
        if (index == 0) limit = limit * (10_000 - PENALTY_BPS) / 10_000;
        if (refund > limit) ++overRefunds;
        assertGe(refund + 1, limit, "less than what is unused");
        one.refunded += refund;
        refunded += refund;
        if (one.until == 0) one.end = block.timestamp;
        (one.has, one.until, one.granted) = (false, 0, one.settled);
        delete one.periods;
    }

    function _same(Position storage a, Position storage b) private pure returns (bool same) {
        assembly ("memory-safe") {
            same := eq(a.slot, b.slot)
        }
    }

    function _sign(uint256 key, ILicenses.Usage memory usage) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, licenses.usageDigestOf(termsIds[1], usage));
        return abi.encodePacked(r, s, v);
    }

    function _expect(bool permitted) private {
        if (!permitted) ++unauthorized;
    }
}
