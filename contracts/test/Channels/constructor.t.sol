// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC5267 } from "@openzeppelin/contracts/interfaces/IERC5267.sol";

import { IChannels } from "../../src/interfaces/IChannels.sol";
import { ChannelsTest } from "./Channels.t.sol";

/// @notice Identity of the contract: constants, domain and digests against vectors made elsewhere.
contract ChannelsConstructorTest is ChannelsTest {
    string internal vectors;

    function setUp() public override {
        super.setUp();
        vectors = vm.readFile("test/vectors/x402-batch-settlement.json");
        vm.chainId(vm.parseJsonUint(vectors, ".vectors.chainId"));
        vm.etch(CANONICAL, address(channels).code);
        channels = IChannels(CANONICAL);
        config = IChannels.ChannelConfig({
            payer: vm.parseJsonAddress(vectors, ".vectors.config.payer"),
            payerAuthorizer: vm.parseJsonAddress(vectors, ".vectors.config.payerAuthorizer"),
            receiver: vm.parseJsonAddress(vectors, ".vectors.config.receiver"),
            receiverAuthorizer: vm.parseJsonAddress(vectors, ".vectors.config.receiverAuthorizer"),
            token: vm.parseJsonAddress(vectors, ".vectors.config.token"),
            withdrawDelay: uint40(vm.parseJsonUint(vectors, ".vectors.config.withdrawDelay")),
            salt: vm.parseJsonBytes32(vectors, ".vectors.config.salt")
        });
        id = channels.getChannelId(config);
    }

    function _bytes32(string memory key) internal view returns (bytes32) {
        return vm.parseJsonBytes32(vectors, key);
    }

    function _uint128(string memory key) internal view returns (uint128) {
        return uint128(vm.parseJsonUint(vectors, key));
    }

    function _vectorRow(string memory key) internal view returns (IChannels.VoucherClaim memory row) {
        row.voucher.channel = config;
        row.voucher.maxClaimableAmount = _uint128(string.concat(key, ".maxClaimableAmount"));
        row.totalClaimed = _uint128(string.concat(key, ".totalClaimed"));
        assertEq(_bytes32(string.concat(key, ".channelId")), id);
    }

    function test_WhenItsCodeIsCopied() external view {
        // it should have the domain of the address that it stands at
        (, string memory name, string memory version, uint256 chainId, address verifyingContract,,) =
            IERC5267(address(channels)).eip712Domain();
        assertEq(name, vm.parseJsonString(vectors, ".domain.name"));
        assertEq(version, vm.parseJsonString(vectors, ".domain.version"));
        assertEq(chainId, block.chainid);
        assertEq(verifyingContract, vm.parseJsonAddress(vectors, ".address.settlement"));
    }

    function test_Constants() external view {
        // it should have the delays and type hashes of the vectors
        assertEq(channels.MIN_WITHDRAW_DELAY(), vm.parseJsonUint(vectors, ".constants.MIN_WITHDRAW_DELAY"));
        assertEq(channels.MAX_WITHDRAW_DELAY(), vm.parseJsonUint(vectors, ".constants.MAX_WITHDRAW_DELAY"));
        string memory entry = _encode("ClaimEntry");
        assertEq(channels.CHANNEL_CONFIG_TYPEHASH(), keccak256(bytes(_encode("ChannelConfig"))));
        assertEq(channels.VOUCHER_TYPEHASH(), keccak256(bytes(_encode("Voucher"))));
        assertEq(channels.REFUND_TYPEHASH(), keccak256(bytes(_encode("Refund"))));
        assertEq(channels.CLAIM_ENTRY_TYPEHASH(), keccak256(bytes(entry)));
        assertEq(channels.CLAIM_BATCH_TYPEHASH(), keccak256(bytes(string.concat(_encode("ClaimBatch"), entry))));
    }

    /// @dev EIP-712 `encodeType` of one type in the vectors, without the types that it refers to.
    function _encode(string memory name) internal view returns (string memory encoded) {
        encoded = string.concat(name, "(");
        for (uint256 i = 0;; ++i) {
            string memory member = string.concat(".types.", name, "[", vm.toString(i), "]");
            if (!vm.keyExistsJson(vectors, member)) break;
            encoded = string.concat(
                encoded,
                i == 0 ? "" : ",",
                vm.parseJsonString(vectors, string.concat(member, ".type")),
                " ",
                vm.parseJsonString(vectors, string.concat(member, ".name"))
            );
        }
        encoded = string.concat(encoded, ")");
    }

    function test_WhenAConfigIsHashed() external view {
        // it should give the channel id of the vectors
        assertEq(id, _bytes32(".vectors.channelId"));
    }

    function testFuzz_A155_WhenTwoConfigsDiffer(
        IChannels.ChannelConfig calldata first,
        IChannels.ChannelConfig calldata second
    ) external view {
        // it should give two channel ids
        bool same = keccak256(abi.encode(first)) == keccak256(abi.encode(second));
        assertEq(channels.getChannelId(first) == channels.getChannelId(second), same);
    }

    function testFuzz_A155_WhenOneFieldOfAConfigDiffers(uint160 seed) external {
        // it should give another channel id for each field
        vm.assume(seed != 0);
        bytes32[8] memory ids;
        for (uint256 field = 0; field < 8; ++field) {
            IChannels.ChannelConfig memory terms = config;
            address other = address(uint160(seed) ^ uint160(terms.payer));
            if (field == 1) terms.payer = other;
            if (field == 2) terms.payerAuthorizer = address(uint160(terms.payerAuthorizer) ^ seed);
            if (field == 3) terms.receiver = address(uint160(terms.receiver) ^ seed);
            if (field == 4) terms.receiverAuthorizer = address(uint160(terms.receiverAuthorizer) ^ seed);
            if (field == 5) terms.token = address(uint160(terms.token) ^ seed);
            if (field == 6) terms.withdrawDelay += 1;
            if (field == 7) terms.salt = bytes32(uint256(terms.salt) ^ seed);
            ids[field] = channels.getChannelId(terms);
            for (uint256 i = 0; i < field; ++i) {
                assertNotEq(ids[i], ids[field]);
            }
        }
    }

    function test_WhenAVoucherIsHashed() external view {
        // it should give the voucher digest and signature of the vectors
        bytes32 digest = channels.getVoucherDigest(id, _uint128(".vectors.voucher.message.maxClaimableAmount"));
        assertEq(digest, _bytes32(".vectors.voucher.digest"));
        assertEq(_sign(PAYER_AUTHORIZER_KEY, digest), vm.parseJsonBytes(vectors, ".vectors.voucher.signature"));
    }

    function test_WhenARefundIsHashed() external view {
        // it should give the refund digest and signature of the vectors
        uint256 nonce = vm.parseJsonUint(vectors, ".vectors.refund.message.nonce");
        bytes32 digest = channels.getRefundDigest(id, nonce, _uint128(".vectors.refund.message.amount"));
        assertEq(digest, _bytes32(".vectors.refund.digest"));
        assertEq(_sign(RECEIVER_AUTHORIZER_KEY, digest), vm.parseJsonBytes(vectors, ".vectors.refund.signature"));
    }

    function test_WhenAClaimBatchIsHashed() external view {
        // it should give the batch digest and signature of the vectors
        IChannels.VoucherClaim[] memory rows = _two(
            _vectorRow(".vectors.claimBatch.message.claims[0]"), _vectorRow(".vectors.claimBatch.message.claims[1]")
        );
        bytes32 digest = channels.getClaimBatchDigest(rows);
        assertEq(digest, _bytes32(".vectors.claimBatch.digest"));
        assertEq(_sign(RECEIVER_AUTHORIZER_KEY, digest), vm.parseJsonBytes(vectors, ".vectors.claimBatch.signature"));
    }
}
