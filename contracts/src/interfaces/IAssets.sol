// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC2981 } from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import { IERC721 } from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import { IAttaching } from "./IAttaching.sol";

/// @title IAssets
/// @notice The registry of everything that is published: one ERC-721 token per model, dataset, agent, tool or compute
/// service. Versions are appended and never overwritten.
/// @dev Deliberately absent: burning, metadata in storage, an administrator, any callback on minting, a royalty on sales
/// of an asset itself. The owner is whoever holds the token. An ERC-721 operator can move a token but has none of the
/// powers of {setDelegate}.
///
/// What an id commits to is not stored: publisher, kind, root of version 1 and salt. Whoever has them proves them by
/// {idOf}. That two assets name one content follows from the events, whose root is indexed.
interface IAssets is IERC721, IERC2981, IAttaching {
    /// @notice What an asset is.
    enum Kind {
        Model,
        Dataset,
        Agent,
        Tool,
        Compute
    }

    /// @notice A new asset.
    /// @param kind What it is
    /// @param manifestRoot Merkle root over the files and the card of version 1
    /// @param salt Tells apart two assets that one account publishes with the same kind and root
    /// @param uri Content-addressed location of the manifest, 1 to 512 bytes
    struct Publication {
        Kind kind;
        bytes32 manifestRoot;
        bytes32 salt;
        string uri;
    }

    /// @notice Instructions for another contract, carried out in the same transaction.
    /// @param module A contract with {IAttachable-attach}
    /// @param data The instructions in its encoding
    struct Attachment {
        address module;
        bytes data;
    }

    /// @notice An asset was published; its version is 1.
    event Publish(
        uint256 indexed asset,
        address indexed publisher,
        bytes32 indexed manifestRoot,
        Kind kind,
        bytes32 salt,
        string uri
    );

    /// @notice A version was appended.
    event Update(uint256 indexed asset, uint32 indexed version, bytes32 indexed manifestRoot, string uri);

    /// @notice The powers of a delegate were set; they last until the asset is transferred.
    event Delegate(uint256 indexed asset, address indexed delegate, uint32 ownerEpoch, uint8 powers);

    /// @notice The publisher has published this already.
    error Assets_AlreadyPublished(uint256 asset);

    /// @notice The manifest root is zero.
    error Assets_EmptyRoot();

    /// @notice The URI is empty or too long.
    error Assets_UriLength(uint256 length, uint256 max);

    /// @notice More attachments than a transaction may carry.
    error Assets_TooManyAttachments(uint256 count, uint256 max);

    /// @notice The caller is neither the owner nor a delegate with the power.
    error Assets_NotAuthorized(uint256 asset, address caller, uint8 power);

    /// @notice The caller is not the owner.
    error Assets_NotOwner(uint256 asset, address caller);

    /// @notice Attachments of this asset are being carried out; those of another have to wait for the next transaction.
    error Assets_Attaching(uint256 asset);

    /// @notice An attachment gave the asset away before the next one was carried out.
    error Assets_OwnerChanged(uint256 asset, address owner);

    /// @notice A power that does not exist.
    error Assets_UnknownPowers(uint8 powers);

    /// @notice Publishes an asset, mints its token to the caller and carries out the attachments in order.
    /// @dev State is final before the first attachment is called. A hostile module can do nothing here that the caller
    /// could not do without it: the selector is fixed and the owner, asset and version come from this contract.
    ///
    /// Requirements:
    /// - The caller must not have published the same kind, root and salt before.
    /// - The root must not be zero and the URI must have 1 to 512 bytes.
    /// - At most 8 attachments, none of which may revert or give the asset away before the last.
    /// - No attachments while those of another asset are carried out.
    ///
    /// @param publication The asset
    /// @param attachments Instructions for other contracts
    /// @return asset The id, as {idOf} gives it
    function publish(Publication calldata publication, Attachment[] calldata attachments)
        external
        returns (uint256 asset);

    /// @notice Appends a version and carries out the attachments in order.
    ///
    /// Requirements:
    /// - The caller must be the owner, or a delegate with UPDATE.
    /// - Attachments act in the owner's name, so a delegate may not send any.
    /// - The root must not be zero and the URI must have 1 to 512 bytes.
    /// - At most 8 attachments, none of which may revert or give the asset away before the last.
    /// - No attachments while those of another asset are carried out.
    ///
    /// @param asset The asset
    /// @param manifestRoot Merkle root over the files and the card of the new version
    /// @param uri Content-addressed location of the manifest
    /// @param attachments Instructions for other contracts
    /// @return version The new version
    function update(uint256 asset, bytes32 manifestRoot, string calldata uri, Attachment[] calldata attachments)
        external
        returns (uint32 version);

    /// @notice Gives an account powers over an asset, in place of those it had. Zero takes them away.
    ///
    /// Requirements:
    /// - The caller must be the owner.
    /// - `powers` must be a sum of known powers.
    ///
    /// @param asset The asset
    /// @param delegate The account
    /// @param powers A sum of UPDATE = 1, OFFER = 2, SPLIT = 4
    function setDelegate(uint256 asset, address delegate, uint8 powers) external;

    /// @notice Whether an account may use powers over an asset.
    /// @param asset The asset
    /// @param who The account
    /// @param power A sum of powers, not zero
    /// @return authorized True for the owner, and for a delegate of the present owner who has all of `power`
    function isAuthorized(uint256 asset, address who, uint8 power) external view returns (bool authorized);

    /// @notice The latest version of an asset.
    /// @param asset The asset
    /// @return version 1 after its publication, 0 for an unknown asset
    function versionOf(uint256 asset) external view returns (uint32 version);

    /// @notice The manifest root of a version that was appended. That of version 1 is part of the id, see {idOf}.
    /// @param asset The asset
    /// @param version The version, at least 2
    /// @return manifestRoot The root, zero for version 1 and when there is no such version
    function rootOf(uint256 asset, uint32 version) external view returns (bytes32 manifestRoot);

    /// @notice How often an asset has been transferred. What an owner permitted lasts for one epoch.
    /// @param asset The asset
    /// @return ownerEpoch Number of transfers
    function ownerEpochOf(uint256 asset) external view returns (uint32 ownerEpoch);

    /// @notice The id of an asset, published or not.
    /// @param publisher The account that publishes it
    /// @param kind What it is
    /// @param manifestRoot The root of version 1
    /// @param salt The salt
    /// @return asset keccak256(abi.encode(chain id, this contract, publisher, kind, manifestRoot, salt))
    function idOf(address publisher, Kind kind, bytes32 manifestRoot, bytes32 salt)
        external
        view
        returns (uint256 asset);
}
