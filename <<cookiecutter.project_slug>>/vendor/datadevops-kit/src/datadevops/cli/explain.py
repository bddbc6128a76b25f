"""The command that explains: an error by its id, or the product."""

import re
from importlib.resources import files
from typing import Annotated

import typer

from ..errors import SettingsError, for_command, nearest
from .options import product_of, settings_of

HEADING = re.compile(r"^#{2,3} (.*)$", re.MULTILINE)


def paragraphs() -> dict[str, str]:
    """The paragraphs of errors.md, by error id."""
    text = files("datadevops").joinpath("errors.md").read_text(encoding="utf-8")
    _, *parts = HEADING.split(text)
    found = dict(zip(parts[::2], parts[1::2], strict=True))
    return {name: about.strip() for name, about in found.items() if re.fullmatch("[A-Z]{2}[0-9]{3}", name)}


def explain(
    context: typer.Context,
    error: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="As an error message shows it: DQ006.")
    ] = None,
) -> None:
    """Explain an error: what it means, and what to do. Without an id, the product on one page of Markdown.

    \b
    Example:    COMMAND explain DQ006
                COMMAND explain > product.md
    Exit code:  0 shown; 2 there is no such error, or a contract, the SQL or ops/slo.yaml cannot be used
    """
    if error is None:
        from ..catalog import one_page

        return print(one_page.of(product_of(context), settings_of(context).home), end="")
    known = paragraphs()
    if error.upper() not in known:
        raise SettingsError("CF011", f"there is no error {error!r}", nearest(error.upper(), known))
    print(for_command(f"{error.upper()}\n\n{known[error.upper()]}", product_of(context).command))
