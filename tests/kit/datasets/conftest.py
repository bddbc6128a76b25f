"""Runs of the product whose dataset is made month by month."""

import pytest

from runs import dataset, run_into


@pytest.fixture
def product(statistics):
    return statistics


@pytest.fixture
def run(product, sample):
    """run(store, file, span=(first, last)): one run, on the whole sample if no file is named."""
    return lambda store, file=sample, **options: run_into(product, store, file, **options)


@pytest.fixture
def deliver(run, altered, tmp_path):
    """deliver("3/a.parquet", 2) runs on the rows of March, with queues 2 minutes longer."""

    def call(name, more, hours="strftime(opened_at, '%m') = '03'"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            minutes = f"queue_minutes + {more} as queue_minutes"
            altered(f"select * replace ({minutes}) from sample where {hours}").rename(path)
        run(tmp_path / "store", path)

    return call


@pytest.fixture
def added(first_run):
    """added(store): how many minutes were added to an hour in March."""

    def minutes(store):
        (found,) = (row[3] for row in dataset(store) if row[0] == "north" and f"{row[1]:%m%d}" == "0302")
        return found

    before = minutes(first_run.store)
    return lambda store: round((minutes(store) - before) / 24, 6)
