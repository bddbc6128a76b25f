"""A fleet on a terminal.

In:       rows.
Out:      a table, and one sentence.
Failure:  none.
"""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .row import Row

WIDE = 200  # columns of a file or a pipe
COLUMNS = ("repository", "owner", "template", "behind", "passed", "musts failing", "waivers", "last activity")


def show(rows: Sequence[Row], console: Console) -> None:
    """Print the table; whole names where nobody sits before it."""
    if not console.is_terminal:
        console.width = WIDE
    table = Table(*COLUMNS, box=None, pad_edge=False, header_style="bold")
    for each in rows:
        bad = each.problem or each.rules("failed", "must")
        table.add_row(*map(Text, _cells(each)), style="red" if bad else "")
    console.print(table)
    console.print(headline(rows), highlight=False, markup=False)


def _cells(row: Row) -> list[str]:
    if row.problem:
        return [row.name, "", "", "", "NOT RUN", row.problem, "", ""]
    waivers = row.review.waivers if row.review else ()
    return [
        row.name,
        row.owner or "-",
        row.template or "-",
        row.behind or "-",
        f"{len(row.rules('passed'))}/{row.asked}",
        " ".join(each.rule for each in row.rules("failed", "must")) or "-",
        f"{len(waivers)}, until {row.expires}" if waivers else "-",
        row.last_activity or "-",
    ]


def headline(rows: Sequence[Row]) -> str:
    """As `40 repositories: in 3 a must fails, 1 could not be reviewed.`"""
    failing = sum(bool(each.rules("failed", "must")) for each in rows)
    problems = sum(bool(each.problem) for each in rows)
    text = f"{len(rows)} {'repository' if len(rows) == 1 else 'repositories'}: in {failing} a must fails"
    return f"{text}, {problems} could not be reviewed (NOT RUN)." if problems else f"{text}."
