"""The command `datadevops-review fleet`.

In:       words of the command line.
Out:      a table on stdout; a page and facts in files.
Failure:  exit code 1 if a must fails, 2 for unusable input, 3 if a repository could not be reviewed.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from ..options import add_standard, choice, parser, write
from . import facts, page, table
from .many import rows
from .repositories import named

MOST_PROCESSES = 8
EXAMPLE = """exit codes: 0 all musts hold, 1 one fails, 2 unusable input, 3 NOT RUN: one was not reviewed

example: datadevops-review fleet ../products --html fleet.html"""


def fleet(words: Sequence[str]) -> int:
    """Review many repositories."""
    asked = parser("datadevops-review fleet", "One table over many repositories. Reads only.", EXAMPLE)
    paths = "repositories, folders of repositories, or files that list them, one on a line"
    asked.add_argument("paths", nargs="+", type=Path, metavar="PATH", help=paths)
    asked.add_argument("--html", type=Path, metavar="FILE", help="write a page for a meeting")
    asked.add_argument("--json", type=Path, metavar="FILE", help="write facts for Backstage")
    few = min(os.cpu_count() or 1, MOST_PROCESSES)
    asked.add_argument("--processes", type=int, default=few, metavar="N", help=f"default: {few}")
    add_standard(asked)
    compare = "render each product from --template and compare (DD415); takes seconds for each"
    asked.add_argument("--compare", action="store_true", help=compare)
    options = asked.parse_args(words)
    chosen, found = choice(options), named(options.paths)
    now = datetime.now(UTC)
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("reviewing", total=len(found))
        reviewed = rows(found, chosen, options.processes, lambda: progress.advance(task))
    table.show(reviewed, Console(highlight=False))
    for path, text in ((options.html, page.render), (options.json, facts.render)):
        if path:
            write(text(reviewed, now), path)
    if any(each.rules("failed", "must") for each in reviewed):
        return 1
    return 3 if any(each.problem for each in reviewed) else 0
