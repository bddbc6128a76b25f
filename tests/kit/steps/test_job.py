"""A step blames the right cause; the newest page is complete, however many runs end at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from datadevops.errors import ContractError
from datadevops.job import PAGE, RAW


def test_the_source_is_not_blamed_for_wrong_columns_from_our_own_sql(engine, orders, job):
    def made(folder):
        engine.write("select 1 as boxes", folder / RAW)
        engine.read("orders", folder / RAW)
        return {}

    with pytest.raises(ContractError, match=r"(?s)CT006.*shop: missing, must be string.*let the SQL"):
        job(engine, orders=orders).split("orders", {}, made)


def test_two_runs_that_end_at_once_leave_one_complete_page(engine, job):
    mine = job(engine)

    def run(name):
        for _ in range(100):
            mine.report({"run": name}, lambda: ({}, name * 100_000))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, "ab"))

    assert (mine.settings.store / PAGE).read_text() in ("a" * 100_000, "b" * 100_000)
