"""The SQL of the dataset gives the same result month by month as all at once; SQL that does not is found."""

from datetime import datetime

import pytest

from datadevops.contract import odcs, synthetic
from datadevops.contract.entries import Synthetic
from datadevops.datasets import partitions, whole
from datadevops.datasets.dataset import Dataset
from datadevops.errors import RefusedError


def apart(engine, sql, rows, time, folder):
    """How many rows of the dataset differ when each month is made by itself."""
    engine.write(rows, folder / "all.parquet")
    engine.read("everything", folder / "all.parquet")
    engine.read("source", folder / "all.parquet")
    engine.read("whole", engine.transform(sql, folder / "whole.parquet"))
    found = [m for (m,) in engine.rows(f"select distinct strftime({time}, '%Y-%m') from everything")]
    for month in found:
        engine.write(
            f"from everything where strftime({time}, '%Y-%m') = '{month}'", folder / "source.parquet"
        )
        engine.read("source", folder / "source.parquet")
        engine.read(month, engine.transform(sql, folder / f"{month}.parquet"))
    engine.keep("parts", " union all ".join(f'from "{month}"' for month in found))
    ((one, other),) = engine.rows(
        "select (select count(*) from (from whole except all from parts)),"
        " (select count(*) from (from parts except all from whole))"
    )
    assert len(found) > 1, (
        "all rows are in one month, so the test proves nothing: let `synthetic` spread them"
    )
    return one + other


def test_a_dataset_by_day_made_month_by_month_is_the_same(engine, statistics, tmp_path):
    source = odcs.load(statistics.contracts / "sources" / "source.yaml")
    late = {"synthetic": Synthetic(start=datetime(2024, 1, 30))}  # a few hours later it is another month
    time = {c.name: c.model_copy(update=late) for c in source.columns if c.key and c.synthetic == Synthetic()}
    columns = tuple(time.get(column.name, column) for column in source.columns)

    rows = synthetic.sql(source.model_copy(update={"columns": columns}), 20_000)

    assert apart(engine, statistics.transforms / "shop_days.sql", rows, source.time_key, tmp_path) == 0


BEYOND = {
    "the row before": "lag(quantity) over (partition by shop order by ordered_at)",
    "a sum from the first day on": "sum(quantity) over (partition by shop order by ordered_at)",
    "the share of all": "quantity / (select sum(quantity) from source)",
}


@pytest.mark.parametrize("x", BEYOND.values(), ids=BEYOND)
def test_sql_that_looks_beyond_its_month_is_found(engine, edited, tmp_path, x):
    source = odcs.load(edited(orders={"name": "source"}))
    (tmp_path / "made.sql").write_text(f"select shop, ordered_at, {x} as x from source")

    rows = synthetic.sql(source, 5_000)

    assert apart(engine, tmp_path / "made.sql", rows, "ordered_at", tmp_path) > 0


@pytest.fixture
def check(judging, engine, orders, job, tmp_path):
    """check(ids): the warnings about a dataset of all months whose unique column has these values."""
    columns = tuple(column for column in orders.columns if column.name == "order_id")
    contract = orders.model_copy(update={"columns": columns, "quality": ()})

    def found(ids):
        (tmp_path / "rows").mkdir()
        for number, each in enumerate(ids):
            engine.write(f"select {each} as order_id", tmp_path / "rows" / f"{number}.parquet")
        mine = Dataset(job(judging), contract, contract, {})
        return whole.check_dataset(mine, len(ids), tmp_path / "rows", {})

    return found


def test_a_unique_value_in_two_months_is_refused(check):
    with pytest.raises(RefusedError, match=r"(?s)DQ006.*order_id is unique, and 1 of its values"):
        check([1, 2, 3, 1])


def test_a_unique_value_in_one_month_is_accepted(check):
    assert check([1, 2, 3]) == []


def test_a_value_that_moves_to_the_next_column_changes_the_fingerprint(
    engine, judging, orders, good, job, tmp_path
):
    mine = Dataset(job(judging), orders, orders, {})
    engine.read("good", good)
    found = set()
    for values in ("5.0 as unit_price, null as discount", "null as unit_price, 5.0 as discount"):
        engine.write(f"select * replace ({values}) from good limit 1", tmp_path / "moved.parquet")
        found.add(partitions.fingerprint(mine, tmp_path / "moved.parquet")["hash"])

    assert len(found) == 2
