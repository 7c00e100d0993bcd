// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { Ownable2Step } from "@openzeppelin/contracts/access/Ownable2Step.sol";
import { IPolicy } from "./interfaces/IPolicy.sol";

/// @title Policy
/// @notice See the documentation in {IPolicy}.
contract Policy is IPolicy, Ownable2Step {
    /// @dev No owner can raise the protocol fee above 5 %, whatever bounds the constructor is given.
    uint256 private constant FEE_CAP_BPS = 500;
    bytes32 private constant FEE_BPS = "protocolFeeBps";

    /// @inheritdoc IPolicy
    address public treasury;
    /// @inheritdoc IPolicy
    mapping(address token => bool allowed) public isToken;
    mapping(bytes32 name => Parameter parameter) private _parameters;

    /// @notice Defines every parameter there will ever be.
    /// @param owner The first owner, who is also the first treasury
    /// @param parameters The parameters with their bounds
    /// @param tokens The first allowed payment tokens
    constructor(address owner, Parameter[] memory parameters, address[] memory tokens) Ownable(owner) {
        for (uint256 i; i < parameters.length; ++i) {
            _define(parameters[i]);
        }
        for (uint256 i; i < tokens.length; ++i) {
            _setToken(tokens[i], true);
        }
        _setTreasury(owner);
    }

    /// @inheritdoc IPolicy
    function set(bytes32 name, uint256 value) external onlyOwner {
        Parameter storage parameter = _requireParameter(name);
        _requireWithin(name, value, parameter.min, parameter.max);

        parameter.value = value;

        emit Set({ name: name, value: value });
    }

    /// @inheritdoc IPolicy
    function setTreasury(address account) external onlyOwner {
        _setTreasury(account);
    }

    /// @inheritdoc IPolicy
    function setToken(address token, bool allowed) external onlyOwner {
        _setToken(token, allowed);
    }

    /// @inheritdoc IPolicy
    function valueOf(bytes32 name) external view returns (uint256 value) {
        return _requireParameter(name).value;
    }

    /// @inheritdoc IPolicy
    function boundsOf(bytes32 name) external view returns (uint256 min, uint256 max) {
        Parameter storage parameter = _requireParameter(name);
        return (parameter.min, parameter.max);
    }

    function _define(Parameter memory parameter) private {
        bytes32 name = parameter.name;
        if (name == 0) revert Policy_EmptyName();
        if (_parameters[name].name != 0) revert Policy_DuplicateParameter(name);
        if (parameter.min > parameter.max) revert Policy_InvalidBounds(name, parameter.min, parameter.max);
        if (name == FEE_BPS && parameter.max > FEE_CAP_BPS) revert Policy_FeeBoundTooHigh(parameter.max, FEE_CAP_BPS);
        _requireWithin(name, parameter.value, parameter.min, parameter.max);

        _parameters[name] = parameter;

        emit Bound({ name: name, min: parameter.min, max: parameter.max });
        emit Set({ name: name, value: parameter.value });
    }

    function _setTreasury(address account) private {
        if (account == address(0)) revert Policy_NoTreasury();

        treasury = account;

        emit SetTreasury({ treasury: account });
    }

    function _setToken(address token, bool allowed) private {
        if (allowed && token.code.length == 0) revert Policy_TokenWithoutCode(token);

        isToken[token] = allowed;

        emit SetToken({ token: token, allowed: allowed });
    }

    function _requireParameter(bytes32 name) private view returns (Parameter storage parameter) {
        parameter = _parameters[name];
        // A defined parameter carries its own name, and no name is zero.
        if (parameter.name == 0) revert Policy_UnknownParameter(name);
    }

    function _requireWithin(bytes32 name, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert Policy_OutOfBounds(name, value, min, max);
    }
}
