// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { Assets } from "../../src/Assets.sol";
import { Channels } from "../../src/Channels.sol";
import { Logs } from "../../src/Logs.sol";
import { Policy } from "../../src/Policy.sol";
import { TestDollar } from "../../src/TestDollar.sol";
import { Vault } from "../../src/Vault.sol";
import { Vaults } from "../../src/Vaults.sol";
import { IAssets } from "../../src/interfaces/IAssets.sol";
import { IChannels } from "../../src/interfaces/IChannels.sol";
import { IPolicy } from "../../src/interfaces/IPolicy.sol";
import { IVaults } from "../../src/interfaces/IVaults.sol";
import { Receipts } from "../../src/libraries/Receipts.sol";
import { HostileModule } from "../actors/HostileModule.sol";

/// @notice The contracts around the vaults, some people, and short ways to say what they do.
abstract contract VaultsBase is Test {
    uint40 internal constant FLOOR = 3 days;
    uint40 internal constant WINDOW = 7 days;
    uint128 internal constant PRICE = 1_000e6;
    uint256 internal constant RECEIPT_KEY = 0xA11;
    uint256 internal constant OTHER_KEY = 0xA12;
    uint256 internal constant BUYER_KEY = 0xB11;

    // Ascending, as a split wants its payees.
    address internal alice = address(0xA11CE00000);
    address internal bob = address(0xB0B0000000);
    address internal carol = address(0xCA01000000);

    address internal seller = makeAddr("seller");
    address internal heir = makeAddr("heir");
    address internal stranger = makeAddr("stranger");
    address internal treasury = makeAddr("treasury");
    address internal governor = makeAddr("governor");
    address internal buyer = vm.addr(BUYER_KEY);
    address internal key = vm.addr(RECEIPT_KEY);

    TestDollar internal dollar;
    Policy internal policy;
    Assets internal assets;
    Channels internal channels;
    Logs internal book;
    Vault internal implementation;
    Vaults internal vaults;
    HostileModule internal module;
    uint256 internal asset;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        dollar = new TestDollar(address(this));
        policy = _deployPolicy();
        assets = new Assets();
        channels = new Channels();
        book = new Logs();
        implementation = new Vault(address(channels));
        vaults = new Vaults({
            implementation: address(implementation),
            assets: address(assets),
            channels: address(channels),
            logs: address(book),
            policy: address(policy),
            windowFloor: FLOOR
        });
        module = new HostileModule();
        asset = _publish(seller, "asset");
        vm.prank(seller);
        book.register({ key: key, notBefore: 0, notAfter: type(uint40).max, capPerEpoch: type(uint128).max });
    }

    /*//////////////////////////////////////////////////////////////////////////
                                    AROUND THE VAULTS
    //////////////////////////////////////////////////////////////////////////*/

    function _deployPolicy() private returns (Policy deployed) {
        IPolicy.Parameter[] memory parameters = new IPolicy.Parameter[](1);
        parameters[0] = IPolicy.Parameter({ name: "protocolFeeBps", value: 0, min: 0, max: 500 });
        deployed = new Policy({ owner: governor, parameters: parameters, tokens: new address[](0) });
        vm.prank(governor);
        deployed.setTreasury(treasury);
    }

    function _publish(address publisher, bytes32 salt) internal returns (uint256) {
        return _publishWith(publisher, salt, new IAssets.Attachment[](0));
    }

    function _publishWith(address publisher, bytes32 salt, IAssets.Attachment[] memory attachments)
        internal
        returns (uint256)
    {
        vm.prank(publisher);
        return assets.publish(
            IAssets.Publication({
                kind: IAssets.Kind.Model, manifestRoot: keccak256("m"), salt: salt, uri: "ipfs://m"
            }),
            attachments
        );
    }

    /// @dev Publishes an asset that passes revenue on, bound by a module that does nothing else.
    function _publishBound(address publisher, bytes32 salt, IVaults.Upstream[] memory upstream)
        internal
        returns (uint256 id)
    {
        id = assets.idOf(publisher, IAssets.Kind.Model, keccak256("m"), salt);
        module.arm(address(vaults), abi.encodeCall(vaults.bind, (id, upstream)));
        _publishWith(publisher, salt, _attaching(address(module), ""));
    }

    function _attaching(address to, bytes memory data) internal pure returns (IAssets.Attachment[] memory attachments) {
        attachments = new IAssets.Attachment[](1);
        attachments[0] = IAssets.Attachment({ module: to, data: data });
    }

    function _setFee(uint16 feeBps) internal {
        vm.prank(governor);
        policy.set("protocolFeeBps", feeBps);
    }

    /// @dev This contract is a deposit collector that mints what it is asked for.
    function collect(address, address token, uint256 amount, bytes32, bytes calldata) external {
        TestDollar(token).mint(msg.sender, amount);
    }

    /// @dev Opens a channel to an account's payout address and returns the row that claims all of it.
    function _claimable(uint256 account, uint128 amount) internal returns (IChannels.VoucherClaim[] memory rows) {
        rows = new IChannels.VoucherClaim[](1);
        rows[0].voucher.channel = IChannels.ChannelConfig({
            payer: buyer,
            payerAuthorizer: buyer,
            receiver: vaults.payoutOf(account),
            receiverAuthorizer: stranger,
            token: address(dollar),
            withdrawDelay: 1 days,
            salt: 0
        });
        channels.deposit(rows[0].voucher.channel, amount, address(this), "");
        bytes32 id = channels.getChannelId(rows[0].voucher.channel);
        rows[0].voucher.maxClaimableAmount = amount;
        rows[0].totalClaimed = amount;
        rows[0].signature = _sign(BUYER_KEY, channels.getVoucherDigest(id, amount));
    }

    /*//////////////////////////////////////////////////////////////////////////
                                        MONEY
    //////////////////////////////////////////////////////////////////////////*/

    function _pay(uint256 account, uint256 amount) internal {
        dollar.mint(vaults.payoutOf(account), amount);
    }

    function _payAndHarvest(uint256 account, uint256 amount) internal {
        _pay(account, amount);
        vaults.harvest(account, address(dollar));
    }

    /// @dev Pays an account and lets the money mature under the split in force.
    function _earn(uint256 account, uint256 amount) internal {
        _payAndHarvest(account, amount);
        skip(2 * uint256(vaults.termsOf(account).window));
        vaults.mature(account, address(dollar), vaults.splitIdOf(account));
    }

    function _accountOf(address who) internal pure returns (uint256) {
        return uint256(uint160(who));
    }

    /*//////////////////////////////////////////////////////////////////////////
                                        SPLITS
    //////////////////////////////////////////////////////////////////////////*/

    function _ownerOnly(uint16 bps) internal pure returns (IVaults.Payee[] memory payees) {
        payees = new IVaults.Payee[](1);
        payees[0] = IVaults.Payee({ account: address(0), bps: bps });
    }

    function _two(address first, uint16 firstBps, address second, uint16 secondBps)
        internal
        pure
        returns (IVaults.Payee[] memory payees)
    {
        payees = new IVaults.Payee[](2);
        payees[0] = IVaults.Payee({ account: first, bps: firstBps });
        payees[1] = IVaults.Payee({ account: second, bps: secondBps });
    }

    /// @dev What the suites configure unless they say otherwise: the owner 70 %, Alice 30 %.
    function _usual() internal view returns (IVaults.Payee[] memory) {
        return _two(address(0), 7000, alice, 3000);
    }

    function _configure(uint256 account, address owner, IVaults.Payee[] memory payees) internal {
        vm.prank(owner);
        vaults.configure(account, payees, WINDOW, new address[](0), _nothing());
    }

    /// @dev A change that anybody may lose by: announced, then configured.
    function _reconfigure(uint256 account, address owner, IVaults.Payee[] memory payees) internal {
        vm.prank(owner);
        vaults.announce(account, payees);
        skip(vaults.termsOf(account).window);
        _configure(account, owner, payees);
    }

    function _split(IVaults.Payee[] memory payees, address owner) internal pure returns (IVaults.Split memory) {
        return IVaults.Split(_none(), payees, owner, address(0), 0, WINDOW);
    }

    /// @dev No asset that revenue is passed on to.
    function _none() internal pure returns (IVaults.Upstream[] memory) {
        return new IVaults.Upstream[](0);
    }

    function _one(uint256 account, uint16 bps) internal pure returns (IVaults.Upstream[] memory upstream) {
        upstream = new IVaults.Upstream[](1);
        upstream[0] = IVaults.Upstream({ account: account, bps: bps });
    }

    /// @dev What a configuration names as the split in force when that is not looked at.
    function _nothing() internal pure returns (IVaults.Split memory) {
        return _split(new IVaults.Payee[](0), address(0));
    }

    /// @dev The formula of the interface, written a second time.
    function _termsOf(IVaults.Split memory split) internal pure returns (IVaults.Terms memory) {
        bytes27 shares = bytes27(keccak256(abi.encode(split.payees, split.treasury, split.feeBps)));
        if (split.upstream.length != 0) {
            shares = bytes27(keccak256(abi.encode(shares, keccak256(abi.encode(split.upstream)))));
        }
        return IVaults.Terms({ sharesHash: shares, window: split.window });
    }

    function _idOf(IVaults.Split memory split) internal pure returns (bytes32) {
        return keccak256(abi.encode(_termsOf(split).sharesHash, split.owner, split.window));
    }

    function _addresses(address one) internal pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = one;
    }

    /*//////////////////////////////////////////////////////////////////////////
                                        NOTES
    //////////////////////////////////////////////////////////////////////////*/

    function _receipt(uint256 account, uint64 seq) internal view returns (Receipts.Receipt memory receipt) {
        receipt.seller = seller;
        receipt.rail = 1;
        receipt.payer = buyer;
        receipt.seq = seq;
        receipt.token = address(dollar);
        receipt.payTo = vaults.payoutOf(account);
        receipt.price = PRICE;
        receipt.startedAt = uint64(block.timestamp * 1000);
    }

    /// @dev A credit note over a batch of one.
    function _note(Receipts.Receipt memory receipt, uint128 credit) internal view returns (IVaults.Note memory note) {
        note.receipt = receipt;
        note.path = new bytes32[](0);
        note.credit = credit;
        _signNote(note, RECEIPT_KEY, RECEIPT_KEY);
    }

    function _signNote(IVaults.Note memory note, uint256 batchKey, uint256 noteKey) internal view {
        bytes32 leaf = Receipts.hash(note.receipt);
        note.batchSignature = _sign(batchKey, _digest(Receipts.hashBatch(leaf)));
        note.noteSignature = _sign(noteKey, _digest(Receipts.hashCreditNote(Receipts.CreditNote(leaf, note.credit))));
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", book.DOMAIN_SEPARATOR(), structHash));
    }

    function _sign(uint256 privateKey, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return abi.encodePacked(r, s, v);
    }
}
