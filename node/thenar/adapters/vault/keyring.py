"""The secrets of a node, in two encrypted files under one password.

``account.json`` is an Ethereum keystore (Web3 Secret Storage, version 3) that other wallets open too.
``secrets.box`` holds what only Thenar uses: the sealing secret, the wrapping secret and the libp2p seed, in a
libsodium secret box (XSalsa20-Poly1305) under Argon2id of the password. Losing it means losing every sealed file.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import struct
from dataclasses import dataclass
from pathlib import Path

from coincurve import PrivateKey, PublicKey
from eth_account import Account
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id
from nacl.secret import SecretBox
from nacl.signing import SigningKey

from thenar.adapters.vault.seal import FileSealer
from thenar.adapters.vault.shares import KeyShares
from thenar.adapters.vault.tries import one_try
from thenar.adapters.vault.wrap import GROUP_ORDER, EcdhWrapper
from thenar.domain.ids import Address, address
from thenar.domain.keccak import keccak256
from thenar.errors import BadConfig, BadInput, Corrupt, Locked

ACCOUNT_FILE, SECRETS_FILE = "account.json", "secrets.box"

_HEADER = struct.Struct(">16sIQ16s")  # what it is, Argon2id operations, Argon2id memory in bytes, salt
_MAGIC = b"thenar.secrets/1"
_MAX_FILE_BYTES = 16_384
_MAX_OPERATIONS, _MAX_MEMORY = 16, 1 << 30
_SECRETS = 3 * 32


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess of the password costs: scrypt's N (with r = 8, p = 1), Argon2id's passes and memory in bytes."""

    scrypt_n: int
    argon_operations: int
    argon_memory: int


STANDARD = Cost(1 << 18, 3, 64 << 20)
CHEAP = Cost(2, argon2id.OPSLIMIT_MIN, argon2id.MEMLIMIT_MIN)
"""For tests and throw-away devnets only."""


class OpenKeyring:
    """The unlocked secrets of this node. Implements ``Keyring``; nothing of it can be printed."""

    __slots__ = ("_key", "_sealing", "_wrapping", "account", "peer_seed")

    def __init__(self, key: bytes, sealing: bytes, wrapping: bytes, peer_seed: bytes) -> None:
        self._key = PrivateKey(key)
        self._sealing, self._wrapping = sealing, wrapping
        self.account: Address = address(Account.from_key(key).address)
        self.peer_seed = peer_seed

    @property
    def peer_key(self) -> bytes:
        """The raw 32-byte Ed25519 public key of the libp2p identity."""
        return bytes(SigningKey(self.peer_seed).verify_key)

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes r‖s‖v over a 32-byte digest, low s, v 27 or 28, deterministic (RFC 6979)."""
        return _signature(self._key, digest)

    def place_salt(self, content_hash: bytes) -> bytes:
        """The 32-byte salt under which the place of a capture is committed to; no buyer's key leads to it."""
        return hashlib.blake2b(content_hash, digest_size=32, key=self._sealing, person=b"thenar.place/1").digest()

    def device_account(self, name: str) -> Address:
        """The account of a device this node signs for; the same name is always the same key."""
        return address(Account.from_key(self._device(name).secret).address)

    def sign_as_device(self, name: str, digest: bytes) -> bytes:
        """As ``sign_digest``, by a device's key."""
        return _signature(self._device(name), digest)

    def _device(self, name: str) -> PrivateKey:
        wide = hashlib.blake2b(name.encode(), key=self._wrapping, person=b"thenar.dev/1").digest()
        return PrivateKey((1 + int.from_bytes(wide, "big") % (GROUP_ORDER - 1)).to_bytes(32, "big"))

    def sealer(self, shares: KeyShares | None = None) -> FileSealer:
        """The sealer of this owner, whose keys can be destroyed one by one with their shares."""
        return FileSealer(self._sealing, shares)

    def wrapper(self) -> EcdhWrapper:
        """The key wrapper of this node."""
        return EcdhWrapper(self._wrapping)


def signer_of(digest: bytes, signature: bytes) -> Address:
    """The account whose key made a signature r‖s‖v (v 27 or 28) over a digest. Raises BadInput when none did."""
    if len(digest) != 32 or len(signature) != 65 or signature[64] not in (27, 28):
        raise BadInput("an account's signature has 65 bytes, the last of them 27 or 28, over 32 bytes")
    try:
        packed = signature[:64] + bytes((signature[64] - 27,))
        point = PublicKey.from_signature_and_message(packed, digest, hasher=None).format(compressed=False)
    except ValueError as cause:
        raise BadInput("the signature was not made by any key") from cause
    return Address("0x" + keccak256(point[1:])[12:].hex())


def _signature(key: PrivateKey, digest: bytes) -> bytes:
    if len(digest) != 32:
        raise BadInput(f"a digest has 32 bytes, not {len(digest)}")
    signature = key.sign_recoverable(digest, hasher=None)
    return bytes(signature[:64]) + bytes((signature[64] + 27,))


def create(directory: Path, password: str, *, account_key: bytes | None = None, cost: Cost = STANDARD) -> OpenKeyring:
    """Make new secrets, around a given account key if there is one. Raises BadConfig when there are some already."""
    _check_password(password)
    if (directory / ACCOUNT_FILE).exists():
        raise BadConfig(f"{directory} holds a keyring already", next_step="use it, or choose another directory")
    key = secrets.token_bytes(32) if account_key is None else account_key
    if len(key) != 32 or not 0 < int.from_bytes(key, "big") < GROUP_ORDER:
        raise BadInput("the account key is not a secp256k1 secret of 32 bytes")
    keystore = Account.encrypt(key, password, kdf="scrypt", iterations=cost.scrypt_n)
    held = secrets.token_bytes(_SECRETS)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(directory / SECRETS_FILE, _lock(held, password, cost))
    # Last: its presence means the keyring is whole.
    write_private(directory / ACCOUNT_FILE, json.dumps(keystore, indent=1).encode())
    return _opened(key, held)


