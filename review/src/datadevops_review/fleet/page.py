"""A fleet as one HTML page for a weekly meeting: sorted and filtered in the browser, without anything else.

In:       rows, the time of the review.
Out:      a page.
Failure:  none.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from ..reports.html_page import ENVIRONMENT
from ..verdict import Result
from .row import Row
from .table import headline

SOON = timedelta(days=30)  # a waiver that ends until then is marked
OFTEN = 10  # rules in the list of what fails most


def render(rows: Sequence[Row], now: datetime) -> str:
    failing = [each for row in rows for each in row.rules("failed")]
    waivers = [(row, waiver) for row in rows for waiver in (row.review.waivers if row.review else ())]
    page = ENVIRONMENT.get_template("fleet.html.j2")
    return (
        page.render(
            rows=rows,
            headline=headline(rows),
            now=now,
            owners=sorted({row.owner for row in rows if row.owner}),
            often=often(failing),
            waivers=sorted(waivers, key=lambda each: (each[1].until, each[0].name)),
            soon=now.date() + SOON,
        )
        + "\n"
    )


def often(failing: Sequence[Result]) -> list[tuple[Result, int]]:
    """The rules that fail most often, musts first where two fail equally often."""
    by_rule = {each.rule: each for each in failing}
    counted = Counter(each.rule for each in failing)
    order = sorted(counted, key=lambda each: (-counted[each], by_rule[each].level, each))
    return [(by_rule[each], counted[each]) for each in order[:OFTEN]]
