"""What the gate said about a version is read from the reports."""

import os

import pytest

from datadevops.reports import verdicts
from datadevops.store.versions import MANIFEST, Store

FAILED = {"name": "skill over persistence", "figure": "-1.0000 .. -0.5000", "bound": "> 0", "passed": False}
NOT_RUN = FAILED | {"figure": "NOT RUN: takings is gone", "passed": None}
PASSED = FAILED | {"passed": True}


@pytest.fixture
def reported(tmp_path):
    """reported(candidate, *checks): the report of one more run, a minute after the one before."""
    made = []

    def report(candidate, *checks):
        facts = {"versions": {"candidate": candidate}, "gate": checks}
        version = Store(tmp_path / "reports").make({"run": len(made)}, lambda _: facts)
        os.utime(version.folder, (60 * len(made),) * 2)
        made.append(version)
        return version

    return report


def test_what_failed_and_what_could_not_be_run_is_named_and_nothing_of_another_version(reported, tmp_path):
    reported("mine", PASSED, FAILED, NOT_RUN)
    reported("other", FAILED, FAILED, FAILED)

    assert verdicts.not_passed(tmp_path, "mine") == [FAILED, NOT_RUN]


def test_the_newest_verdict_counts_and_a_run_without_one_changes_nothing(reported, tmp_path):
    reported("better", FAILED)
    reported("better", PASSED)
    reported("worse", PASSED)
    reported("worse", FAILED)
    for champion in ("better", "worse"):  # as champion it is not judged
        reported(champion)

    assert verdicts.not_passed(tmp_path, "better") == []
    assert verdicts.not_passed(tmp_path, "worse") == [FAILED]


def test_without_a_report_or_with_a_damaged_one_nothing_is_known(reported, tmp_path):
    nothing = verdicts.not_passed(tmp_path, "mine")
    reported("mine", FAILED)
    damaged = reported("mine", PASSED)
    (damaged.folder / MANIFEST).write_text("{")

    assert nothing == []
    assert verdicts.not_passed(tmp_path, "mine") == [FAILED]
