"""``thenar infer``: answer with a model near robots, or hire nodes that do."""

from __future__ import annotations

from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)

ModelArgument = Annotated[str, typer.Argument(help="Asset id of the model.")]
ChannelArgument = Annotated[int, typer.Argument(help="Number of the channel, as `thenar infer list` shows it.")]


@app.command()
def serve(
    model: ModelArgument,
    price: Annotated[str, typer.Option(help="Price of 1,000 calls, such as 0.05.")],
    stake: Annotated[str, typer.Option(help="Stake bound to it, from the node's free stake.")] = "1",
    share: Annotated[
        str | None, typer.Option(help="The model's share of income; what its terms ask when left out.")
    ] = None,
    batch: Annotated[int, typer.Option(help="Rows run at once, always: more robots at the price of latency.")] = 1,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Answer with an ONNX policy you own or licensed. Example: `thenar infer serve 0x… --price 0.05`."""
    shared = common(data, as_json, password_file)
    call(shared, "infer.serve", model=model, price=price, stake=stake, share=share, batch=batch)


@app.command()
def stop(
    model: ModelArgument, data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None
) -> None:
    """Answer with a model no longer. Example: `thenar infer stop 0x…`."""
    call(common(data, as_json, password_file), "infer.stop", model=model)


@app.command()
def offers(
    model: ModelArgument,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Show who offers to answer with a model. Example: `thenar infer offers 0x… --json`."""
    call(common(data, as_json, password_file), "infer.offers", model=model)


@app.command("list")
def list_(data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None) -> None:
    """List what you serve, and your channels on either side. Example: `thenar infer list --json`."""
    call(common(data, as_json, password_file), "infer.list")


@app.command()
def topup(
    channel: ChannelArgument,
    amount: Annotated[str, typer.Argument(help="What to add to the deposit, such as 5.00.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Add to a channel's deposit. Example: `thenar infer topup 1 5.00`."""
    call(common(data, as_json, password_file), "infer.topup", channel=channel, amount=amount)


@app.command()
def close(
    channel: ChannelArgument, data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None
) -> None:
    """End a channel: a client after the exit window, its node at once. Example: `thenar infer close 1`."""
    call(common(data, as_json, password_file), "infer.close", channel=channel)


@app.command()
def redeem(
    channel: ChannelArgument, data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None
) -> None:
    """Draw what a channel's best voucher says, when that is worth its gas. Example: `thenar infer redeem 1`."""
    call(common(data, as_json, password_file), "infer.redeem", channel=channel)


@app.command()
def bench(
    model: ModelArgument,
    rate: Annotated[int, typer.Option(help="Calls a second: the control loop's rate.")] = 50,
    seconds: Annotated[int, typer.Option(help="How long.")] = 5,
    nodes: Annotated[int, typer.Option(help="Nodes to keep lines to; the second is asked when the first is late.")] = 2,
    deposit: Annotated[str, typer.Option(help="Left in a channel to each node.")] = "1",
    max_price: Annotated[str, typer.Option(help="Most that 1,000 calls may cost.")] = "1",
    lasts: Annotated[int, typer.Option(help="Seconds a new channel lasts.")] = 600,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Hire nodes and measure them as a robot would. Example: `thenar infer bench 0x… --rate 50 --seconds 5`."""
    call(
        common(data, as_json, password_file),
        "infer.bench",
        model=model,
        rate=rate,
        seconds=seconds,
        nodes=nodes,
        deposit=deposit,
        max_price=max_price,
        lasts=lasts,
    )


@app.command()
def check(
    model: ModelArgument,
    calls: Annotated[int, typer.Option(help="Calls to each node, at most 32.")] = 16,
    nodes: Annotated[int, typer.Option(help="Nodes to check.")] = 2,
    challenge: Annotated[bool, typer.Option(help="Hold a wrong answer against its node at once, with a bond.")] = False,
    deposit: Annotated[str, typer.Option(help="Left in a channel to each node.")] = "1",
    max_price: Annotated[str, typer.Option(help="Most that 1,000 calls may cost.")] = "1",
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Hire nodes and hold their answers against a model you own or licensed. Example: `thenar infer check 0x…`."""
    call(
        common(data, as_json, password_file),
        "infer.check",
        model=model,
        calls=calls,
        nodes=nodes,
        challenge=challenge,
        deposit=deposit,
        max_price=max_price,
    )


@app.command("challenge")
def challenge_(
    evidence: Annotated[str, typer.Argument(help="What `thenar infer check` found, by its name.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Bring a wrong answer before the court, with a bond. Example: `thenar infer challenge 5be1…`."""
    call(common(data, as_json, password_file), "infer.challenge", evidence=evidence)


@app.command()
def judge(
    model: ModelArgument,
    seats: Annotated[int, typer.Option(help="How many seats; each binds stake.")] = 1,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Judge disputed calls of a model you own or licensed, for fees. Example: `thenar infer judge 0x… --seats 1`."""
    call(common(data, as_json, password_file), "infer.judge", model=model, seats=seats)
