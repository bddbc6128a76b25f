"""A review as Markdown, for the summary of a pipeline.

In:       a review.
Out:      a table of what fails, what was not run and what is waived; the rest is counted.
Failure:  none.
"""

from ..verdict import Result, Review
from .summary import headline

SHOWN = 5  # findings of a rule; the others are counted


def render(review: Review) -> str:
    lines = [f"## Review of {_plain(review.name)}", "", headline(review), ""]
    lines += [f"- {each}" for each in review.warnings] + ([""] if review.warnings else [])
    told = [each for each in review.results if each.state in ("failed", "not run", "waived")]
    if told:
        lines += ["| rule | | what is wrong | what to do |", "|---|---|---|---|", *map(_row, told), ""]
    return "\n".join(lines)


def _row(result: Result) -> str:
    name = f"[{result.rule}]({result.url})" if result.url else result.rule
    state = result.level if result.state == "failed" else result.state
    found = [_plain(str(each)) for each in result.findings[:SHOWN]]
    if len(result.findings) > SHOWN:
        found.append(f"and {len(result.findings) - SHOWN} more")
    cells = [name, state, "<br>".join([_plain(result.sentence), *found]), _plain(result.remedy or "")]
    if result.reason:
        cells[2] += f"<br>{_plain(result.reason)}"
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """The text in one cell; what looks like HTML stays text."""
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
