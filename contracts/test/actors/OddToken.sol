// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A token whose transfers answer strangely. It needs no allowance.
contract OddToken {
    enum Answer {
        True,
        False,
        Nothing,
        Huge
    }

    Answer public immutable answer;
    mapping(address account => uint256) public balanceOf;

    constructor(Answer answer_) {
        answer = answer_;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        return _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        if (answer == Answer.False) return false;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        if (answer == Answer.True) return true;
        uint256 length = answer == Answer.Nothing ? 0 : 1 << 20;
        assembly ("memory-safe") {
            mstore(0x00, 1)
            return(0x00, length)
        }
    }
}
