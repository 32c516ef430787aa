"""The whole system in an EVM inside this process: the same creation code and the same blueprint as on a real chain.

Every call is a transaction of its own: storage writes stay, transient storage does not, time stands still until told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import pyrevm
from eth_abi.abi import decode
from eth_abi.decoding import ContextFramesBytesIO, TupleDecoder
from eth_abi.encoding import TupleEncoder
from eth_abi.registry import registry

from thenar.adapters.chain.abi import PACKAGED, Entry, artifact, entries, function, type_of
from thenar.adapters.chain.blueprint import Parameters, blueprint
from thenar.adapters.chain.codec import encode_arguments
from thenar.domain.ids import Address

CHAIN_ID = 1
START = 1_800_000_000
"""Unix seconds when a trace begins."""
DEPLOYER = Address("0x" + "d0" * 20)
_REVERT = re.compile(r"Revert \{ gas_used: (?P<gas>\d+), output: 0x(?P<data>[0-9a-f]*) \}")
GAS = 16_777_216
"""What one transaction may use at most (EIP-7825)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a call: the values it returned, or the name and the values of its error."""

    values: tuple[Any, ...] = ()
    error: str = ""
    details: tuple[Any, ...] = ()
    gas: int = 0


@cache
def errors() -> dict[bytes, Entry]:
    """Every custom error of every contract by selector."""
    return {entry.id[:4]: entry for name in PACKAGED for entry in entries(name, "error")}


@cache
def _form(contract: str, name: str) -> tuple[bytes, TupleEncoder, TupleDecoder | None]:
    """A function's selector and what encodes its arguments and decodes its answer; made once, not for every call."""
    entry = function("MockUSD" if contract == "token" else contract, name)
    inputs = TupleEncoder(encoders=[registry.get_encoder(type_of(one)) for one in entry.inputs])
    if not entry.outputs:
        return entry.id[:4], inputs, None
    return entry.id[:4], inputs, TupleDecoder(decoders=[registry.get_decoder(type_of(one)) for one in entry.outputs])


def _sent(contract: str, name: str, arguments: tuple[Any, ...]) -> bytes:
    selector, inputs, _ = _form(contract, name)
    return selector + bytes(inputs(arguments))


_asked = lru_cache(maxsize=1 << 12)(_sent)  # the same few views are asked at every check


class Machine:
    """A deployed system. ``call`` sends, ``view`` asks; both answer instead of raising when a contract reverts."""

    def __init__(self, parameters: Parameters) -> None:
        self.evm = pyrevm.EVM(spec_id="CANCUN")
        self.evm.set_tx_env(pyrevm.TxEnv())
        self.now, self.block = START, 1
        self._set_block()
        plan = blueprint(parameters, DEPLOYER, 0)
        self.contracts = plan.contracts
        for step in plan.steps:
            made = artifact(step.contract)
            inputs = next((one["inputs"] for one in made.abi if one["type"] == "constructor"), [])
            code = made.bytecode + encode_arguments(inputs, step.arguments)
            at = self.evm.deploy(DEPLOYER, code)
            if Address(at.lower()) != step.address:
                raise AssertionError(f"{step.contract} is at {at} and belongs to {step.address}")
            self.logged(self.evm.result.logs)
        self.calls = self.reverts = 0
        self.most_gas = 0

    def wait(self, seconds: int) -> None:
        """Let time pass; a block of twelve seconds each."""
        self.now += seconds
        self.block += max(1, seconds // 12)
        self._set_block()

    def call(self, sender: Address, contract: str, name: str, *arguments: Any) -> Answer:
        """Send a transaction. The function's own refusal is an answer; running out of gas or a panic is a failure."""
        answer = self._run(sender, contract, name, _sent(contract, name, arguments), is_static=False)
        self.calls += 1
        self.reverts += bool(answer.error)
        if not answer.error:
            self.logged(self.evm.result.logs)
        self.most_gas = max(self.most_gas, answer.gas)
        return answer

    def logged(self, logs: list[Any]) -> None:
        """What a transaction logged; nobody listens here."""

    def view(self, contract: str, name: str, *arguments: Any) -> Any:
        """Ask; one value comes alone, several as a tuple. Raises AssertionError when the view reverts."""
        answer = self._run(DEPLOYER, contract, name, _asked(contract, name, arguments), is_static=True)
        if answer.error:
            raise AssertionError(f"{contract}.{name} answered {answer.error} {answer.details}")
        return answer.values[0] if len(answer.values) == 1 else answer.values

    def _run(self, sender: Address, contract: str, name: str, data: bytes, *, is_static: bool) -> Answer:
        self.evm.reset_transient_storage()
        try:
            back = self.evm.message_call(sender, self.contracts[contract], calldata=data, gas=GAS, is_static=is_static)
        except RuntimeError as refused:
            return self._refusal(contract, name, str(refused))
        outputs = _form(contract, name)[2]
        return Answer(outputs(ContextFramesBytesIO(back)) if outputs else (), gas=int(self.evm.result.gas_used))

    def _refusal(self, contract: str, name: str, text: str) -> Answer:
        """A revert with one of the system's errors, as an answer. Raises AssertionError for every other end."""
        found = _REVERT.match(text)
        data = bytes.fromhex(found["data"]) if found else b""
        error = errors().get(data[:4])
        if found is None or error is None:
            raise AssertionError(f"{contract}.{name} ended with {text}")
        details = decode([type_of(one) for one in error.inputs], data[4:])
        return Answer(error=error.name, details=tuple(details), gas=int(found["gas"]))

    def logs(self) -> list[tuple[bytes, bytes]]:
        """What the last call left in the log: first topics and data."""
        return [(bytes.fromhex(log.topics[0].removeprefix("0x")), bytes(log.data[1])) for log in self.evm.result.logs]

    @staticmethod
    def event(contract: str, name: str) -> bytes:
        """The first topic of an event."""
        return next(entry.id for entry in entries(contract, "event") if entry.name == name)

    def _set_block(self) -> None:
        self.evm.set_block_env(pyrevm.BlockEnv(number=self.block, timestamp=self.now, gas_limit=10**9))
