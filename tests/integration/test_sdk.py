"""The npm package for frontends: it compiles what is right and nothing else, and a wallet shows and signs the same."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_account.messages import _hash_eip191_message, encode_typed_data

from thenar.domain.assets import AssetKind, Purpose
from thenar.domain.bounty.asks import MODALITIES
from thenar.domain.ids import Address, AssetId
from thenar.domain.place import FINEST
from thenar.domain.reflex.vouchers import Desk, Line, Voucher

ROOT = Path(__file__).resolve().parents[2]
PROJECT = Path(__file__).with_name("sdk")
SIGNED = int(os.environ.get("THENAR_DIGESTS", "100"))
"""Random messages of each kind whose digests are compared."""
GZIPPED = 15 * 1024
"""Bytes that one contract's module may take on the wire."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A frontend's folder with viem, TypeScript and the packed package in it."""
    if shutil.which("npm") is None:
        pytest.skip("node and npm are not on PATH: nothing to pack the package with")
    if not (PROJECT / "node_modules" / "viem").is_dir():
        pytest.skip("the frontend's packages are not installed: run `make interop`")
    run = subprocess.run(
        [sys.executable, "scripts/build_sdk.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    folder = tmp_path_factory.mktemp("frontend")
    for path in PROJECT.iterdir():
        if path.is_file():
            shutil.copy(path, folder / path.name)
    (folder / "node_modules" / "@thenar").mkdir(parents=True)
    for path in (PROJECT / "node_modules").iterdir():
        (folder / "node_modules" / path.name).symlink_to(path)
    with tarfile.open(ROOT / run.stdout.split(":")[0]) as packed:
        packed.extractall(folder, filter="data")
    shutil.move(folder / "package", folder / "node_modules" / "@thenar" / "contracts")
    return folder


@pytest.fixture(scope="module")
def package(project: Path) -> Path:
    return project / "node_modules" / "@thenar" / "contracts"


def compiled(project: Path) -> subprocess.CompletedProcess[str]:
    command = [str(project / "node_modules" / ".bin" / "tsc"), "--project", "."]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=300, check=False)


def abis() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for path in sorted((ROOT / "node" / "thenar" / "adapters" / "chain" / "abi").glob("*.json")):
        if path.stem != "MockUSD":
            yield path.stem, json.loads(path.read_text("utf-8"))["abi"]


def kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def messages(package: Path) -> dict[str, Any]:
    text = (package / "messages.js").read_text("utf-8")
    found: dict[str, Any] = json.loads(text.removeprefix("export const messages = ").rstrip(";\n"))
    return found


def test_ten_calls_compile_and_ten_mistakes_do_not(project: Path, record_property: Any) -> None:
    wrong = (project / "wrong.ts").read_text("utf-8")

    assert wrong.count("@ts-expect-error") == 10
    assert compiled(project).stdout == ""

    (project / "wrong.ts").write_text(wrong.replace("// @ts-expect-error", "//"), "utf-8")
    told = compiled(project).stdout
    (project / "wrong.ts").write_text(wrong, "utf-8")
    refused = {line.split("(")[1].split(",")[0] for line in told.splitlines() if line.startswith("wrong.ts(")}
    calls = (project / "calls.ts").read_text("utf-8").count("export const ")
    record_property("calls_that_compile", calls)
    record_property("mistakes_refused", len(refused))
    assert calls >= 10
    assert len(refused) >= 10


def test_one_contract_is_small_on_the_wire(package: Path, record_property: Any) -> None:
    sizes = {name: len(gzip.compress((package / f"{kebab(name)}.js").read_bytes())) for name, _ in abis()}

    record_property("contracts", len(sizes))
    record_property("largest_gzipped_bytes", max(sizes.values()))
    assert max(sizes.values()) <= GZIPPED, sizes


def drawn(kind: str, dice: random.Random) -> Any:
    if kind == "address":
        return "0x" + dice.randbytes(20).hex()
    if kind.startswith("bytes"):
        return "0x" + dice.randbytes(int(kind[5:] or dice.randrange(40))).hex()
    if kind == "string":
        return "".join(dice.choice("aé漢 ") for _ in range(dice.randrange(9)))
    if kind == "bool":
        return dice.random() < 0.5
    assert kind.startswith("uint")
    most = 2 ** int(kind[4:])
    return dice.choice((0, most - 1, dice.randrange(most), dice.randrange(min(most, 100))))


def test_viem_and_eth_account_sign_the_same_32_bytes(project: Path, package: Path) -> None:
    dice, asked, ours = random.Random(1), [], []
    for name, told in messages(package).items():
        at = "0x" + dice.randbytes(20).hex()
        deployment = {"chainId": dice.randrange(1, 2**31), "contracts": {told["contract"]: at}}
        domain = {**told["domain"], "chainId": deployment["chainId"], "verifyingContract": at}
        for _ in range(SIGNED):
            message = {field["name"]: drawn(field["type"], dice) for field in told["types"][name]}
            signable = encode_typed_data(domain, told["types"], message)
            ours.append("0x" + _hash_eip191_message(signable).hex())
            spoken = {
                key: str(value) if isinstance(value, int) and value > 2**50 else value for key, value in message.items()
            }
            asked.append(json.dumps({"name": name, "deployment": deployment, "message": spoken}))

    run = subprocess.run(
        ["node", "digests.mjs"],
        cwd=project,
        input="\n".join(asked),
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )

    assert run.stdout.split() == ours


def test_the_node_signs_the_same_voucher(project: Path) -> None:
    node, model, client = (Address("0x" + byte * 20) for byte in ("11", "22", "33"))
    desk = Desk(31_337, Address("0x" + "44" * 20))
    ours = Voucher(Line(7, node, AssetId("0x" + "55" * 32), client), 1_000, 9).signed(desk)
    message = {"channel": 7, "node": node, "model": "0x" + "55" * 32, "client": client, "amount": 1_000, "calls": 9}
    deployment = {"chainId": 31_337, "contracts": {"ReflexDesk": desk.contract}}
    asked = json.dumps({"name": "Voucher", "deployment": deployment, "message": message})

    run = subprocess.run(["node", "digests.mjs"], cwd=project, input=asked, capture_output=True, text=True, check=True)

    assert model != node
    assert run.stdout.strip() == "0x" + ours.hex()


def test_every_message_a_contract_hashes_is_in_the_package(package: Path) -> None:
    permits = ROOT / "node_modules/@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol"
    sources = "".join(path.read_text("utf-8") for path in (*(ROOT / "contracts").rglob("*.sol"), permits))
    hashed = set(re.findall(r'keccak256\(\s*"([A-Z]\w*)\([a-z]\w* \w+[,)]', sources))

    assert hashed == set(messages(package))


def leaves(items: list[dict[str, Any]], above: str = "") -> Iterator[str]:
    for item in items:
        path = above + item["name"] + "".join(".[]" for _ in range(item["type"].count("[")))
        yield from leaves(item["components"], path + ".") if "components" in item else (path,)


def test_a_wallet_can_show_every_argument_of_every_function(package: Path) -> None:
    shown = 0
    for name, abi in abis():
        told = json.loads((package / "clear-signing" / f"{kebab(name)}.json").read_text("utf-8"))
        formats = {
            key.split("(")[0]: [field["path"] for field in said["fields"]]
            for key, said in told["display"]["formats"].items()
        }
        asked = [
            entry for entry in abi if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure")
        ]
        assert len(told["display"]["formats"]) == len(asked), name
        for entry in asked:
            if len([other for other in asked if other["name"] == entry["name"]]) == 1:
                assert formats[entry["name"]] == list(leaves(entry["inputs"])), (name, entry["name"])
                shown += 1
    assert shown > 100


def test_money_moments_and_accounts_are_shown_as_what_they_are(package: Path) -> None:
    told = json.loads((package / "clear-signing" / "reflex-desk.json").read_text("utf-8"))
    (opened,) = (said for key, said in told["display"]["formats"].items() if key.startswith("open("))
    kinds = {field["label"]: field["format"] for field in opened["fields"]}

    assert kinds == {
        "Node": "addressName",
        "Model": "raw",
        "Signer": "addressName",
        "Deposit": "tokenAmount",
        "Max price": "tokenAmount",
        "Until": "date",
    }


def evaluated(project: Path, script: str) -> subprocess.CompletedProcess[str]:
    command = ["node", "--input-type=module", "--eval", script]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def exported(project: Path, module: str) -> dict[str, Any]:
    script = f"import * as all from '@thenar/contracts/{module}'; console.log(JSON.stringify(all));"
    run = evaluated(project, script)
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_names_of_numbers_are_the_compilers_and_the_nodes(project: Path) -> None:
    sources = [path.read_text("utf-8") for path in sorted((ROOT / "contracts" / "types").glob("*.sol"))]
    enums = {name for source in sources for name in re.findall(r"^enum (\w+)", source, re.MULTILINE)}
    found = exported(project, "enums")

    assert enums | {"Purposes", "Roles", "Modality", "PlaceClass"} == set(found)
    assert found["Purposes"] == {one.name: one.value for one in Purpose} | {"ALL": sum(Purpose)}
    assert found["AssetKind"] == {one.name: one.value for one in AssetKind}
    assert found["Modality"] == {name.upper(): number for number, name in enumerate(MODALITIES, 1)}
    assert found["PlaceClass"] == {name.upper(): number for number, name in enumerate(("no_place", *FINEST))}
    assert {name: found[name] for name in enums} == members(sources)
    page = (ROOT / "docs" / "contracts.md").read_text("utf-8").split("## Numbers", 1)[1].split("\n## ")[0]
    told = {name: int(bit) for name, bit in re.findall(r"^\| `([A-Z_]+)` \| (\d+) \|", page, re.MULTILINE)}
    assert told == {one.name: one.value for one in Purpose}


def members(sources: list[str]) -> dict[str, dict[str, int]]:
    """What the compiler makes of every enumeration, from its syntax tree."""
    asked = {
        "language": "Solidity",
        "sources": {f"{number}.sol": {"content": source} for number, source in enumerate(sources)},
        "settings": {"stopAfter": "parsing", "outputSelection": {"*": {"": ["ast"]}}},
    }
    command = ["node", "scripts/solc.cjs", "--standard-json"]
    run = subprocess.run(command, cwd=ROOT, input=json.dumps(asked), capture_output=True, text=True, check=True)
    nodes = [node for told in json.loads(run.stdout)["sources"].values() for node in told["ast"]["nodes"]]
    return {
        node["name"]: {member["name"]: number for number, member in enumerate(node["members"])}
        for node in nodes
        if node["nodeType"] == "EnumDefinition"
    }


def test_every_error_of_every_contract_and_of_the_token_is_in_one_list(project: Path) -> None:
    told = exported(project, "errors")["errorsAbi"]
    folder = ROOT / "node" / "thenar" / "adapters" / "chain" / "abi"
    every = [entry for path in folder.glob("*.json") for entry in json.loads(path.read_text("utf-8"))["abi"]]
    wanted = {json.dumps(entry) for entry in every if entry["type"] == "error"}

    assert {json.dumps(entry) for entry in told} == wanted
    assert len(told) == len(wanted)
    assert {"ERC20InsufficientAllowance", "ERC2612InvalidSigner", "Ledger_NotEnough"} <= {one["name"] for one in told}


def test_every_module_says_what_documents_it_and_what_its_functions_do(package: Path) -> None:
    for name, _ in abis():
        remark = (package / f"{kebab(name)}.d.ts").read_text("utf-8").split("*/")[0]
        documented = re.search(r"Documented in full in (\S+)\.$", remark, re.MULTILINE)
        assert documented and (ROOT / documented[1]).is_file(), name
    remark = (package / "license-desk.d.ts").read_text("utf-8").split("*/")[0]
    assert "- `closeOffer`: Takes the offer of a whole file, or of a part, back." in remark


def test_the_page_lists_every_message_with_a_function_that_is_there(package: Path) -> None:
    functions = {(name, entry["name"]) for name, abi in abis() for entry in abi if entry["type"] == "function"}
    page = (ROOT / "sdk" / "README.md").read_text("utf-8").split("## Messages", 1)[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| .+ \| (.+) \|$", page, re.MULTILINE)

    assert {message: contract for message, contract, _ in rows} == {
        name: told["contract"] for name, told in messages(package).items()
    }
    for message, _, takes in rows:
        named = re.findall(r"`(\w+)\.(\w+)`", takes)
        assert named and set(named) <= functions, message


def test_a_deployment_file_is_read_whole_or_refused_in_words(project: Path) -> None:
    names = [name for name, _ in abis()]
    at = "0x" + "11" * 20
    whole = {
        "chainId": 31_337, "block": 0, "token": at, "decimals": 6,
        "contracts": {name: {"address": at, "abiHash": "0x"} for name in names},
    }  # fmt: skip
    wrong: list[tuple[Any, str]] = [
        ("{", "is no JSON"),
        (None, "names no chain"),
        ({}, "names no chain"),
        ({**whole, "chainId": "31337"}, "names no chain"),
        ({"chainId": 1}, "names no contracts"),
        ({**whole, "block": None}, "names no block"),
        ({**whole, "block": -1}, "names no block"),
        ({**whole, "decimals": 256}, "names no digits"),
        ({**whole, "token": at[:-1]}, "gives token no address"),
    ]
    for name in names:
        wrong.append(({**whole, "contracts": {**whole["contracts"], name: {}}}, f"gives {name} no address"))
    script = f"""
        import {{ readDeployment }} from '@thenar/contracts/deployment';
        const told = (file) => {{ try {{ return readDeployment(file); }} catch (error) {{ return error.message; }} }};
        console.log(JSON.stringify({json.dumps([whole, json.dumps(whole), *(file for file, _ in wrong)])}.map(told)));
    """
    run = evaluated(project, script)
    assert run.returncode == 0, run.stderr
    parsed, spoken, *said = json.loads(run.stdout)

    assert parsed == spoken == {**whole, "contracts": dict.fromkeys(names, at)}
    for (_, what), words in zip(wrong, said, strict=True):
        assert what in words and "thenar devnet" in words


def test_the_page_says_from_where_each_contract_takes_money() -> None:
    page = (ROOT / "docs" / "frontend.md").read_text("utf-8")
    (wallet,) = re.findall(r"^\| the caller's wallet \|(.+)\|.+\|$", page, re.MULTILINE)
    (account,) = re.findall(r"^\| the account on the Ledger.*? \|(.+)\|.+\|$", page, re.MULTILINE)
    sources = {path.stem: path.read_text("utf-8") for path in (ROOT / "contracts").glob("*.sol")}
    functions = {(name, entry["name"]) for name, abi in abis() for entry in abi if entry["type"] == "function"}
    asked = {"OmissionCourt": "RevenueGraph"}  # it locks the bond of whoever publishes a payout there

    for told, call in ((wallet, "_ledger.collect("), (account, "_ledger.lock(")):
        named = set(re.findall(r"`(\w+)\.(\w+)`", told))
        takers = {asked.get(name, name) for name, source in sources.items() if call in source}
        assert named <= functions
        assert {contract for contract, _ in named} == takers
