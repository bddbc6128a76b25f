# The template's file: edits here meet template updates (copier update merges them).
"""The newest page of a run is whole, however many runs there are at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from << cookiecutter.__package >>.kit.steps import PAGE, Job


def test_two_runs_that_end_at_once_leave_one_whole_page(engine, tmp_path):
    job = Job(engine, tmp_path, {}, "code", datetime.now(UTC), lambda *_: None)

    def run(name):
        for _ in range(100):
            job.report({"run": name}, lambda: ({}, name * 100_000))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, "ab"))

    assert (tmp_path / PAGE).read_text() in ("a" * 100_000, "b" * 100_000)
