// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { stdJson } from "forge-std/StdJson.sol";
import { Test } from "forge-std/Test.sol";
import { Assets } from "../../src/Assets.sol";
import { Licenses } from "../../src/Licenses.sol";
import { IAssets } from "../../src/interfaces/IAssets.sol";
import { IEscrows } from "../../src/interfaces/IEscrows.sol";
import { ILicenses } from "../../src/interfaces/ILicenses.sol";
import { IPayouts } from "../../src/interfaces/IPayouts.sol";
import { IPolicy } from "../../src/interfaces/IPolicy.sol";

/// @notice The ids that other languages compute without a chain, against vectors that were made by viem.
contract LicensesVectorsTest is Test {
    using stdJson for string;

    string internal json;
    address internal at;

    function setUp() external {
        json = vm.readFile("test/vectors/licenses.json");
        at = json.readAddress(".contract");
        vm.chainId(json.readUint(".chainId"));
    }

    function test_AssetId() external {
        vm.etch(at, address(new Assets()).code);
        assertEq(
            Assets(at)
                .idOf({
                publisher: json.readAddress(".publication.publisher"),
                kind: IAssets.Kind(json.readUint(".publication.kind")),
                manifestRoot: json.readBytes32(".publication.manifestRoot"),
                salt: json.readBytes32(".publication.salt")
            }),
            json.readUint(".publication.asset")
        );
    }

    function test_TermsId() external {
        vm.etch(at, address(new Licenses(IAssets(at), IPolicy(at), IPayouts(at), IEscrows(at))).code);
        bytes memory encoding = json.readBytes(".termsEncoding");
        ILicenses.Terms memory terms = abi.decode(encoding, (ILicenses.Terms));
        assertEq(abi.encode(terms), encoding);
        assertEq(terms.checker, json.readAddress(".terms.checker"));
        assertEq(Licenses(at).idOf(terms), json.readBytes32(".termsId"));
        assertEq(
            Licenses(at)
                .authorizationNonceOf({
                termsId: json.readBytes32(".termsId"),
                recipient: json.readAddress(".authorization.recipient"),
                salt: json.readBytes32(".authorization.salt")
            }),
            json.readBytes32(".authorization.nonce")
        );
    }

    function test_PricesHash() external view {
        ILicenses.Prices memory prices = ILicenses.Prices({
            perCall: uint128(json.readUint(".prices.perCall")),
            perInputToken: uint128(json.readUint(".prices.perInputToken")),
            perOutputToken: uint128(json.readUint(".prices.perOutputToken")),
            perSecond: uint128(json.readUint(".prices.perSecond")),
            perImage: uint128(json.readUint(".prices.perImage")),
            perByte: uint128(json.readUint(".prices.perByte"))
        });
        assertEq(keccak256(abi.encode(prices)), json.readBytes32(".pricesHash"));
    }
}
