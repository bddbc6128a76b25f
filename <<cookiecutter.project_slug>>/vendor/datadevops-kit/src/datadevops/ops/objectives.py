"""Objectives as values, and the PromQL that measures them.

In:       what ops/slo.yaml says (`slo.load` reads it).
Out:      `Objectives`; PromQL for the good and bad events of an objective.
Failure:  none.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..telemetry.run_metrics import SOURCE_NEWEST

SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}")
MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')
CURRENT = "5m"  # the window of the current burn rate
Metrics = Mapping[str, Mapping[str, Collection[str]]]  # name -> label -> possible values; empty: any


class Burn(NamedTuple):
    """Two windows. The alert fires while the budget burns too fast in both: the long one shows that it
    matters, the short one that it still goes on."""

    long: str
    short: str
    hours: int  # length of the long window
    share: float  # of the budget, 0 to 1, that is spent in the long window

    @property
    def daily(self) -> float:
        """The same speed as a number of budgets a day.

        >>> Burn("1h", "5m", 1, 0.02).daily
        0.48
        """
        return round(self.share * 24 / self.hours, 4)

    def factor(self, days: int) -> float:
        """How many times faster than allowed the budget of so many days burns.

        >>> Burn("1h", "5m", 1, 0.02).factor(30)
        14.4
        """
        return round(self.daily * days, 3)


# https://sre.google/workbook/alerting-on-slos/, table 5-8
BURNS = {
    "fast": (Burn("1h", "5m", 1, 0.02), Burn("6h", "30m", 6, 0.05)),
    "slow": (Burn("1d", "2h", 24, 0.10), Burn("3d", "6h", 72, 0.10)),
}


@dataclass(frozen=True)
class Objective:
    """A share of events that must be good (`total`, and `bad` or `good`), or a limit that a value must keep
    (`query`, `limit`)."""

    name: str  # such as "data-quality"
    title: str
    target: float  # share of good events or of good minutes, 0 to 1
    days: int  # over which the target holds
    annotations: Mapping[str, str]  # which alerts there are, and how severe
    total: str = ""  # selector of a counter of all events
    bad: str = ""  # selector of a counter of the bad ones; or `good`
    good: str = ""
    query: str = ""  # PromQL of a value that must be at most `limit`
    limit: float = 0

    @property
    def budget(self) -> float:
        return round(1 - self.target, 6)

    @property
    def absent_is_bad(self) -> bool:
        return self.annotations.get("absent") != "good"

    @property
    def source(self) -> str:
        """The source whose age it limits; empty if it is about something else."""
        of_source = [found for name, found in SELECTOR.findall(self.query) if name == SOURCE_NEWEST]
        labels = {label: value for label, how, value in MATCHER.findall("".join(of_source)) if how == "="}
        return str(labels.get("source", ""))

    @property
    def inhibited_by(self) -> str:
        """The objective whose urgent alerts silence those of this one: both would report one fault."""
        return self.annotations.get("inhibited-by", "")

    @property
    def has_urgent_alert(self) -> bool:
        """Whether one of its alerts may silence others: all but those of a slow burn may."""
        return bool({"alert-fast-burn", "silent-after", "alert"} & self.annotations.keys())

    def burn_alerts(self) -> dict[str, str]:
        """Severity by speed, "fast" or "slow", where there is an alert for it."""
        found = {speed: self.annotations.get(f"alert-{speed}-burn") for speed in BURNS}
        return {speed: severity for speed, severity in found.items() if severity}

    def windows(self) -> list[str]:
        """The windows whose share of bad events the alerts and the dashboard need."""
        burns = [burn for speed in self.burn_alerts() for burn in BURNS[speed]]
        return list(
            dict.fromkeys([CURRENT, *(window for burn in burns for window in (burn.short, burn.long))])
        )

    def total_events(self, window: str) -> str:
        """PromQL for the number of events in the window."""
        return _count(self.total, window)

    def bad_events(self, window: str) -> str:
        """PromQL for the bad ones. A series that does not exist yet counts as 0."""
        counted = f"{_count(self.bad or self.good, window)} or vector(0)"
        return counted if self.bad else f"{self.total_events(window)} - ({counted})"

    def good_events(self, window: str) -> str:
        """PromQL for the good ones. A series that does not exist yet counts as 0."""
        counted = f"{_count(self.good or self.bad, window)} or vector(0)"
        return counted if self.good else f"({self.total_events(window)} - ({counted})) or vector(0)"


def _count(selector: str, window: str) -> str:
    return f"sum(increase({selector}[{window}]))"


class Objectives(NamedTuple):
    """What ops/slo.yaml says."""

    service: Any  # metadata: name, labels (team, tier), annotations (impact, runbooks, alive)
    receivers: Mapping[str, str]  # page, ticket, heartbeat, unrouted -> address
    slos: list[Objective]
    metrics: Collection[str]  # names of all series that the product exports

    @property
    def alive(self) -> str:
        """PromQL of a series that exists as long as Prometheus gets anything from the product."""
        return str(self.service["annotations"]["alive"])
