"""What an objective measures, which alerts it has, and the speeds at which they fire."""

import pytest

from datadevops.ops import objectives, service_levels
from datadevops.ops.objectives import BURNS, Objective

BOTH = {"alert-fast-burn": "page", "alert-slow-burn": "ticket"}


def objective(annotations=BOTH, **more):
    return Objective("availability", "Orders are taken", 0.999, 28, annotations, **more)


FAILURES = objective(total="all{}", bad="failed{}")
SUCCESSES = objective(total="all{}", good="done{}")


def test_the_budget_is_the_share_of_events_that_may_be_bad():
    assert objective().budget == 0.001


def test_the_speeds_are_those_of_the_workbook():
    """https://sre.google/workbook/alerting-on-slos/, table 5-8, for 30 days."""
    speeds = [burn.factor(30) for each in ("fast", "slow") for burn in BURNS[each]]

    assert speeds == pytest.approx([14.4, 6, 3, 1], rel=0.002)
    assert [burn.factor(28) for burn in BURNS["fast"]] == [13.44, 5.6]


WINDOWS = {
    "both": (BOTH, ["5m", "1h", "30m", "6h", "2h", "1d", "3d"]),
    "a slow one": ({"alert-slow-burn": "ticket"}, ["5m", "2h", "1d", "6h", "3d"]),
    "none": ({"silent-after": "10m"}, ["5m"]),
}


@pytest.mark.parametrize(("annotations", "windows"), WINDOWS.values(), ids=WINDOWS)
def test_only_windows_that_somebody_needs_are_recorded(annotations, windows):
    assert objective(annotations).windows() == windows


def test_events_are_counted_by_what_the_objective_names():
    every, failed, done = (f"sum(increase({name}{{}}[1h]))" for name in ("all", "failed", "done"))

    assert FAILURES.total_events("1h") == SUCCESSES.total_events("1h") == every
    assert FAILURES.bad_events("1h") == f"{failed} or vector(0)"
    assert SUCCESSES.bad_events("1h") == f"{every} - ({done} or vector(0))"
    assert SUCCESSES.good_events("1h") == f"{done} or vector(0)"
    assert FAILURES.good_events("1h") == f"({every} - ({failed} or vector(0))) or vector(0)"


URGENT = {
    "a fast burn": ({"alert-fast-burn": "page"}, True),
    "silence": ({"alert-slow-burn": "ticket", "silent-after": "10m"}, True),
    "a limit": ({"alert": "ticket"}, True),
    "a slow burn": ({"alert-slow-burn": "ticket"}, False),
}


@pytest.mark.parametrize(("annotations", "urgent"), URGENT.values(), ids=URGENT)
def test_every_alert_but_that_of_a_slow_burn_is_urgent(annotations, urgent):
    assert objective(annotations).has_urgent_alert is urgent


SOURCES = {
    "a source": (f'time() - max({objectives.SOURCE_NEWEST}{{product="p",source="shops"}})', "shops"),
    "some sources": (f'time() - max({objectives.SOURCE_NEWEST}{{source=~"shops|tills"}})', ""),
    "all but one": (f'time() - max({objectives.SOURCE_NEWEST}{{source!="shops"}})', ""),
    "another series": ('time() - max(other_seconds{source="shops"})', ""),
    "no query": ("", ""),
}


@pytest.mark.parametrize(("query", "source"), SOURCES.values(), ids=SOURCES)
def test_the_source_whose_age_is_limited_is_known_where_there_is_one(query, source):
    assert objective({"alert": "ticket"}, query=query, limit=60).source == source


def test_an_absent_value_is_bad_unless_the_objective_says_otherwise():
    assert objective({"alert": "ticket"}).absent_is_bad
    assert objective({"alert": "ticket", "absent": "bad"}).absent_is_bad
    assert not objective({"alert": "ticket", "absent": "good"}).absent_is_bad


def test_an_objective_of_one_table_is_named_after_it():
    assert service_levels.own_name("freshness", "daily_rain_mm") == "freshness-daily-rain-mm"
