import { expect, test } from 'vitest';
import { plant } from '../source/plant.ts';
import { format } from './Finding.ts';
import { natspec } from './natspec.ts';

const INTERFACE = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
import {IERC20} from "x.sol";

/// @title Doors
interface IDoors {
    /// @notice A door.
    struct Door {
        address owner; // not { a brace
    }

    /// @notice A door was opened.
    event Open(bytes32 indexed id, address by);

    /** @notice The door is unknown. */
    error Doors_Unknown(bytes32 id);

    /// @notice Opens a door.
    /// @param id The door.
    /// @param key What opens it; "say { it".
    /// @return opened Whether it was closed before.
    /// @return at When, in seconds.
    function open(bytes32 id, mapping(uint256 => uint256) storage key) external returns (bool opened, uint40 at);
}`;
const CONTRACT = `contract Doors is IDoors, Base("{") {
    mapping(bytes32 id => Door) private _doors;
    /// @inheritdoc IDoors
    uint256 public count = 3;
    constructor() {}
    /// @inheritdoc IDoors
    function open(bytes32 id) external returns (bool opened) {}
    function _close() internal {}
}`;

async function check(text: string, file = 'contracts/src/interfaces/IDoors.sol'): Promise<string[]> {
  await using tree = await plant({ [file]: text });
  return (await natspec(tree.root)).map((finding) => format(finding).replace(/^\S+ /, ''));
}

test('accepts an empty tree and full documentation', async () => {
  await using tree = await plant({});
  expect(await natspec(tree.root)).toEqual([]);
  expect(await check(INTERFACE)).toEqual([]);
  expect(await check(CONTRACT, 'contracts/src/Doors.sol')).toEqual([]);
});

test.each([
  ['a function without a notice', '    /// @notice Opens a door.\n', '', 'IDoors.open: no @notice'],
  ['a function without a parameter', '    /// @param id The door.\n', '', 'IDoors.open: no @param id'],
  ['a parameter without words', '@param id The door.', '@param id', 'IDoors.open: no @param id'],
  ['a parameter without a name', 'bytes32 id, mapping', 'bytes32, mapping', 'IDoors.open: a parameter has no name'],
  ['a missing return value', '    /// @return at When, in seconds.\n', '', 'IDoors.open: 2 return values, 1 @return'],
  ['an event', '    /// @notice A door was opened.\n', '', 'IDoors.Open: no @notice'],
  ['an error', '    /** @notice The door is unknown. */\n', '', 'IDoors.Doors_Unknown: no @notice'],
  ['a struct', '    /// @notice A door.\n', '', 'IDoors.Door: no @notice'],
  ['a plain comment', '/// @notice A door was', '// @notice A door was', 'IDoors.Open: no @notice'],
])('refuses %s in an interface', async (_name, find, replace, finding) => {
  expect(INTERFACE).toContain(find);
  expect(await check(INTERFACE.replace(find, replace))).toEqual([finding]);
});

test.each([
  [
    'function',
    '    /// @inheritdoc IDoors\n    function',
    '    function',
    'Doors.open: neither @inheritdoc nor @notice',
  ],
  [
    'variable',
    '    /// @inheritdoc IDoors\n    uint256',
    '    uint256',
    'Doors.count: neither @inheritdoc nor @notice',
  ],
])('refuses a public %s of a contract without documentation', async (_name, find, replace, finding) => {
  expect(await check(CONTRACT.replace(find, replace), 'contracts/src/Doors.sol')).toEqual([finding]);
});

test('names the line', async () => {
  const file = 'contracts/src/interfaces/IDoors.sol';
  await using tree = await plant({ [file]: INTERFACE.replace('@notice A door was', 'A door was') });
  expect((await natspec(tree.root)).map(format)).toEqual([`${file}:13 IDoors.Open: no @notice`]);
});
