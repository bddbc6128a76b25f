"""Files of other writers are read right, and judged as their values will be kept."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datadevops.contract.values import Contract
from datadevops.engine import checks

FLOATS = [pa.float32(), pa.float64()]  # Spark has no pa.float16()


def contract_of(*columns, **rest):
    """A contract `t` of these columns, each a mapping with the standard's keys."""
    table = {"name": "t", "properties": list(columns), **rest}
    return Contract.model_validate({"path": Path("t.yaml"), "version": "1.0.0", "schema": [table]})


NUMBER = contract_of({"name": "x", "logicalType": "number", "logicalTypeOptions": {"maximum": 9}})


@pytest.fixture
def judge(judging, tmp_path):
    """judge(table of pyarrow, contract): the result of its checks, written by pyarrow as it does by default."""

    def run(table, contract, **options):
        pq.write_table(table, tmp_path / "in.parquet", **options)
        judging.read("t", tmp_path / "in.parquet", contract.sql_types)
        return checks.split(judging, contract, tmp_path)

    return run


def numbers(width, *cells):
    """An array that has NaN where a cell is NaN, and null where it is None."""
    values = np.array([0 if cell is None else cell for cell in cells], width.to_pandas_dtype())
    return pa.array(values, width, mask=np.array([cell is None for cell in cells]), from_pandas=False)


@pytest.mark.parametrize("width", FLOATS, ids=str)
def test_a_number_that_is_none_is_quarantined_whatever_the_statistics_of_its_file_say(judge, width):
    result = judge(pa.table({"x": numbers(width, 1, 2, np.nan, None, 3)}), NUMBER)

    assert (result.broken, result.good, result.bad) == ({"x:finite": 1}, 4, 1)


def test_a_number_that_is_none_is_quarantined_in_16_bits_too(engine, tmp_path):
    pq.write_table(pa.table({"x": numbers(pa.float16(), 1, np.nan, 3)}), tmp_path / "in.parquet")
    engine.read("t", tmp_path / "in.parquet", NUMBER.sql_types)

    assert checks.split(engine, NUMBER, tmp_path).broken == {"x:finite": 1}


@pytest.mark.parametrize("width", FLOATS, ids=str)
def test_a_filter_finds_the_numbers_that_the_statistics_of_a_file_leave_out(judging, tmp_path, width):
    pq.write_table(pa.table({"x": numbers(width, 1, 2, np.nan, 3)}), tmp_path / "in.parquet")

    judging.read("t", tmp_path / "in.parquet")

    assert judging.rows("select count(*) from t where x > 3") == [(1,)]  # NaN is above all others
