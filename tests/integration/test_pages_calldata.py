"""What the pages make for a wallet to sign is what the contracts decode; what does not fit is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from eth_abi import encode
from eth_utils import keccak
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from thenar.adapters.chain.abi import artifact

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "node" / "thenar" / "adapters" / "web" / "pages"
NODE = shutil.which("node")
RANDOM_VALUES = 25
ENCODER = """
const { calldata, refusal, units, amount } = await import(process.argv[1]);
const asked = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const tools = { calldata, refusal, units, amount };
const answer = ([tool, ...given]) => {
  try { return String(tools[tool](...given)); } catch (cause) { return `refused: ${cause.message}`; }
};
process.stdout.write(JSON.stringify(asked.map(answer)));
"""

pytestmark = pytest.mark.skipif(NODE is None, reason="no Node.js on PATH to run the pages' own encoder with")


def ask(*questions: list[object]) -> list[str]:
    """Have the pages' encoder answer; one process for all questions."""
    script = f"import {{ createRequire }} from 'node:module'; const require = createRequire(import.meta.url); {ENCODER}"
    done = subprocess.run(
        [str(NODE), "--input-type=module", "-e", script, str(PAGES / "encode.js")],
        input=json.dumps(questions), capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return json.loads(done.stdout)


def functions() -> list[tuple[str, str, str, list[dict]]]:
    """Every call the pages can make: contract, name, selector, parameters, as the packaged ABI has them."""
    listed = (PAGES / "calls.js").read_text("utf-8").split("export const REFUSALS")[0]
    found, contract = [], ""
    for line in listed.splitlines():
        name = line.strip().split(":")[0]
        if line.startswith("  ") and not line.startswith("    ") and line.endswith("{"):
            contract = name
        elif line.startswith("    "):
            abi = artifact("MockUSD" if contract == "token" else contract).abi
            (entry,) = [one for one in abi if one.get("name") == name and one["type"] == "function"]
            found.append((contract, name, json.loads(line.split(": ", 1)[1].rstrip(","))[0], entry["inputs"]))
    return found


def spelled(kind: dict) -> str:
    """A type as a signature writes it."""
    if not kind["type"].startswith("tuple"):
        return kind["type"]
    return f"({','.join(map(spelled, kind['components']))}){kind['type'][5:]}"


def values_of(kind: dict) -> st.SearchStrategy:
    """Pairs of what eth-abi and what the pages take for a type."""
    name = kind["type"]
    if name.endswith("[]"):
        inner = values_of({**kind, "type": name[:-2]})
        return st.lists(inner, max_size=4).map(lambda many: ([a for a, _ in many], [b for _, b in many]))
    if name == "tuple":
        named = [part["name"] for part in kind["components"]]
        whole = st.tuples(*map(values_of, kind["components"]))
        return whole.map(lambda many: (tuple(a for a, _ in many), dict(zip(named, (b for _, b in many), strict=True))))
    if name == "bool":
        return st.booleans().map(lambda truth: (truth, truth))
    if name == "address":
        return st.binary(min_size=20, max_size=20).map(lambda raw: ("0x" + raw.hex(), "0x" + raw.hex()))
    if name.startswith("uint"):
        return st.integers(0, 2 ** int(name[4:]) - 1).map(lambda number: (number, str(number)))
    size = {"min_size": int(name[5:]), "max_size": int(name[5:])} if name != "bytes" else {"max_size": 100}
    return st.binary(**size).map(lambda raw: (raw, "0x" + raw.hex()))


def samples(strategy: st.SearchStrategy) -> list[tuple]:
    """Some values of a strategy, always the same ones."""
    found: list[tuple] = []

    @settings(
        max_examples=RANDOM_VALUES, database=None, deadline=None, phases=[Phase.generate], derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def collect(many):
        found.append(many)

    collect()
    return found


def test_every_call_of_the_pages_is_encoded_as_eth_abi_does():
    asked, expected = [], []
    for contract, name, selector, inputs in functions():
        kinds = [spelled(one) for one in inputs]
        assert selector == "0x" + keccak(text=f"{name}({','.join(kinds)})")[:4].hex()
        for many in samples(st.tuples(*map(values_of, inputs))):
            named = {one["name"]: ours for one, (_, ours) in zip(inputs, many, strict=True)}
            asked.append(["calldata", contract, name, named])
            expected.append(selector + encode(kinds, [theirs for theirs, _ in many]).hex())

    assert len(asked) > 10 * len(functions())
    assert ask(*asked) == expected


def test_what_does_not_fit_its_type_is_refused():
    wrong = [
        ["calldata", "Ledger", "deposit", ["0x12", "1"]],
        ["calldata", "Ledger", "deposit", ["0x" + "11" * 20, "-1"]],
        ["calldata", "Ledger", "deposit", ["0x" + "11" * 20, str(2**256)]],
        ["calldata", "Ledger", "deposit", ["0x" + "11" * 20, 1.5]],
        ["calldata", "Ledger", "deposit", ["0x" + "11" * 20, 2**60]],
        ["calldata", "Ledger", "deposit", ["0x" + "11" * 20]],
        ["calldata", "Ledger", "deposit", {"account": "0x" + "11" * 20}],
        ["calldata", "AssetRegistry", "revokeAll", ["0x" + "11" * 31, "0x" + "11" * 32]],
        ["units", "1.2345678", 6],
        ["units", "-1", 6],
        ["units", "1e6", 6],
        ["units", "", 6],
    ]

    assert [one for one in ask(*wrong) if not one.startswith("refused: ")] == []


def test_amounts_are_read_and_written_without_loss():
    amounts = ["0.00", "0.000001", "12.50", "1000000.00", "99999999999999.999999"]

    read = ask(*(["units", text, 6] for text in amounts))
    written = ask(*(["amount", number, 6] for number in read))

    assert written == amounts


def test_a_refusal_of_a_contract_is_told_in_words():
    price = "0x" + keccak(text="LicenseDesk_PriceAbove(uint256,uint256)")[:4].hex()

    assert ask(["refusal", price + "00" * 64], ["refusal", "0x12345678"]) == ["LicenseDesk: price above", "null"]
