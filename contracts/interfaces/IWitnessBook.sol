// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Shown} from "../types/Captures.sol";
import {AssetId} from "../types/Ids.sol";
import {Attestation} from "../types/Witnesses.sol";

/// @title Who has seen again what a capture shows.
/// @notice A registered witness who scanned a place later, on his own, and was paid for what his scan adds, says that an earlier capture
///         shows the same place. Trust in a capture begins at 4,000 basis points and rises by the weight of each word to 10,000; it takes
///         two witnesses to get there. Rewards for captures are scaled by trust (IContributionEpochs), and witnesses share by weight.
/// @dev What the contract cannot see is whether the two scans overlap: `laid` says how one lies on the other, both sketches are public,
///      and everybody computes the same whole numbers. Holds no money; nothing here can be paused.
interface IWitnessBook {
    /// @notice A word counts `weight`, and the capture is trusted by `trust` from now on, both in basis points.
    event Witnessed(
        AssetId indexed capture, address indexed witness, AssetId indexed scan, uint16 weight, uint16 trust, uint16 overlap, bytes laid
    );
    /// @notice What a witness signed with an earlier nonce and nobody lodged is void.
    event WordsWithdrawn(address indexed witness, uint256 nonce);

    error WitnessBook_BadWord(uint16 overlap, uint256 laid);
    error WitnessBook_WrongNonce(uint256 given, uint256 expected);
    error WitnessBook_BadSignature(address witness);
    error WitnessBook_NoWitness(address witness);
    error WitnessBook_NotPaid(AssetId asset);
    error WitnessBook_NotHis(AssetId scan, address contributor);
    error WitnessBook_NotLater(AssetId scan, AssetId capture);
    error WitnessBook_Elsewhere(AssetId scan, AssetId capture);
    error WitnessBook_Involved(address witness, AssetId capture);
    error WitnessBook_Witnessed(AssetId capture, address witness);
    error WitnessBook_Trusted(AssetId capture);

    /// @notice Counts a witness's word. Anyone who has it.
    /// @dev The witness is a registered node with the role, and stake. Both assets were answered with and paid under the same rules, the
    ///      scan later, as the same class of place, in cells one of which holds the other, on levels at most one apart. The witness owns
    ///      neither the capture nor its device, is not who answered with it or asked for it, and none of those is of his group; who
    ///      answered with the capture did not ask for the scan. He speaks once for a capture.
    /// @param capture what the answer with the capture shows
    /// @param scan what the answer with the scan shows
    /// @param signature of the witness over the attestation (EIP-712)
    /// @return weight basis points: 3,000, less with little stake, divided by one and the number of words between these two accounts
    function lodge(Attestation calldata word, Shown calldata capture, Shown calldata scan, bytes calldata signature)
        external
        returns (uint16 weight);

    /// @notice Makes void what the caller signed and nobody has lodged.
    function withdrawWords() external;

    /// @notice How far a capture is trusted, in basis points.
    function trustOf(AssetId capture) external view returns (uint16);

    /// @notice What a witness's word for a capture counts, in basis points; 0: nothing was said.
    function weightOf(AssetId capture, address witness) external view returns (uint16);

    /// @notice How many words two accounts have spoken for each other, either way.
    function wordsBetween(address one, address other) external view returns (uint32);

    /// @notice What the next word of a witness is signed with.
    function nonceOf(address witness) external view returns (uint256);
}
