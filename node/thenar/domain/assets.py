"""Assets and what their ids commit to: the twin of contracts/types/Assets.sol and Terms.sol."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final

from thenar.domain.ids import RAW, Address, AssetId, Cid, TermsId
from thenar.domain.keccak import keccak256

NO_BATCH: Final = AssetId("0x" + "00" * 32)
"""What is minted alone names no batch."""


class AssetKind(IntEnum):
    """A capture is a recording and has no parents, a batch is many captures at once; the rest is derived."""

    CAPTURE = 0
    DATASET = 1
    MODEL = 2
    RESULT = 3
    BATCH = 4


class Purpose(IntFlag):
    """What a licensee may do; every bit asked for must be allowed."""

    TRAIN = 1
    EVAL = 2
    SIM = 4
    HUMAN_VIEW = 8
    REDISTRIBUTE = 16
    COMPUTE_ONLY = 32
    BIOMETRIC_ID = 64


@dataclass(frozen=True, slots=True)
class Commitment:
    """Everything an asset id commits to. Roots and digests are 32 bytes.

    ``size`` is the plaintext bytes under the roots, or the members of a batch; 0 when nothing is sealed.
    ``batch`` is the batch a member came in.
    """

    author: Address
    kind: AssetKind
    size: int
    cipher_root: bytes
    plain_root: bytes
    key_commit: bytes
    manifest_digest: bytes
    manifest_hash: bytes
    batch: AssetId = NO_BATCH

    @property
    def encoded(self) -> bytes:
        """abi.encode(commitment): nine static words."""
        words = (
            bytes.fromhex(self.author[2:]).rjust(32, b"\0"),
            int(self.kind).to_bytes(32, "big"),
            self.size.to_bytes(32, "big"),
            self.cipher_root,
            self.plain_root,
            self.key_commit,
            self.manifest_digest,
            self.manifest_hash,
            bytes.fromhex(self.batch[2:]),
        )
        return b"".join(words)

    @property
    def asset_id(self) -> AssetId:
        """keccak256(abi.encode(commitment))."""
        return AssetId("0x" + keccak256(self.encoded).hex())

    @property
    def manifest_cid(self) -> Cid:
        """Where the manifest lies: one raw block."""
        return Cid.of(RAW, self.manifest_digest)


@dataclass(frozen=True, slots=True)
class BatchLeaf:
    """Proof that ``leaf`` is the member at ``index`` of ``batch``; ``siblings`` from bottom to top."""

    batch: Commitment
    index: int
    leaf: Commitment
    siblings: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What is allowed, at which floor, how long. Money in settlement-token units, times in seconds."""

    purposes: Purpose
    derivative_share: int  # parts per million
    price_floor: int
    notice: int  # how long others have to delete their copies
    max_duration: int  # 0 means without end
    exclusive: bool = False
    territory: bytes = bytes(32)
    text_digest: bytes = bytes(32)


@dataclass(frozen=True, slots=True)
class WrittenTerms:
    """Terms with their index in the TermsBook."""

    id: TermsId
    terms: Terms
