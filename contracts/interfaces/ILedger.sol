// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title The only holder of settlement tokens.
/// @notice People hold accounts; modules hold locks. Tokens held are never less than all accounts plus all locks.
/// @dev The set of modules is fixed at deployment. A module can only move what it has locked itself, so a fault in one
///      module cannot reach an account or another module's lock. Nothing here can be paused.
interface ILedger {
    /// @notice Tokens came in from a wallet to an account.
    event Deposited(address indexed account, address indexed payer, uint256 amount);
    /// @notice Tokens left an account to a wallet.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice Tokens came in from a wallet straight into a module's lock. The token's own Transfer names the wallet.
    event Collected(address indexed module, uint256 amount);
    /// @notice An account's balance became part of a module's lock.
    event Locked(address indexed module, address indexed account, uint256 amount);
    /// @notice Part of a module's lock became an account's balance.
    event Released(address indexed module, address indexed account, uint256 amount);
    /// @notice Part of a module's lock became another module's.
    event Moved(address indexed from, address indexed to, uint256 amount);

    error Ledger_NotModule(address caller);
    error Ledger_LockTooBig(uint256 locked, uint256 amount);
    error Ledger_NotEnough(address account, uint256 held, uint256 wanted);
    error Ledger_NothingReceived(address payer, uint256 amount);
    error Ledger_ZeroAddress();
    error Ledger_ToItself();
    error Ledger_Overcharged(uint256 amount, uint256 taken);

    /// @notice Moves `amount` tokens from the caller's wallet to an account.
    /// @dev Credits what arrived, measured as balance difference, so tokens that take a fee cannot make the Ledger owe more.
    ///      Reverts when nothing arrives.
    /// @return received what the account gained
    function deposit(address account, uint256 amount) external returns (uint256 received);

    /// @notice As `deposit`, with an ERC-2612 permit in the same transaction. A permit used up by a front-runner does no harm.
    function depositWithPermit(address account, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        returns (uint256 received);

    /// @notice Sends `amount` of the caller's account to any wallet.
    /// @dev The recipient is free to choose so that a wallet blocked by the token can still be paid elsewhere.
    ///      Reverts when the token takes more than `amount` from the Ledger, which would be other people's money.
    function withdraw(address to, uint256 amount) external;

    /// @notice Pulls tokens from a wallet that approved the Ledger into the calling module's lock.
    /// @dev Modules only. The module must have been asked by `payer` in the same call.
    ///      Reverts when nothing arrives, hence also for an amount of 0: a module with nothing to collect does not call.
    /// @return received balance difference
    function collect(address payer, uint256 amount) external returns (uint256 received);

    /// @notice Locks part of an account for the calling module. Modules only.
    function lock(address account, uint256 amount) external;

    /// @notice Releases part of the calling module's lock to an account. Modules only.
    function release(address account, uint256 amount) external;

    /// @notice Hands part of the calling module's lock to another module. Modules only.
    function move(address to, uint256 amount) external;

    /// @notice The settlement token.
    function token() external view returns (address);

    /// @notice What an account can withdraw now.
    function balanceOf(address account) external view returns (uint256);

    /// @notice What a module holds for others.
    function lockedBy(address module) external view returns (uint256);

    /// @notice Whether an address is one of the modules fixed at deployment.
    function isModule(address module) external view returns (bool);
}
