"""The page of the command line.

In:       the command line of the kit for each type of product.
Out:      a page: what each command does, its arguments and options, an example, its exit codes.
"""

from collections.abc import Iterator
from typing import Any

KINDS = {"rain-forecast": "model-service", "rain-statistics": "data-pipeline"}
HEAD = """\
<!-- Made by tools/make_reference.py from the kit's command line. Do not edit. -->
# Command line of a product

Type `uv run` and the name of the product in front, as in `uv run rain-forecast run`; each command shows
the same with `--help`. `--version` shows the versions of product and kit. A team adds commands of its
own in its `cli.py`.

Exit codes have one meaning everywhere: 0 done, 1 a limit of the product was not kept, 2 the input cannot
be used, 3 NOT RUN, which is not green, 130 or 143 stopped by Ctrl-C or by SIGTERM. [Errors](errors.md)
explains each id.
"""


def page() -> str:
    """The text of the page."""
    lines = dict(_tree("rain-forecast")), dict(_tree("rain-statistics"))
    text = HEAD
    for name in sorted({*lines[0], *lines[1]}):
        service, pipeline = (each.get(name) for each in lines)
        if service and pipeline and service.replace("rain-forecast", "rain-statistics") != pipeline:
            text += (
                f"\n## {name}, of a model service\n\n{service}\n## {name}, of a data pipeline\n\n{pipeline}"
            )
        else:
            kind = (
                ""
                if service and pipeline
                else f"Only of a {'model service' if service else 'data pipeline'}. "
            )
            text += f"\n## {name}\n\n{kind}{service or pipeline}"
    return text


def _tree(command: str) -> Iterator[tuple[str, str]]:
    """Each command with its section."""
    import typer  # here: doctests import this file where the kit is not installed
    from datadevops import Product, cli

    kind: Any = KINDS[command]
    product = Product(command.replace("-", "_"), title=command, kind=kind)
    yield from _leaves(typer.main.get_command(cli.application(product)), "")


def _leaves(command: Any, name: str) -> Iterator[tuple[str, str]]:
    if hasattr(command, "commands"):
        for word, each in command.commands.items():
            yield from _leaves(each, f"{name} {word}".strip())
    else:
        yield name, _section(command)


def _section(command: Any) -> str:
    import typer

    about, _, usage = command.help.replace("\b", "").partition("Example:")
    context = typer.Context(command)
    rows = [_row(*record) for each in command.params if (record := each.get_help_record(context))]
    table = "| | |\n|---|---|\n" + "".join(rows) + "\n" if rows else ""
    return f"{' '.join(about.split())}\n\n{table}```text\nExample:{usage.rstrip()}\n```\n"


def _row(names: str, about: str) -> str:
    named = names if names.startswith("-") else names.partition(" <")[0]  # an argument says enough
    cells = (f"`{named}`", " ".join(about.split()))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"
