"""The entry of the ``thenar`` command, kept light: what needs a whole node is handed over to ``cli.full``."""

from __future__ import annotations

import os
import sys

import typer

from thenar import __version__
from thenar.cli import (
    account,
    bounty,
    capture,
    device,
    duty,
    early,
    epoch,
    infer,
    job,
    keeper,
    license_,
    live,
    mark,
    model,
    node,
    outcome,
    preview,
    revenue,
    runs,
    settings,
    storage,
    terms,
    work,
)

EXIT_CODES = """Exit codes: 0 done · 1 a bug · 2 bad input or usage · 3 not found · 4 configuration or precondition ·
5 unhealthy · 6 a dependency did not answer · 7 the chain refused · 8 not enough funds · 9 keyring locked ·
10 too late · 11 a hash disagrees · 12 conflict · 41 to 50 a step of the demo · 130 interrupted."""

app = typer.Typer(
    name="thenar",
    help="Own what you capture, license it fairly, be paid for what learns from it.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
node.add_to(app)
runs.register(capture.app, job.app)
app.add_typer(capture.app, name="capture", help="Recordings: score, add, list, show, fetch, approve, trace, withdraw.")
app.add_typer(device.app, name="device", help="What records: add, list, retire.")
app.add_typer(model.app, name="model", help="Derived assets, such as models: add, exclusions, acknowledge, bind.")
app.add_typer(terms.app, name="terms", help="What licenses allow: write, list, join.")
app.add_typer(license_.app, name="license", help="Licenses: offer, buy, give, list, check, expiry, close, revoke.")
app.add_typer(keeper.app, name="keeper", help="Who else may deliver your keys: appoint, list.")
app.add_typer(live.app, name="live", help="Live streams: open, subscribe, topup, stop, collect, list.")
app.add_typer(
    infer.app, name="infer", help="Inference near robots: serve, stop, offers, list, topup, close, redeem, bench."
)
app.add_typer(bounty.app, name="bounty", help="Captures that are missing: post, list, gaps, answer, settle, challenge.")
app.add_typer(job.app, name="job", help="Work for other machines: template, post, list, show, fetch, cancel, house.")
app.add_typer(work.app, name="work", help="Lend this machine: enable, disable, status.")
app.add_typer(storage.app, name="storage", help="Keep files for others: replicate, list, take, drop, show, retire.")
app.add_typer(epoch.app, name="epoch", help="Rewards for contributions: list, build, verify, claim, pay, judge.")
app.command("earnings")(epoch.earnings)
app.add_typer(revenue.app, name="revenue", help="Income: pay, link, publish, omission, roll, claim, show, withdraw.")
app.add_typer(account.app, name="account", help="The Ledger account: deposit, withdraw, show.")
app.add_typer(preview.app, name="preview", help="Look at some chunks before paying: challenge, list, show.")
app.add_typer(mark.app, name="mark", help="Copies that can be traced: make, accept, recall, claim, list.")
app.add_typer(duty.app, name="duty", help="What the node must still do: list, retry.")
app.add_typer(settings.app, name="config", help="Settings: show, template, schema, answers.")


HEAVY = {
    "init": "Make a data directory: keys under a password, and a commented settings file.",
    "up": "Make the keys and settings that lack, then run the node; with --devnet on a local chain of its own.",
    "run": "Run the node until interrupted: follow the chain, serve blocks, deliver keys, settle sales.",
    "doctor": "Check what a node needs, and say what to do; with --fix, do it. Exit 5 when something is wrong.",
    "support-bundle": "Write what somebody who helps needs to know, with secrets taken out.",
    "backup": "Back a node up, also while it runs: keys, journal, settings, and with --store its blocks.",
    "restore": "Make a data directory out of a backup; with --drill, only try whether that would work.",
    "keys": "The keys: audit whether the password opens them; write down or take in what they signed.",
    "demo": "Run the main job for real: a fair sale and a caught cheat; or `demo compute`, `demo reflex`.",
    "devnet": "Start a local chain with the contracts deployed, until interrupted.",
    "cheat": "Run a node that delivers wrong keys until interrupted, to see it caught; local chains only.",
}
"""Commands that import the whole node: they run in ``cli.full``, which takes this process over."""
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def _hand_over(context: typer.Context) -> None:
    words = [sys.executable, "-m", "thenar.cli.full", str(context.info_name), *context.args]
    early.hold_back()
    os.execv(sys.executable, words)


for _name, _help in HEAVY.items():
    app.command(_name, help=_help, context_settings=PASSED_ON)(_hand_over)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"thenar {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Print the version."),
) -> None:
    pass


def main() -> None:
    """Run the command line and exit with a documented code."""
    sys.exit(outcome.run(app, sys.argv[1:]))
