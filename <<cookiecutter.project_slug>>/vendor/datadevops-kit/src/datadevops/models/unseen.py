"""Which of the newest rows are new to the champion too?

In:       the facts of the champion and of the candidate, see `training`.
Out:      why the champion knows rows that are held out now; from which day on it has learnt none.
Failure:  none. Of a version that does not record how its rows were split, nothing is said.
"""

from collections.abc import Mapping
from typing import Any

Facts = Mapping[str, Any]


def other_split(champion: Facts, candidate: Facts) -> str:
    """How the champion's rows were split, if otherwise than those of the candidate; else empty. Then rows are
    held out now that it has learnt, and it looks better than it is."""
    then, now = _split(champion), _split(candidate)
    if then is None or then == now:
        return ""
    return f"the champion was split by {then}, so it knows rows that are held out now"


def newer_than(champion: Facts, candidate: Facts) -> str | None:
    """The first day of which the champion has learnt nothing, if it is after the candidate's; else None: rows
    that were held out may be learnt later, but not the other way round."""
    theirs, mine = champion["newest_from"], candidate["newest_from"]
    return theirs if theirs and mine and theirs > mine else None


def _split(facts: Facts) -> str | None:
    """By what the rows were split, as a reader knows it; None if it is not recorded."""
    if facts["newest_from"]:
        return f"time ({facts['time']})" if "time" in facts else None
    return ", ".join(facts["split_by"]) if "split_by" in facts else None
