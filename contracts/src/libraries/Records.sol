// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ILicenses } from "../interfaces/ILicenses.sol";

/// @dev A licence as it is stored: the fields of {ILicenses-License} from the lowest bit up, in their widths.
type Record is uint256;

using Records for Record global;

/// @title Records
/// @notice Licences as one word. The compiler reads and writes a packed struct field by field, which costs each purchase
/// six accesses of a slot where two do.
library Records {
    /// @notice Reads a licence.
    /// @param record The word
    /// @return license The licence
    function unpack(Record record) internal pure returns (ILicenses.License memory license) {
        uint256 word = Record.unwrap(record);
        license.start = uint40(word);
        license.end = uint40(word >> 40);
        license.refundableUntil = uint40(word >> 80);
        license.quotaGranted = uint56(word >> 120);
        license.quotaSettled = uint56(word >> 176);
        license.seats = uint16(word >> 232);
    }

    /// @notice Writes a licence.
    /// @param license The licence
    /// @return record The word
    function pack(ILicenses.License memory license) internal pure returns (Record record) {
        return Record.wrap(
            uint256(license.start) | uint256(license.end) << 40 | uint256(license.refundableUntil) << 80
                | uint256(license.quotaGranted) << 120 | uint256(license.quotaSettled) << 176 | uint256(license.seats)
                << 232
        );
    }
}
