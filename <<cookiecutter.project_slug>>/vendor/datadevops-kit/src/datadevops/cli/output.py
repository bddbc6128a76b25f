"""How results and progress are shown."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn


def show(facts: Any, as_json: bool, text: str) -> None:
    """Print `text`, or the facts as JSON."""
    if as_json:
        plain = json.loads(json.dumps(facts), parse_constant=lambda _: None)  # JSON knows no NaN
        text = json.dumps(plain, indent=1)
    print(text)


def warn(text: str) -> None:
    """On stderr; in a pipeline of GitHub or Azure in their words: they show it, though the job is green."""
    marks = {"GITHUB_ACTIONS": "::warning::", "TF_BUILD": "##vso[task.logissue type=warning]"}
    mark = next((mark for name, mark in marks.items() if os.environ.get(name)), "warning: ")
    print(mark + text, file=sys.stderr)


def facts_text(facts: Mapping[str, Any]) -> str:
    """One fact per line, after its name."""
    return "\n".join(f"{name:12} {fact}" for name, fact in facts.items())


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """The rows as text with aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


@contextmanager
def progress() -> Iterator[Callable[..., None]]:
    """Show the current step and its rows done, on a terminal; show nothing in a pipe."""
    console, text = Console(stderr=True), TextColumn("{task.description}")
    shown = console.is_terminal and sys.stderr.isatty()  # FORCE_COLOR alone makes no terminal of a log
    with Progress(text, BarColumn(), console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task("start", total=None)

        def step(name: str, rows: int = 0, of: int | None = None) -> None:
            bar.advance(task, rows)
            done = bar.tasks[task]
            rate = f": {done.completed:,.0f} rows, {done.completed / (done.elapsed or 1):,.0f} per second"
            bar.update(task, description=name + rate * bool(done.completed), total=of)

        yield step
