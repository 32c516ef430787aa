// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "../types/Ids.sol";
import {Leak, Mark, MarkEnd, MarkState} from "../types/Marks.sol";

/// @title Marked copies: whoever finds one where it should not be is paid out of the bond its buyer laid down.
/// @notice An owner seals a copy of a recording for one buyer, with jitter finer than its noise that hangs from secrets only the
///         owner knows, and commits to the secrets before the copy is sold. Both lay down money, both of their own will. A finder
///         commits to bits read from a found file, shows them, and the owner opens one of sixteen secrets: the contract counts.
/// @dev    None ──propose──► Proposed ──accept──► Held ──release from `until` on──► Ended (both have theirs back)
///                 │                                ├──showLeak──► waiting ──answer, the bits agree──► Ended (Leaked)
///                 └──recall──► Ended                │                 ├──answer, they do not──► Held, that chapter spent
///                                                  │                 └──lapse, no answer in time──► Ended (Unanswered)
///         In eighths of the bond: the buyer lays down 8, the owner 5, a finder who shows something 1.
///         Leaked: finder 3 and his 1, owner 1, burnt 9. Not agreeing: owner 1 of the finder's. Unanswered: finder his 1, buyer 8,
///         burnt the owner's 5. Whoever knows the secrets can frame a buyer, and the owner does: acting as the finder he gets 3 and
///         loses 4, so that framing costs; and he loses 5 by saying nothing, so that honest answers cost least.
///         Bits were committed to before a secret was opened, a secret opens one chapter, and a chapter is judged once: no answer
///         helps to make up the next reading. The mark id is keccak256(abi.encode(bytes32("thenar.mark/1"), block.chainid,
///         address(this), Mark)) and never comes back. Nothing here can be paused.
interface IMarkDesk {
    /// @notice An owner committed to the secrets of a marked copy and laid down a stake.
    event MarkProposed(bytes32 indexed markId, AssetId indexed copy, address indexed buyer, Mark mark);
    /// @notice The buyer laid down the bond.
    event MarkAccepted(bytes32 indexed markId);
    /// @notice A finder committed to a reading.
    event LeakSealed(bytes32 indexed markId, address indexed finder, bytes32 commitment);
    /// @notice A finder showed what he committed to; the owner answers before `answerBy`.
    event LeakShown(bytes32 indexed markId, address indexed finder, Leak leak, uint40 answerBy);
    /// @notice The owner opened a chapter: the reading was not the mark's. `agreed` bits of it were.
    event LeakRefuted(bytes32 indexed markId, address indexed finder, uint8 chapter, uint256 agreed);
    /// @notice The mark is over. `finder` is who was paid, or whom nobody answered; 0 otherwise.
    event MarkEnded(bytes32 indexed markId, MarkEnd how, address finder);

    error MarkDesk_NotOwner(AssetId copy, address owner, address caller);
    error MarkDesk_NotBuyer(address buyer, address caller);
    error MarkDesk_BadBuyer(address buyer);
    error MarkDesk_SmallBond(uint96 bond);
    error MarkDesk_TooLate(uint40 deadline);
    error MarkDesk_TooEarly(uint256 from);
    error MarkDesk_WrongStage(bytes32 markId, uint8 actual);
    error MarkDesk_NotSold(AssetId copy, address buyer);
    error MarkDesk_NotCommitted(bytes32 expected, bytes32 given);
    error MarkDesk_BadReading(uint256 count, uint8 chapter);
    error MarkDesk_Spent(uint8 chapter);
    error MarkDesk_Waiting(address finder, uint40 answerBy);
    error MarkDesk_NotShown(bytes32 expected, bytes32 given);
    error MarkDesk_WrongSecret(uint8 chapter);

    /// @notice Commits to the secrets of a copy and locks the stake from the owner's account. Owner of the copy only.
    function propose(Mark calldata mark) external returns (bytes32 markId);

    /// @notice Gives the stake of a mark back that was not accepted. Its owner; anyone from `until` on.
    function recall(Mark calldata mark) external;

    /// @notice Locks the bond from the buyer's account. The named buyer only, before `until`.
    function accept(Mark calldata mark) external;

    /// @notice Commits to a reading: keccak256(abi.encode(markId, caller, leak)). A later one replaces an earlier one.
    function sealLeak(bytes32 markId, bytes32 commitment) external;

    /// @notice Shows a reading that was committed to in an earlier block, and locks an eighth of the bond from the finder's account.
    ///         Only for a copy whose sale to the buyer has settled, one at a time, and never for a chapter that was opened.
    function showLeak(Mark calldata mark, Leak calldata leak) external;

    /// @notice Opens a chapter's secret and counts how many bits of the reading agree. Whoever knows the secret, before the deadline.
    function answer(Mark calldata mark, Leak calldata leak, bytes32 secret, bytes32[] calldata siblings) external;

    /// @notice Ends a mark whose owner did not answer in time. Anyone.
    function lapse(Mark calldata mark) external;

    /// @notice Gives both sides back what they laid down once `until` has come and no finder waits. Anyone.
    function release(Mark calldata mark) external;

    function markIdOf(Mark calldata mark) external view returns (bytes32);

    function stateOf(bytes32 markId) external view returns (MarkState memory);

    /// @notice What the owner of a mark with this bond lays down, what a finder lays down, and what he is paid.
    function sharesOf(uint96 bond) external pure returns (uint96 stake, uint96 deposit, uint96 reward);

    function answerWindow() external view returns (uint40);
}
