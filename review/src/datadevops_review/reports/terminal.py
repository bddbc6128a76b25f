"""A review for people at a terminal.

In:       a review, a console.
Out:      what fails, with places and remedy, then what was not run and what is waived, then one sentence.
Failure:  none.
"""

from rich.console import Console
from rich.text import Text

from ..verdict import FAMILIES, Result, Review
from .summary import headline

SHOWN = 5  # findings of a rule; the others are counted
COLOURS = {"must": "bold red", "should": "yellow", "not run": "magenta", "waived": "cyan", "passed": "green"}


def show(review: Review, console: Console, everything: bool = False) -> None:
    """Print the review; with `everything`, also the rules that pass and those that do not apply."""
    told = {"failed", "not run", "waived"} | ({"passed", "not applicable"} if everything else set())
    family = ""
    for result in review.results:
        if result.state not in told:
            continue
        if result.family != family:
            family = result.family
            _print(console, f"{FAMILIES.get(family, 'The organisation')}", "bold")
        _rule(result, console)
    for warning in review.warnings:
        _print(console, f"warning: {warning}", "yellow")
    _print(console, f"{review.name}: {headline(review)}", "bold")


def _rule(result: Result, console: Console) -> None:
    word = result.level if result.state == "failed" else result.state
    colour = COLOURS.get(word, "dim")
    line = Text.assemble(("  " + result.rule, "bold"), " ", (word, colour), " ", result.sentence)
    console.print(line, soft_wrap=True)
    for finding in result.findings[:SHOWN]:
        _print(console, f"      {finding}")
    if len(result.findings) > SHOWN:
        _print(console, f"      and {len(result.findings) - SHOWN} more; `--format json` lists all")
    if result.reason:
        _print(console, f"      {result.reason}", "dim")
    if result.state == "failed":
        _print(console, f"      -> {result.remedy} {result.url}".rstrip(), "dim")


def _print(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True)
