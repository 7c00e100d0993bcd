// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { TestDollar } from "../../src/TestDollar.sol";
import { IVaults } from "../../src/interfaces/IVaults.sol";
import { Receipts } from "../../src/libraries/Receipts.sol";
import { VaultsBase } from "../base/VaultsBase.sol";

/// @notice Everybody who deals with the vaults, in any order and at any time, and exact books about it. Three assets
/// change hands between two owners; the fourth account is a seller. The second asset passes revenue on to the first, the
/// third to both. The first payout address can be a payee of the others.
contract VaultsHandler is VaultsBase {
    struct Arrival {
        uint128 amount;
        uint40 time;
    }

    uint256 internal constant PEOPLE = 6;

    TestDollar[2] internal tokens;
    uint256 internal constant ACCOUNTS = 4;
    uint256[ACCOUNTS] public accounts;
    address[PEOPLE] internal people;

    // Splits are kept encoded: an array of structs cannot be copied to storage.
    bytes[] internal splits;
    bytes32[] public splitIds;
    mapping(bytes32 splitId => uint256 place) internal places;
    mapping(uint256 account => bytes split) internal inForce;
    mapping(uint256 account => bytes payees) internal announced;
    mapping(uint256 account => uint256 time) internal usableFrom;

    // The books. All amounts in atoms.
    mapping(bytes32 splitId => mapping(uint256 token => uint256)) public harvested;
    mapping(bytes32 splitId => mapping(uint256 token => uint256)) public refunded;
    mapping(bytes32 splitId => mapping(uint256 token => uint256)) public passedIn;
    mapping(bytes32 splitId => mapping(uint256 token => mapping(uint256 index => uint256))) public paid;
    mapping(address who => mapping(uint256 token => uint256)) public received;
    mapping(bytes32 ring => Arrival[]) internal arrivals;
    mapping(bytes32 ring => uint256) internal refundedOfRing;
    uint256[2] public balance;
    uint64 internal seq;

    // What must stay zero.
    uint256 public disturbed;
    uint256 public early;
    uint256 public late;
    uint256 public overpaid;
    uint256 public surprised;

    function setUp() public override {
        super.setUp();
        tokens = [dollar, new TestDollar(address(this))];
        uint256 second = _publishBound(seller, "second", _one(asset, 1500));
        uint256 third = _publishBound(heir, "third", _ascending(asset, 1000, second, 3333));
        accounts = [asset, second, third, _accountOf(seller)];
        people = [alice, bob, carol, seller, heir, treasury];
        vm.prank(heir);
        book.register({ key: key, notBefore: 0, notAfter: type(uint40).max, capPerEpoch: type(uint128).max });
        for (uint256 i = 0; i < accounts.length; ++i) {
            IVaults.Split memory split = _split(_ownerOnly(10_000), address(0));
            if (i == 1) split.upstream = _one(asset, 1500);
            if (i == 2) split.upstream = _ascending(asset, 1000, second, 3333);
            _adopt(accounts[i], split, FLOOR);
            vaults.harvest(accounts[i], address(dollar));
            _enter(accounts[i]);
        }
    }

    /*//////////////////////////////////////////////////////////////////////////
                                        CALLS
    //////////////////////////////////////////////////////////////////////////*/

    function pay(uint256 account, uint256 token, uint256 amount) external {
        tokens[token
                % 2].mint(vaults.payoutOf(accounts[account % ACCOUNTS]), bound(amount, 1, amount % 3 == 0 ? 1e15 : 50));
    }

    function wait(uint256 time) external {
        skip(bound(time, 1, time % 4 == 0 ? 20 days : 1 days));
    }

    /// @dev Comes at a second that a rule is about, with new money: the last one of a window, the first after the window
    /// and one bucket, or the first of the bucket that comes into the same slot.
    function comeAt(uint256 account, uint256 token, uint256 which, uint256 moment) external {
        (account, token) = (accounts[account % ACCOUNTS], token % 2);
        uint256 split = places[_idOf(splitOf(account))];
        Arrival[] storage all = arrivals[_ring(account, token, split)];
        if (all.length == 0) return;
        uint256 from = all[all.length - 1 - which % (all.length < 4 ? all.length : 4)].time;
        uint256 window = splitAt(split).window;
        uint256 width = (window + 6) / 7;
        uint256 time = (from / width + 8) * width;
        if (moment % 3 == 0) time = from + window - 1;
        if (moment % 3 == 1) time = from + window + width;
        if (time < block.timestamp) return;
        vm.warp(time);
        tokens[token].mint(vaults.payoutOf(account), 7);
        _harvest(account, token);
        _mature(account, token, split);
    }

    function harvest(uint256 account, uint256 token) external {
        _harvest(accounts[account % ACCOUNTS], token % 2);
    }

    function _harvest(uint256 account, uint256 token) private {
        _bookHarvest(account, token, _arrivedAt(account, token));
        vaults.harvest(account, address(tokens[token]));
    }

    function mature(uint256 account, uint256 token, uint256 split) external {
        _mature(accounts[account % ACCOUNTS], token % 2, split % splits.length);
    }

    function _mature(uint256 account, uint256 token, uint256 split) private {
        vaults.mature(account, address(tokens[token]), splitIds[split]);
        _checkWait(account, token, split);
    }

    function withdraw(uint256 split, uint256 index, uint256 token, bool elsewhere) external {
        (split, token) = (split % splits.length, token % 2);
        IVaults.Split memory shares = splitAt(split);
        uint256 first = shares.upstream.length;
        index = first + index % (rowsOf(split) - first);
        uint128 credit = vaults.creditOf(shares, index, address(tokens[token]));
        address payee = payeeOf(split, index);
        address to = elsewhere && payee.code.length == 0 ? heir : payee;
        bytes32 others = _creditsBut(split, index, token);
        bool possible = credit > 0 && !tokens[token].isBlacklisted(to);

        vm.prank(payee);
        try vaults.withdrawTo(shares, index, address(tokens[token]), to) returns (uint128 amount) {
            if (amount != credit || !possible) ++disturbed;
            paid[splitIds[split]][token][index] += amount;
            received[to][token] += amount;
            balance[token] -= amount;
            if (vaults.creditOf(shares, index, address(tokens[token])) != 0) ++disturbed;
        } catch {
            if (possible) ++disturbed;
            if (vaults.creditOf(shares, index, address(tokens[token])) != credit) ++disturbed;
        }
        if (_creditsBut(split, index, token) != others) ++disturbed;
    }

    function cascade(uint256 split, uint256 index, uint256 token) external {
        (split, token) = (split % splits.length, token % 2);
        IVaults.Split memory shares = splitAt(split);
        if (shares.upstream.length == 0) return;
        index = index % shares.upstream.length;
        uint128 credit = vaults.creditOf(shares, index, address(tokens[token]));
        bytes32 others = _creditsBut(split, index, token);
        bytes32 into = _idOf(splitOf(shares.upstream[index].account));

        try vaults.cascade(shares, index, address(tokens[token])) returns (uint128 amount) {
            if (amount != credit || amount == 0) ++disturbed;
            paid[splitIds[split]][token][index] += amount;
            passedIn[into][token] += amount;
        } catch {
            if (credit != 0) ++disturbed;
        }
        if (_creditsBut(split, index, token) != others) ++disturbed;
    }

    function configure(uint256 account, uint256 first, uint256 second, uint40 window, uint256 wrong) external {
        account = accounts[account % ACCOUNTS];
        uint16 feeBps = uint16(policy.valueOf("protocolFeeBps"));
        _configureAs(account, _payees(account, first, second, feeBps, wrong % 16 == 0 ? 1 : 0), window);
    }

    function announce(uint256 account, uint256 first, uint256 second) external {
        account = accounts[account % ACCOUNTS];
        uint16 feeBps = uint16(policy.valueOf("protocolFeeBps"));
        IVaults.Payee[] memory payees = _payees(account, first, second, feeBps, 0);
        vm.prank(_ownerOf(account));
        vaults.announce(account, payees);
        (announced[account], usableFrom[account]) = (abi.encode(payees), block.timestamp + splitOf(account).window);
    }

    function configureAnnounced(uint256 account, uint40 window) external {
        account = accounts[account % ACCOUNTS];
        if (announced[account].length == 0) return;
        _configureAs(account, abi.decode(announced[account], (IVaults.Payee[])), window);
    }

    function assign(uint256 account, uint256 row, uint256 who) external {
        account = accounts[account % ACCOUNTS];
        IVaults.Split memory split = splitOf(account);
        row = row % split.payees.length;
        address from = split.payees[row].account;
        if (from == address(0)) return;
        address to = people[who % PEOPLE];
        uint256[2] memory arrived = [_arrivedAt(account, 0), _arrivedAt(account, 1)];

        vm.prank(from);
        vaults.assign(account, split, split.upstream.length + row, to, _both());
        _bookHarvest(account, 0, arrived[0]);
        _bookHarvest(account, 1, arrived[1]);
        split.payees = _handedOver(split.payees, row, to);
        _adopt(account, split, split.window);
        _enter(account);
    }

    function sell(uint256 token) external {
        token = accounts[token % 3];
        address owner = assets.ownerOf(token);
        vm.prank(owner);
        assets.transferFrom(owner, owner == seller ? heir : seller, token);
        _enter(token);
    }

    function setFee(uint16 feeBps) external {
        _setFee(feeBps % 501);
    }

    function freeze(uint256 who, uint256 token) external {
        address person = people[who % PEOPLE];
        if (tokens[token % 2].isBlacklisted(person)) tokens[token % 2].unBlacklist(person);
        else tokens[token % 2].blacklist(person);
    }

    function donate(uint256 token, uint256 amount) external {
        amount = bound(amount, 1, 1e9);
        tokens[token % 2].mint(address(vaults), amount);
        balance[token % 2] += amount;
    }

    function refund(uint256 account, uint256 token, uint256 split, uint128 credit) external {
        (account, token, split) = (accounts[account % ACCOUNTS], token % 2, split % splits.length);
        Receipts.Receipt memory receipt = _receipt(account, ++seq);
        (receipt.seller, receipt.token) = (splitAt(split).owner, address(tokens[token]));
        receipt.price = uint128(bound(credit, 1, credit % 2 == 0 ? 20 : 1e15));
        IVaults.Note memory note = _note(receipt, receipt.price);
        (uint128 immature,) = vaults.pendingOf(account, address(tokens[token]), splitIds[split]);

        // Twice: what was given back must not be given back again.
        for (uint256 i = 0; i < 2; ++i) {
            try vaults.refund(note, account, _termsOf(splitAt(split))) returns (uint128 amount) {
                refunded[splitIds[split]][token] += amount;
                refundedOfRing[_ring(account, token, split)] += amount;
                balance[token] -= amount;
                received[buyer][token] += amount;
                if (i == 0 && amount != (immature < receipt.price ? immature : receipt.price)) ++overpaid;
                if (i == 1 || vaults.upstreamHashOf(account) != 0) ++overpaid;
            } catch {
                if (i == 0 && immature > 0 && vaults.upstreamHashOf(account) == 0) ++overpaid;
            }
        }
    }

    /*//////////////////////////////////////////////////////////////////////////
                                        BOOKS
    //////////////////////////////////////////////////////////////////////////*/

    function countOfSplits() external view returns (uint256) {
        return splits.length;
    }

    function splitAt(uint256 split) public view returns (IVaults.Split memory) {
        return abi.decode(splits[split], (IVaults.Split));
    }

    /// @notice The split that a harvest should go by now.
    function splitOf(uint256 account) public view returns (IVaults.Split memory split) {
        split = abi.decode(inForce[account], (IVaults.Split));
        split.owner = _ownerOf(account);
    }

    function worldOf(uint256 token) external view returns (IVaults, TestDollar) {
        return (vaults, tokens[token]);
    }

    function personAt(uint256 who) external view returns (address) {
        return who == PEOPLE ? buyer : people[who];
    }

    function rowsOf(uint256 split) public view returns (uint256) {
        IVaults.Split memory shares = splitAt(split);
        return shares.upstream.length + shares.payees.length + (shares.feeBps == 0 ? 0 : 1);
    }

    /// @notice The share of a row in everything, in hundredths of a basis point of a basis point: 1e8 are the whole.
    function partsOf(uint256 split, uint256 index) external view returns (uint256) {
        IVaults.Split memory shares = splitAt(split);
        uint256 rest = 10_000;
        for (uint256 i = 0; i < shares.upstream.length; ++i) {
            if (i == index) return uint256(shares.upstream[i].bps) * 10_000;
            rest -= shares.upstream[i].bps;
        }
        index -= shares.upstream.length;
        return rest * (index < shares.payees.length ? shares.payees[index].bps : shares.feeBps);
    }

    function payeeOf(uint256 split, uint256 index) public view returns (address payee) {
        IVaults.Split memory shares = splitAt(split);
        index -= shares.upstream.length;
        if (index == shares.payees.length) return shares.treasury;
        payee = shares.payees[index].account;
        if (payee == address(0)) payee = shares.owner;
    }

    /// @notice The atoms that wait in the buckets of a split, matured ones included.
    function pendingOf(uint256 split, uint256 token) public view returns (uint256 sum) {
        for (uint256 i = 0; i < accounts.length; ++i) {
            sum += _pendingOfRing(accounts[i], token, split);
        }
    }

    function _configureAs(uint256 account, IVaults.Payee[] memory payees, uint40 window) private {
        IVaults.Split memory current = splitOf(account);
        IVaults.Split memory split = splitOf(account);
        uint16 feeBps = uint16(policy.valueOf("protocolFeeBps"));
        split.payees = payees;
        (split.treasury, split.feeBps) = (feeBps == 0 ? address(0) : treasury, feeBps);
        window = uint40(bound(window, FLOOR, 30 days));
        uint256[2] memory arrived = [_arrivedAt(account, 0), _arrivedAt(account, 1)];
        bool known = keccak256(announced[account]) == keccak256(abi.encode(payees))
            && usableFrom[account] <= block.timestamp && block.timestamp <= usableFrom[account] + 30 days;

        vm.prank(_ownerOf(account));
        try vaults.configure(account, payees, window, _both(), current) {
            if (!known && _losesAny(current.payees, payees, _ownerOf(account))) ++surprised;
            // Whatever is configured, what was announced before is over.
            (announced[account], usableFrom[account]) = ("", 0);
            // The contract harvested both tokens first; so do the books, by the old split.
            _bookHarvest(account, 0, arrived[0]);
            _bookHarvest(account, 1, arrived[1]);
            _adopt(account, split, window);
            _enter(account);
        } catch { }
    }

    function _losesAny(IVaults.Payee[] memory former, IVaults.Payee[] memory payees, address owner)
        private
        pure
        returns (bool)
    {
        for (uint256 i = 0; i < former.length; ++i) {
            address who = former[i].account;
            if (who == address(0) || who == owner) continue;
            uint256 bps;
            for (uint256 j = 0; j < payees.length; ++j) {
                if (payees[j].account == who) bps = payees[j].bps;
            }
            if (bps < former[i].bps) return true;
        }
        return false;
    }

    /// @dev Written another way than in the contract: adds up by account, then sorts.
    function _handedOver(IVaults.Payee[] memory payees, uint256 row, address to)
        private
        pure
        returns (IVaults.Payee[] memory changed)
    {
        payees[row].account = to;
        uint256 count = payees.length;
        for (uint256 i = 0; i < count; ++i) {
            for (uint256 j = i + 1; j < count; ++j) {
                if (payees[j].account < payees[i].account) (payees[i], payees[j]) = (payees[j], payees[i]);
            }
        }
        for (uint256 i = 0; i + 1 < count; ++i) {
            if (payees[i].account != payees[i + 1].account) continue;
            payees[i].bps += payees[i + 1].bps;
            for (uint256 j = i + 1; j + 1 < count; ++j) {
                payees[j] = payees[j + 1];
            }
            --count;
        }
        changed = new IVaults.Payee[](count);
        for (uint256 i = 0; i < count; ++i) {
            changed[i] = payees[i];
        }
    }

    function _both() private view returns (address[] memory list) {
        list = new address[](2);
        (list[0], list[1]) = (address(tokens[0]), address(tokens[1]));
    }

    function _ascending(uint256 first, uint16 firstBps, uint256 second, uint16 secondBps)
        private
        pure
        returns (IVaults.Upstream[] memory upstream)
    {
        upstream = new IVaults.Upstream[](2);
        upstream[first < second ? 0 : 1] = IVaults.Upstream({ account: first, bps: firstBps });
        upstream[first < second ? 1 : 0] = IVaults.Upstream({ account: second, bps: secondBps });
    }

    /// @dev Books an amount as harvested, by the split that should be in force.
    function _bookHarvest(uint256 account, uint256 token, uint256 amount) private {
        if (amount == 0) return;
        uint256 split = places[_idOf(splitOf(account))];
        harvested[splitIds[split]][token] += amount;
        balance[token] += amount;
        arrivals[_ring(account, token, split)].push(Arrival(uint128(amount), uint40(block.timestamp)));
    }

    /// @dev Once asked to, everything leaves a ring after the window and one bucket, and nothing before the window.
    function _checkWait(uint256 account, uint256 token, uint256 split) private {
        bytes32 ring = _ring(account, token, split);
        uint256 window = splitAt(split).window;
        uint256 width = window % 7 == 0 ? window / 7 : window / 7 + 1;
        uint256 sum;
        uint256 mayLeave;
        uint256 mustLeave;
        for (uint256 i = 0; i < arrivals[ring].length; ++i) {
            Arrival memory arrival = arrivals[ring][i];
            sum += arrival.amount;
            if (arrival.time + window <= block.timestamp) mayLeave += arrival.amount;
            if (arrival.time + window + width <= block.timestamp) mustLeave += arrival.amount;
        }
        uint256 pending = _pendingOfRing(account, token, split);
        if (sum > mayLeave + pending + refundedOfRing[ring]) ++early;
        if (sum < mustLeave + pending) ++late;
    }

    function _adopt(uint256 account, IVaults.Split memory split, uint40 window) private {
        split.window = window;
        inForce[account] = abi.encode(split);
    }

    /// @dev Enters the split that an account now has into the list, once.
    function _enter(uint256 account) private {
        IVaults.Split memory split = splitOf(account);
        bytes32 splitId = _idOf(split);
        if (splitIds.length > 0 && splitIds[places[splitId]] == splitId) return;
        places[splitId] = splitIds.length;
        splitIds.push(splitId);
        splits.push(abi.encode(split));
    }

    function _payees(uint256 account, uint256 first, uint256 second, uint16 feeBps, uint16 missing)
        private
        view
        returns (IVaults.Payee[] memory payees)
    {
        uint16 firstBps = uint16(bound(first, 1, 9998 - feeBps));
        uint16 rest = 10_000 - feeBps - firstBps;
        address payout = vaults.payoutOf(accounts[0]);
        bool cascade = second % 4 == 0 && account != accounts[0];
        address last = cascade ? payout : (second % 2 == 0 ? bob : carol);
        if (first % 3 == 0) return _two(alice, firstBps, last, rest - missing);
        return _two(address(0), firstBps, last, rest - missing);
    }

    function _arrivedAt(uint256 account, uint256 token) private view returns (uint256) {
        return tokens[token].balanceOf(vaults.payoutOf(account));
    }

    function _ownerOf(uint256 account) private view returns (address) {
        return account <= type(uint160).max ? seller : assets.ownerOf(account);
    }

    function _ring(uint256 account, uint256 token, uint256 split) private view returns (bytes32) {
        return keccak256(abi.encode(account, token, splitIds[split]));
    }

    function _pendingOfRing(uint256 account, uint256 token, uint256 split) private view returns (uint256) {
        (uint128 immature, uint128 matured) = vaults.pendingOf(account, address(tokens[token]), splitIds[split]);
        return uint256(immature) + matured;
    }

    function _creditsBut(uint256 split, uint256 index, uint256 token) private view returns (bytes32 credits) {
        IVaults.Split memory shares = splitAt(split);
        uint256 rows = rowsOf(split);
        for (uint256 i = 0; i < rows; ++i) {
            if (i == index) continue;
            credits = keccak256(abi.encode(credits, vaults.creditOf(shares, i, address(tokens[token]))));
        }
    }
}