def open_keyring(directory: Path, password: str) -> OpenKeyring:
    """Unlock both files; a wrong password takes a second, see ``tries``.

    Raises BadConfig (missing or readable by others), Locked (wrong password), Corrupt.
    """
    _check_password(password)
    account, held = _read(directory / ACCOUNT_FILE), _read(directory / SECRETS_FILE)
    with one_try(directory):
        return _opened(_account_key(directory, account, password), _unlock(held, password))


def _account_key(directory: Path, account: bytes, password: str) -> bytes:
    try:
        key = bytes(Account.decrypt(json.loads(account), password))
    except (KeyError, TypeError, NotImplementedError, json.JSONDecodeError, UnicodeDecodeError) as cause:
        raise Corrupt(f"{directory / ACCOUNT_FILE} is not a version 3 keystore") from cause
    except ValueError as cause:
        raise Locked("the password does not open the account key", next_step="check the password") from cause
    if Account.from_key(key).address.lower() != account_in(
        directory
    ):  # a keystore's check leaves out what it begins with
        raise Corrupt(
            f"{directory / ACCOUNT_FILE} holds a key of another account", next_step="restore it from a backup"
        )
    return key


def account_in(directory: Path) -> Address:
    """The account of a keyring, told without its password. Raises BadConfig, Corrupt."""
    try:
        return address("0x" + str(json.loads(_read(directory / ACCOUNT_FILE))["address"]).lower().removeprefix("0x"))
    except (KeyError, TypeError, ValueError, BadInput) as cause:
        raise Corrupt(
            f"{directory / ACCOUNT_FILE} is not a version 3 keystore", next_step="restore it from a backup"
        ) from cause


def scrypt_n(directory: Path) -> int:
    """What a guess of the password costs in scrypt's N. Raises BadConfig, Corrupt."""
    try:
        return int(json.loads(_read(directory / ACCOUNT_FILE))["crypto"]["kdfparams"]["n"])
    except (KeyError, TypeError, ValueError) as cause:
        raise Corrupt(f"{directory / ACCOUNT_FILE} is not a version 3 keystore") from cause


def check_secrets(directory: Path) -> None:
    """Whether the second file is whole, told without its password. Raises BadConfig, Corrupt."""
    _header(_read(directory / SECRETS_FILE))


def _opened(key: bytes, held: bytes) -> OpenKeyring:
    return OpenKeyring(key, held[:32], held[32:64], held[64:])


def _lock(held: bytes, password: str, cost: Cost) -> bytes:
    salt = secrets.token_bytes(argon2id.SALTBYTES)
    header = _HEADER.pack(_MAGIC, cost.argon_operations, cost.argon_memory, salt)
    return header + bytes(_box(password, salt, cost.argon_operations, cost.argon_memory).encrypt(held))


def _header(data: bytes) -> tuple[bytes, int, int]:
    """Salt, operations and memory of a secrets file. Raises Corrupt."""
    if len(data) != _HEADER.size + SecretBox.NONCE_SIZE + SecretBox.MACBYTES + _SECRETS:
        raise Corrupt(f"{SECRETS_FILE} has the wrong length", next_step="restore it from a backup")
    magic, operations, memory, salt = _HEADER.unpack_from(data)
    bounded = 1 <= operations <= _MAX_OPERATIONS and argon2id.MEMLIMIT_MIN <= memory <= _MAX_MEMORY
    if magic != _MAGIC or not bounded or memory % 1024:
        raise Corrupt(f"{SECRETS_FILE} is not a secrets file", next_step="restore it from a backup")
    return salt, operations, memory


def _unlock(data: bytes, password: str) -> bytes:
    salt, operations, memory = _header(data)
    try:
        return bytes(_box(password, salt, operations, memory).decrypt(data[_HEADER.size :]))
    except CryptoError as cause:
        raise Locked(
            f"the password does not open {SECRETS_FILE}", next_step="check the password, or restore the file"
        ) from cause


def _box(password: str, salt: bytes, operations: int, memory: int) -> SecretBox:
    return SecretBox(argon2id.kdf(SecretBox.KEY_SIZE, password.encode(), salt, opslimit=operations, memlimit=memory))


def _check_password(password: str) -> None:
    if not password:
        raise Locked("there is no password", next_step="set one in the password file or the environment")


def _read(path: Path) -> bytes:
    try:
        status = path.stat()
        if status.st_mode & 0o077:
            raise BadConfig(f"{path} can be read by others", next_step=f"chmod 600 {path}")
        if status.st_size > _MAX_FILE_BYTES:
            raise Corrupt(f"{path} is too big for a keyring file")
        return path.read_bytes()
    except FileNotFoundError as cause:
        raise BadConfig(f"there is no keyring at {path.parent}", next_step="run: thenar init") from cause
    except OSError as cause:
        raise BadConfig(f"{path} cannot be read: {cause.strerror}") from cause


def write_private(path: Path, data: bytes) -> None:
    """Write whole or not at all, readable by the owner only, on disk when this returns."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(fd)
    temporary.replace(path)
    parent = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)
