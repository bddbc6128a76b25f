"""The command that explains an error by its id."""

import re
from importlib.resources import files
from typing import Annotated

import typer

from ..errors import SettingsError, for_command, nearest
from .options import product_of

HEADING = re.compile(r"^#{2,3} (.*)$", re.MULTILINE)


def paragraphs() -> dict[str, str]:
    """The paragraphs of errors.md, by error id."""
    text = files("datadevops").joinpath("errors.md").read_text(encoding="utf-8")
    _, *parts = HEADING.split(text)
    found = dict(zip(parts[::2], parts[1::2], strict=True))
    return {name: about.strip() for name, about in found.items() if re.fullmatch("[A-Z]{2}[0-9]{3}", name)}


def explain(
    context: typer.Context,
    error: Annotated[str, typer.Argument(metavar="ID", help="As an error message shows it: DQ006.")],
) -> None:
    """Explain an error: what it means, and what to do.

    \b
    Example:    COMMAND explain DQ006
    Exit code:  0 shown; 2 there is no such error
    """
    known = paragraphs()
    if error.upper() not in known:
        raise SettingsError("CF011", f"there is no error {error!r}", nearest(error.upper(), known))
    print(for_command(f"{error.upper()}\n\n{known[error.upper()]}", product_of(context).command))
