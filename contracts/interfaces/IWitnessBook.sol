// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Shown} from "../types/Captures.sol";
import {Ruling} from "../types/Disputes.sol";
import {AssetId} from "../types/Ids.sol";
import {Attestation, Word, WordParams} from "../types/Witnesses.sol";

/// @title Who has seen again what a capture shows.
/// @notice A registered witness who scanned a place later, on his own, and was paid for what his scan adds, says that an earlier capture
///         shows the same place. Trust in a capture begins at 4,000 basis points and rises by the weight of each word to 10,000; it takes
///         two witnesses to get there. Rewards for captures are scaled by trust (IContributionEpochs), and witnesses share by weight.
/// @dev What the contract cannot see is whether the two scans overlap: `laid` says how one lies on the other, both sketches are public,
///      and everybody computes the same whole numbers. So a part of the witness's stake is bound with every word, and within a window
///      anybody brings a false one before the court (IWordDisputes).
///      lodge ─► COUNTED: an accusation ─► DISPUTED: the court's ruling ─► COUNTED or STRUCK
///            ─► FREED, by anyone, once the window is over
///      Holds no money; nothing here can be paused.
interface IWitnessBook {
    /// @notice A word counts `weight`, and the capture is trusted by `trust` from now on, both in basis points; accused until `until`.
    event Witnessed(
        AssetId indexed capture,
        address indexed witness,
        AssetId indexed scan,
        uint16 weight,
        uint16 trust,
        uint16 overlap,
        bytes laid,
        uint40 until
    );
    /// @notice Nobody accuses a word any more, and its stake is free.
    event WordFreed(AssetId indexed capture, address indexed witness);
    /// @notice A word was false: it counted `weight`, and the capture is trusted by `trust` from now on.
    event WordStruck(AssetId indexed capture, address indexed witness, uint16 weight, uint16 trust);
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
    error WitnessBook_WrongStage(AssetId capture, address witness, uint8 actual, uint8 expected);
    error WitnessBook_TooEarly(uint256 until);
    error WitnessBook_TooLate(uint256 until);
    error WitnessBook_OtherWord(AssetId capture, address witness);
    error WitnessBook_Sealed(AssetId capture);
    error WitnessBook_NotDisputes(address caller);

    /// @notice Counts a witness's word, and binds what it answers with of his stake. Anyone who has it.
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

    /// @notice Frees the stake behind a word that nobody accused in time. Anyone.
    function free(AssetId capture, address witness) external;

    /* DISPUTES */

    /// @notice Stops the clock of a word that is accused in time. WordDisputes only.
    /// @dev Scans of places that lie open: what is sealed is not judged in public.
    /// @return contributor who answered with the capture
    /// @return rules what both are scored by
    function hold(Attestation calldata word) external returns (address contributor, bytes32 rules);

    /// @notice Carries out a ruling: after OTHER the word is struck and its stake is the caller's to seize, otherwise the clock runs on.
    ///         WordDisputes only.
    /// @return stake bound behind the word and now to be seized; 0 while it stands
    /// @return until when it can be accused again; 0 once struck
    function carryOut(AssetId capture, address witness, Ruling ruling) external returns (uint96 stake, uint40 until);

    /* VIEWS */

    /// @notice How far a capture is trusted, in basis points.
    function trustOf(AssetId capture) external view returns (uint16);

    /// @notice What a witness's word for a capture counts, in basis points; 0: nothing was said, or it was struck.
    function weightOf(AssetId capture, address witness) external view returns (uint16);

    /// @notice A witness's word for a capture as it was counted.
    function wordOf(AssetId capture, address witness) external view returns (Word memory);

    /// @notice How many words two accounts have spoken for each other, either way.
    function wordsBetween(address one, address other) external view returns (uint32);

    /// @notice What the next word of a witness is signed with.
    function nonceOf(address witness) external view returns (uint256);

    function parameters() external view returns (WordParams memory);
}
