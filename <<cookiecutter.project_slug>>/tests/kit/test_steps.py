# The template's file: edits here meet template updates (copier update merges them).
"""A step blames who is to blame; the newest page is whole, however many runs there are at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from << cookiecutter.__package >>.kit.errors import ContractError
from << cookiecutter.__package >>.kit.steps import PAGE, RAW, Job


def test_wrong_columns_that_our_own_sql_makes_are_not_laid_to_the_source(engine, orders, tmp_path):
    job = Job(engine, tmp_path, {"orders": orders}, "code", datetime.now(UTC), lambda *_: None)

    def made(folder):
        engine.write("select 1 as boxes", folder / RAW)
        engine.read("orders", folder / RAW)
        return {}

    with pytest.raises(ContractError, match=r"(?s)CT006.*shop: missing, must be string.*let the SQL"):
        job.split("orders", {}, made)


def test_two_runs_that_end_at_once_leave_one_whole_page(engine, tmp_path):
    job = Job(engine, tmp_path, {}, "code", datetime.now(UTC), lambda *_: None)

    def run(name):
        for _ in range(100):
            job.report({"run": name}, lambda: ({}, name * 100_000))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, "ab"))

    assert (tmp_path / PAGE).read_text() in ("a" * 100_000, "b" * 100_000)
