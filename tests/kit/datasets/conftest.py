"""Runs of the product whose dataset is made month by month."""

import pytest

from runs import dataset, run_into

HOURLY = """
select shop, opened_at as day, cast(1 as bigint) as hours_counted, queue_minutes,
    cast(0 as bigint) as queue_hours, queue_minutes as longest_minutes from source
"""


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


@pytest.fixture
def grained(product, own):
    """grained("day"): the product, its dataset of single hours in partitions of that length."""

    def change(grain):
        text = (product.contracts / "datasets" / "shop_days.yaml").read_text(encoding="utf-8")
        said = "        partitioned: true\n        partitionKeyPosition: 1\n"
        length = "          - {property: partitionGrain, value: month}\n"
        assert said in text
        assert length in text
        text = text.replace(length, length.replace("month", grain) if grain else "")
        text = text if grain else text.replace(said, "")
        (own.contracts / "datasets" / "shop_days.yaml").write_text(text, encoding="utf-8")
        (own.transforms / "shop_days.sql").write_text(HOURLY, encoding="utf-8")
        return own

    return change


@pytest.fixture
def delivery(write_altered, tmp_path):
    """delivery("a", {"2025-01-01 00:00": 5}): a file with a queue of so many minutes at these times."""

    def make(name, queues):
        values = ", ".join(f"(timestamp '{time}', {minutes}.0)" for time, minutes in queues.items())
        same = "select * replace (time as opened_at, minutes as queue_minutes) from (from sample limit 1)"
        keep = f"select * exclude (time, minutes) from ({same}, (values {values}) as t(time, minutes))"
        return write_altered(keep, tmp_path / f"{name}.parquet")

    return make
