// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ILedger} from "./interfaces/ILedger.sol";

/// @title The only holder of settlement tokens.
/// @dev Whether an address is a module and what it has locked share one slot: the question costs no storage read of its own.
///      The functions that call the token are guarded against re-entry, because they measure balances around the call;
///      `lock`, `release` and `move` only write numbers and need no guard.
contract Ledger is ILedger, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Read and written as one word, which costs less than two fields in a slot.
    struct Lock {
        uint256 word; // lowest byte: 1 for a module, fixed at deployment; above: settlement token units it has locked
    }

    IERC20 private immutable _token;
    mapping(address module => Lock) private _locks;
    mapping(address account => uint256 balance) private _balances;

    /// @param token_ the settlement token; must keep balances still between transfers (no rebasing)
    /// @param modules_ every contract that may ever lock money here
    constructor(IERC20 token_, address[] memory modules_) {
        if (address(token_) == address(0)) revert Ledger_ZeroAddress();

        _token = token_;
        for (uint256 i = 0; i < modules_.length; i++) {
            if (modules_[i] == address(0)) revert Ledger_ZeroAddress();
            _locks[modules_[i]].word = 1;
        }
    }

    /* MONEY COMES IN AND GOES OUT */

    /// @inheritdoc ILedger
    function deposit(address account, uint256 amount) external nonReentrant returns (uint256 received) {
        received = _deposit(account, amount);
    }

    /// @inheritdoc ILedger
    function depositWithPermit(address account, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
        returns (uint256 received)
    {
        // Whoever saw the permit in the mempool may have used it already: then the allowance is there and nothing is lost.
        try IERC20Permit(address(_token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        received = _deposit(account, amount);
    }

    /// @inheritdoc ILedger
    function withdraw(address to, uint256 amount) external nonReentrant {
        if (to == address(0)) revert Ledger_ZeroAddress();
        if (to == address(this)) revert Ledger_ToItself();
        uint256 held = _balances[msg.sender];
        if (held < amount) revert Ledger_NotEnough(msg.sender, held, amount);

        _balances[msg.sender] = held - amount;

        emit Withdrawn(msg.sender, to, amount);
        _push(to, amount);
    }

    /* MODULES HOLD MONEY FOR OTHERS */

    /// @inheritdoc ILedger
    function collect(address payer, uint256 amount) external nonReentrant returns (uint256 received) {
        Lock storage locked = _locks[msg.sender];
        if (locked.word == 0) revert Ledger_NotModule(msg.sender);

        received = _pull(payer, amount);
        _add(locked, received);

        emit Collected(msg.sender, received);
    }

    /// @inheritdoc ILedger
    function lock(address account, uint256 amount) external {
        Lock storage locked = _locks[msg.sender];
        if (locked.word == 0) revert Ledger_NotModule(msg.sender);
        uint256 held = _balances[account];
        if (held < amount) revert Ledger_NotEnough(account, held, amount);

        _balances[account] = held - amount;
        _add(locked, amount);

        emit Locked(msg.sender, account, amount);
    }

    /// @inheritdoc ILedger
    function release(address account, uint256 amount) external {
        if (account == address(0)) revert Ledger_ZeroAddress();
        _takeLock(amount);

        _balances[account] += amount;

        emit Released(msg.sender, account, amount);
    }

    /// @inheritdoc ILedger
    function move(address to, uint256 amount) external {
        Lock storage locked = _locks[to];
        if (locked.word == 0) revert Ledger_NotModule(to);
        _takeLock(amount);

        _add(locked, amount);

        emit Moved(msg.sender, to, amount);
    }

    /* VIEWS */

    /// @inheritdoc ILedger
    function token() external view returns (address) {
        return address(_token);
    }

    /// @inheritdoc ILedger
    function balanceOf(address account) external view returns (uint256) {
        return _balances[account];
    }

    /// @inheritdoc ILedger
    function lockedBy(address module) external view returns (uint256) {
        return _locks[module].word >> 8;
    }

    /// @inheritdoc ILedger
    function isModule(address module) external view returns (bool) {
        return _locks[module].word != 0;
    }

    /* PRIVATE */

    function _deposit(address account, uint256 amount) private returns (uint256 received) {
        if (account == address(0)) revert Ledger_ZeroAddress();

        received = _pull(msg.sender, amount);
        _balances[account] += received;

        emit Deposited(account, msg.sender, received);
    }

    /// @dev Counts what arrived, so the token may take a fee, return nothing or lie about the amount.
    function _pull(address payer, uint256 amount) private returns (uint256 received) {
        uint256 before = _token.balanceOf(address(this));
        _token.safeTransferFrom(payer, address(this), amount);
        uint256 held = _token.balanceOf(address(this));

        if (held <= before) revert Ledger_NothingReceived(payer, amount);
        unchecked {
            received = held - before;
        }
    }

    /// @dev A token that takes more from the sender than it was asked to would spend other people's money.
    function _push(address to, uint256 amount) private {
        uint256 before = _token.balanceOf(address(this));
        _token.safeTransfer(to, amount);
        uint256 held = _token.balanceOf(address(this));

        if (held + amount < before) revert Ledger_Overcharged(amount, before - held);
    }

    function _add(Lock storage locked, uint256 amount) private {
        uint256 word = locked.word;
        if (amount > type(uint248).max - (word >> 8)) revert Ledger_LockTooBig(word >> 8, amount);

        unchecked {
            locked.word = word + (amount << 8);
        }
    }

    /// @dev Checks that the caller is a module and has enough locked, and takes it.
    function _takeLock(uint256 amount) private {
        Lock storage locked = _locks[msg.sender];
        uint256 word = locked.word;
        if (word == 0) revert Ledger_NotModule(msg.sender);
        if (word >> 8 < amount) revert Ledger_NotEnough(msg.sender, word >> 8, amount);

        locked.word = word - (amount << 8); // at most what the word holds
    }
}
