// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC2981 } from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import { ERC721 } from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import { IERC165 } from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import { Strings } from "@openzeppelin/contracts/utils/Strings.sol";
import { IAssets } from "./interfaces/IAssets.sol";
import { IAttachable } from "./interfaces/IAttachable.sol";
import { IAttaching } from "./interfaces/IAttaching.sol";
import { Powers } from "./libraries/Powers.sol";

/// @title Assets
/// @notice See the documentation in {IAssets}.
contract Assets is IAssets, ERC721 {
    /// @dev All zero after a publication, so that publishing does not write it.
    struct Record {
        uint32 updates;
        uint32 ownerEpoch;
    }

    struct Delegation {
        uint32 ownerEpoch;
        uint8 powers;
    }

    uint256 private constant MAX_URI_BYTES = 512;
    uint256 private constant MAX_ATTACHMENTS = 8;

    /// @inheritdoc IAssets
    mapping(uint256 asset => mapping(uint32 version => bytes32 manifestRoot)) public rootOf;
    mapping(uint256 asset => Record record) private _records;
    mapping(uint256 asset => mapping(address delegate => Delegation delegation)) private _delegations;
    uint256 private transient _attachingAsset;
    address private transient _attachingModule;

    // The name and the symbol are code, not storage.
    constructor() ERC721("", "") { }

    /// @inheritdoc IAssets
    function publish(Publication calldata publication, Attachment[] calldata attachments)
        external
        returns (uint256 asset)
    {
        asset = idOf(msg.sender, publication.kind, publication.manifestRoot, publication.salt);
        _requireContent(publication.manifestRoot, publication.uri);
        if (_ownerOf(asset) != address(0)) revert Assets_AlreadyPublished(asset);

        // No callback to the publisher: nothing runs before the state is final.
        _mint(msg.sender, asset);

        emit Publish({
            asset: asset,
            publisher: msg.sender,
            manifestRoot: publication.manifestRoot,
            kind: publication.kind,
            salt: publication.salt,
            uri: publication.uri
        });

        _attach(msg.sender, asset, 1, attachments);
    }

    /// @inheritdoc IAssets
    function update(uint256 asset, bytes32 manifestRoot, string calldata uri, Attachment[] calldata attachments)
        external
        returns (uint32 version)
    {
        if (!isAuthorized(asset, msg.sender, Powers.UPDATE)) {
            revert Assets_NotAuthorized(asset, msg.sender, Powers.UPDATE);
        }
        // Modules take an attachment for the owner's word.
        if (attachments.length != 0) _requireOwner(asset);
        _requireContent(manifestRoot, uri);

        version = ++_records[asset].updates + 1;
        rootOf[asset][version] = manifestRoot;

        emit Update({ asset: asset, version: version, manifestRoot: manifestRoot, uri: uri });

        _attach(msg.sender, asset, version, attachments);
    }

    /// @inheritdoc IAssets
    function setDelegate(uint256 asset, address delegate, uint8 powers) external {
        _requireOwner(asset);
        if (powers > Powers.ALL) revert Assets_UnknownPowers(powers);

        uint32 ownerEpoch = _records[asset].ownerEpoch;
        _delegations[asset][delegate] = Delegation({ ownerEpoch: ownerEpoch, powers: powers });

        emit Delegate({ asset: asset, delegate: delegate, ownerEpoch: ownerEpoch, powers: powers });
    }

    /// @inheritdoc IAssets
    function isAuthorized(uint256 asset, address who, uint8 power) public view returns (bool authorized) {
        address owner = _ownerOf(asset);
        // Without these two, the zero address would own what is unpublished, and everybody would have no power at all.
        if (owner == address(0) || power == 0) return false;
        if (owner == who) return true;

        Delegation storage delegation = _delegations[asset][who];
        return delegation.powers & power == power && delegation.ownerEpoch == _records[asset].ownerEpoch;
    }

    /// @inheritdoc IAssets
    function versionOf(uint256 asset) external view returns (uint32 version) {
        return _ownerOf(asset) == address(0) ? 0 : _records[asset].updates + 1;
    }

    /// @inheritdoc IAssets
    function ownerEpochOf(uint256 asset) external view returns (uint32 ownerEpoch) {
        return _records[asset].ownerEpoch;
    }

    /// @inheritdoc IAssets
    function idOf(address publisher, Kind kind, bytes32 manifestRoot, bytes32 salt)
        public
        view
        returns (uint256 asset)
    {
        return uint256(keccak256(abi.encode(block.chainid, address(this), publisher, kind, manifestRoot, salt)));
    }

    /// @inheritdoc IAttaching
    function attaching() external view returns (uint256 asset, address module) {
        return (_attachingAsset, _attachingModule);
    }

    /// @inheritdoc IERC2981
    /// @dev Whoever sells an asset sells what it will earn. What its makers have a part in is that, by the split.
    function royaltyInfo(uint256, uint256) external pure returns (address receiver, uint256 royaltyAmount) {
        return (address(0), 0);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public view override(ERC721, IERC165) returns (bool) {
        return interfaceId == type(IERC2981).interfaceId || super.supportsInterface(interfaceId);
    }

    /// @notice The name of the collection.
    /// @return The name
    function name() public pure override returns (string memory) {
        return "Agorai Assets";
    }

    /// @notice The symbol of the collection.
    /// @return The symbol
    function symbol() public pure override returns (string memory) {
        return "AGORAI";
    }

    /// @notice Names an asset. Its id commits to its first content, and its events to every later one.
    /// @param asset The asset, which must exist
    /// @return urn:agorai:asset:0x followed by the id in hexadecimal
    function tokenURI(uint256 asset) public view override returns (string memory) {
        _requireOwned(asset);
        return string.concat("urn:agorai:asset:", Strings.toHexString(asset, 32));
    }

    /// @dev Each transfer, even to oneself, starts an owner epoch and so voids every delegation for good.
    function _update(address to, uint256 asset, address auth) internal override returns (address from) {
        from = super._update(to, asset, auth);
        if (from != address(0)) ++_records[asset].ownerEpoch;
    }

    function _attach(address owner, uint256 asset, uint32 version, Attachment[] calldata attachments) private {
        if (attachments.length > MAX_ATTACHMENTS) {
            revert Assets_TooManyAttachments(attachments.length, MAX_ATTACHMENTS);
        }
        if (attachments.length == 0) return;
        // A parent is older than its child only if nothing is published while attachments are carried out.
        if (_attachingAsset != 0) revert Assets_Attaching(_attachingAsset);
        _attachingAsset = asset;
        for (uint256 i; i < attachments.length; ++i) {
            // A module may be the owner itself and sell the asset while it is called; the next module must not take
            // the former owner's word for the new one's.
            if (_ownerOf(asset) != owner) revert Assets_OwnerChanged(asset, _ownerOf(asset));
            _attachingModule = attachments[i].module;
            IAttachable(attachments[i].module).attach(owner, asset, version, attachments[i].data);
        }
        (_attachingAsset, _attachingModule) = (0, address(0));
    }

    function _requireContent(bytes32 manifestRoot, string calldata uri) private pure {
        if (manifestRoot == 0) revert Assets_EmptyRoot();
        uint256 length = bytes(uri).length;
        if (length == 0 || length > MAX_URI_BYTES) revert Assets_UriLength(length, MAX_URI_BYTES);
    }

    function _requireOwner(uint256 asset) private view {
        if (_ownerOf(asset) != msg.sender) revert Assets_NotOwner(asset, msg.sender);
    }
}
