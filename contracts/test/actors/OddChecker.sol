// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A checker that answers as it was made to, well or badly.
contract OddChecker {
    enum Answer {
        Yes,
        No,
        Two,
        Nothing,
        Short,
        Huge,
        Revert,
        BurnGas,
        Write
    }

    Answer public answer;
    uint256 public written;

    constructor(Answer answer_) {
        answer = answer_;
    }

    function setAnswer(Answer answer_) external {
        answer = answer_;
    }

    function check(bytes32, bytes32, address, bytes calldata) external returns (uint256) {
        if (answer == Answer.Revert) revert("refused");
        if (answer == Answer.BurnGas) while (true) { }
        if (answer == Answer.Write) written = 1;
        if (answer == Answer.Nothing) _return(0);
        if (answer == Answer.Short) _return(31);
        if (answer == Answer.Huge) _return(1 << 15);
        if (answer == Answer.Two) return 2;
        return answer == Answer.No ? 0 : 1;
    }

    function _return(uint256 length) private pure {
        assembly ("memory-safe") {
            mstore(0x00, 1)
            return(0x00, length)
        }
    }
}
