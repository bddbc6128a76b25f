"""The command about the contracts of other teams that sources are pinned to."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ContractError, NotRunError, counted, nearest
from .options import Json, product_of
from .output import show, warn

if TYPE_CHECKING:
    from ..upstream.verdict import Verdict


def upstream(
    context: typer.Context,
    tables: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Default: all.")] = None,
    pin: Annotated[bool, typer.Option("--pin", help="Take over what is there now.")] = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait for all of them together.")] = 10,
    as_json: Json = False,
) -> None:
    """Have the contracts changed that sources come with? Asks the addresses that these name.

    A source names one in authoritativeDefinitions; `COMMAND explain CT040` shows how. With --pin, its digest
    is written there, and a copy goes to contracts/upstream/.

    \b
    Example:    COMMAND contract upstream
                COMMAND contract upstream --pin SOURCE
    Exit code:  0 shown, with warnings for those that have drifted or cannot be reached; 2 an entry cannot be
                used; 3 one cannot be reached, if its SOURCE was named, or with --pin
    """
    from ..upstream import answers, pinned
    from ..upstream.declared import declared
    from ..upstream.verdict import digest, incomparable, verdict

    known = declared(product_of(context).contracts)
    for name in tables or []:
        if name not in known:
            text = f"no source {name!r} names an upstream contract"
            raise ContractError("CT040", text, nearest(name, known))
    wanted = {name: each for name, each in known.items() if name in (tables or known)}
    given = answers.of([each for each in wanted.values() if pin or each.digest], timeout)
    if pin:
        for name, answer in given.items():
            if isinstance(answer, bytes):
                pinned.pin(wanted[name], answer)
                print(f"{name}: pinned to sha256:{digest(answer)} of {wanted[name].shown}")
                if why := incomparable(answer):
                    warn(f"{name}: a later change will have no name: {why}")
    else:
        verdicts = [verdict(each, given.get(name)) for name, each in wanted.items()]
        text = "\n".join(map(_text, verdicts)) or "no contract of a source names an upstream contract"
        show([asdict(each) for each in verdicts], as_json, text)
        _warn(verdicts, product_of(context).command)
    silent = {name: answer for name, answer in given.items() if isinstance(answer, str)}
    if silent and (tables or pin):
        lines = [f"{name}: {wanted[name].shown}: {why}" for name, why in silent.items()]
        text = "\n  ".join(["NOT RUN: upstream contracts cannot be reached", *lines])
        raise NotRunError("CT041", text, "ask again later, or correct the url")


def _text(verdict: "Verdict") -> str:
    state = verdict.state if verdict.state in ("unchanged", "unpinned") else verdict.state.upper()
    lines = [f"{verdict.table}: {state}: {verdict.place}", *(f"  {change}" for change in verdict.changes)]
    return "\n".join(lines + [f"  {verdict.why}"] * bool(verdict.why))


def _warn(verdicts: list["Verdict"], command: str) -> None:
    """A line for each state that somebody should look at."""
    for state, todo in {
        "drifted": "read what has changed, adapt the contract of the source, then pin it again",
        "unreachable": "NOT RUN, so nobody knows whether it has changed",
        "unpinned": f"`{command} contract upstream --pin` pins it",
    }.items():
        if names := [each.table for each in verdicts if each.state == state]:
            what = counted(len(names), "upstream contract")
            warn(f"{what} {state} ({', '.join(names)}): {todo}")
