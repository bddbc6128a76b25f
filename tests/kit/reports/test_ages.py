"""How old what a run took from each source is; nothing is known where no report says it."""

import os
from datetime import UTC, datetime

import pytest

from datadevops.reports import ages
from datadevops.store.versions import Store

NOW = datetime(2025, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def report(tmp_path):
    """report(hour, source=(newest, arrived_at)): the report of a run at that hour of 1970."""

    def make(hour, **sources):
        facts = {name: {"newest": each[0], "arrived_at": each[1]} for name, each in sources.items()}
        version = Store(tmp_path / "reports").make({"hour": hour}, lambda _: {"sources": facts})
        os.utime(version.folder, (hour * 3600, hour * 3600))
        return version

    return make


def test_a_source_is_as_old_as_its_newest_row_or_else_as_its_file(report, tmp_path):
    report(
        1,
        weather=("2025-03-02T11:00:00", "2025-03-02T11:59:00+00:00"),
        areas=(None, "2025-03-01T13:00:00+01:00"),
        nothing=(None, None),
    )

    assert ages.of_sources(tmp_path, NOW) == {
        "weather": {"newest": "2025-03-02T11:00:00", "age_seconds": 3600},
        "areas": {"newest": "2025-03-01T13:00:00+01:00", "age_seconds": 86_400},
    }


def test_a_time_to_come_is_not_older_than_now(report, tmp_path):
    report(1, weather=("2025-03-02T12:00:01", None))

    assert ages.of_sources(tmp_path, NOW)["weather"]["age_seconds"] == 0


def test_the_newest_report_is_the_one_that_counts(report, tmp_path):
    report(2, weather=("2025-03-02T11:00:00", None))
    report(3, weather=("2025-03-02T11:30:00", None))
    report(1, weather=("2025-03-02T10:00:00", None))

    assert ages.of_sources(tmp_path, NOW)["weather"]["age_seconds"] == 1800


def test_without_a_report_nothing_is_known(tmp_path):
    assert ages.of_sources(tmp_path, NOW) == {}


def test_if_the_newest_report_is_damaged_nothing_is_known(report, tmp_path):
    report(1, weather=("2025-03-02T10:00:00", None))
    newest = report(2, weather=("2025-03-02T11:00:00", None))
    (newest.folder / "manifest.json").write_text("{")

    assert ages.of_sources(tmp_path, NOW) == {}


SHOWN = {
    0: "0 min",
    59: "1 min",
    3_540: "59 min",
    3_600: "1 h",
    7_199: "1 h",
    48 * 3600 - 1: "47 h",
    48 * 3600: "2 days",
    72 * 3600 - 1: "2 days",
    24 * 3600 * 1_000: "1,000 days",
}


@pytest.mark.parametrize(("seconds", "text"), SHOWN.items())
def test_a_time_span_is_said_in_minutes_then_in_hours_then_in_whole_days(seconds, text):
    assert ages.shown(seconds) == text


def test_the_ages_of_two_sources_are_one_line():
    found = {"weather": {"age_seconds": 60}, "areas": {"age_seconds": 172_800}}

    assert ages.line(found) == "weather 1 min old, areas 2 days old"
