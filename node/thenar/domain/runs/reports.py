"""What an owner's node says of a run, signed (EIP-712), and the parcel in which it goes to the buyer with the output.

A parcel is two bytes of length, the report with its signature, the output, and zeros up to what the program could have
put out: its size tells nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from thenar.domain import canonical
from thenar.domain.ids import Address, AssetId
from thenar.domain.keccak import keccak256, tag32
from thenar.domain.records import Wide, from_value, to_value
from thenar.domain.runs.programs import MAX_OUTPUT
from thenar.domain.typed import account_word, number_word, typed_digest
from thenar.errors import BadInput, Corrupt

SCHEMA: Final = "thenar.run/1"
HEAD_BYTES: Final = 2_048
"""Room for the length, the report and its signature."""
SIGNATURE_BYTES: Final = 65
SEALED_LIMIT: Final = HEAD_BYTES + MAX_OUTPUT + 256
"""Bytes of a sealed parcel at most."""
_LENGTH: Final = 2
_CONTEXT: Final = tag32(SCHEMA)
_REPORT: Final = keccak256(
    b"RunReport(uint64 run,address buyer,bytes32 asset,bytes32 program,uint32 part,bytes32 runtime,bytes32 plainRoot,"
    b"bytes32 output,uint32 size)"
)


@dataclass(frozen=True, slots=True)
class RunReport:
    """This program, run over the bytes under this root, put this out. Hashes are 64 hex digits.

    ``runtime`` is the determinism class, ``output`` the SHA-256 of what came out.
    """

    run: Wide
    buyer: Address
    asset: AssetId
    program: str
    part: int
    runtime: str
    plain_root: str
    output: str
    size: int

    def signed(self, chain_id: int, desk: Address) -> bytes:
        """The 32 bytes the owner signs for a RunDesk."""
        words = (
            number_word(self.run),
            account_word(self.buyer),
            bytes.fromhex(self.asset[2:]),
            bytes.fromhex(self.program),
            number_word(self.part),
            *(bytes.fromhex(each) for each in (self.runtime, self.plain_root, self.output)),
            number_word(self.size),
        )
        return typed_digest("Thenar RunDesk", chain_id, desk, _REPORT + b"".join(words))


@dataclass(frozen=True, slots=True)
class Parcel:
    """A report, the owner's signature, and what came out."""

    report: RunReport
    signature: bytes
    output: bytes

    def encode(self, room: int) -> bytes:
        """The bytes to seal: as many for every output of at most ``room`` bytes. Raises BadInput for a larger one."""
        head = canonical.encode({"schema": SCHEMA, "report": to_value(self.report), "signature": self.signature.hex()})
        if len(self.output) > room or len(head) + _LENGTH > HEAD_BYTES:
            raise BadInput(f"an output of {len(self.output)} bytes does not fit into {room}")
        made = len(head).to_bytes(_LENGTH, "big") + head + self.output
        return made.ljust(HEAD_BYTES + room, b"\0")

    @classmethod
    def decode(cls, data: bytes) -> Parcel:
        """Read what was sealed. Raises Corrupt when it is no parcel, or the output is not what the report says."""
        try:
            end = _LENGTH + int.from_bytes(data[:_LENGTH], "big")
            head = canonical.decode_object(data[_LENGTH:end], limit=HEAD_BYTES)
            report = from_value(RunReport, head.get("report"), "report")
            signature = bytes.fromhex(str(head.get("signature")))
        except (BadInput, ValueError) as cause:
            raise Corrupt(f"what was delivered is not the output of a run: {cause}") from cause
        output = data[end : end + report.size]
        if len(output) != report.size or hashlib.sha256(output).hexdigest() != report.output:
            raise Corrupt("the output is not what its report says")
        if head.get("schema") != SCHEMA or len(signature) != SIGNATURE_BYTES:
            raise Corrupt(f"what was delivered is not {SCHEMA}")
        return cls(report, signature, output)


def context_of(run: int, chain_id: int, desk: Address) -> bytes:
    """What the sealing of a run's parcel is bound to: 32 bytes of chain, contract and run."""
    return keccak256(_CONTEXT + number_word(chain_id) + account_word(desk) + number_word(run))
