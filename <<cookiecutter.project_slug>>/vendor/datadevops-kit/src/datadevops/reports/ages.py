"""How old what the newest run took from each source is now.

In:       the folder of the store, the time.
Out:      by source: the time of its newest row, or when its file arrived if rows have no time; its age.
Failure:  none: before the first run, and if its report is damaged, nothing is known.
"""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import StoreError
from ..store.versions import Store


def of_sources(root: Path, now: datetime) -> dict[str, dict[str, Any]]:
    """`newest` (ISO 8601, UTC) and `age_seconds` of each source."""
    reports = Store(root / "reports")
    for name in reports.versions()[:1]:
        with suppress(StoreError):
            sources = reports.about(name).facts["sources"]
            known = {source: each["newest"] or each["arrived_at"] for source, each in sources.items()}
            return {
                source: {"newest": at, "age_seconds": round(since(at, now))}
                for source, at in known.items()
                if at
            }
    return {}


def since(at: str, now: datetime | str) -> float:
    """Seconds from one time to another, in ISO 8601; without a zone they are in UTC.

    >>> since("2026-01-01", "2026-01-02T00:00:30+00:00")
    86430.0
    """
    return max(0.0, (moment(str(now)) - moment(at)).total_seconds())


def moment(at: str) -> datetime:
    """A time in ISO 8601; without a zone it is in UTC.

    >>> moment("2026-01-01").isoformat()
    '2026-01-01T00:00:00+00:00'
    """
    found = datetime.fromisoformat(at)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def shown(seconds: float) -> str:
    """A time span as people say it.

    >>> shown(1800), shown(7_200), shown(400_000)
    ('30 min', '2 h', '4 days')
    """
    hours = seconds / 3600
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{int(hours)} h" if hours < 48 else f"{hours // 24:,.0f} days"


def line(ages: dict[str, dict[str, Any]]) -> str:
    """The age of each source, for a line.

    >>> line({"weather": {"newest": "2026-01-01", "age_seconds": 7_200}})
    'weather 2 h old'
    """
    return ", ".join(f"{source} {shown(each['age_seconds'])} old" for source, each in ages.items())
