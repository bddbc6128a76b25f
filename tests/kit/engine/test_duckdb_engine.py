"""Files are read under any name they may have, and what cannot be read says why."""

import re
from base64 import b64decode
from datetime import datetime

import duckdb
import numpy as np
import pytest

from datadevops.engine.duckdb_engine import DuckDB
from datadevops.errors import ContractError, DataError

NAMES = [
    "Ann's orders.parquet",
    'so "called".parquet',
    "ünï.parquet",
    "[1].parquet",
    "all*.parquet",
    "which?.parquet",
    "{a,b}.parquet",
    "100%.PARQUET",
    "no suffix",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_written_and_read_under_any_name(engine, tmp_path, name):
    for decoy in ("1.parquet", "all of it.parquet", "which1.parquet", "a.parquet"):
        engine.write("select 'decoy' as a", tmp_path / decoy)

    assert engine.write("select 'mine' as a", tmp_path / name) == 1
    engine.read("t", tmp_path / name)

    assert engine.rows("from t") == [("mine",)]


def test_the_folders_of_a_file_add_no_columns(engine, tmp_path):
    folder = tmp_path / "day=2024-01-01"
    folder.mkdir()
    engine.write("select 1 as a", folder / "t.parquet")

    engine.read("t", folder / "t.parquet")

    assert engine.types("from t") == {"a": "INTEGER"}


ZONED = "timestamptz '2024-01-02 12:00:00+02'"
TIMES = {
    "a day, its midnight": ("date '2024-01-02'", datetime(2024, 1, 2)),
    "a time with a zone, the same in UTC": (ZONED, datetime(2024, 1, 2, 10)),
    "one in nanoseconds": (f"cast({ZONED} as timestamptz_ns)", datetime(2024, 1, 2, 10)),
}


@pytest.mark.parametrize(("cell", "time"), TIMES.values(), ids=TIMES)
def test_for_a_time_of_the_contract_a_parquet_file_may_have(judging, tmp_path, cell, time):
    path = tmp_path / "in.parquet"
    with DuckDB() as other:
        other.write(f"select {cell} as a", path)

    judging.read("t", path, {"a": "TIMESTAMP"})

    assert judging.rows("select a from t") == [(time,)]
    assert judging.types("select a from t") == {"a": "TIMESTAMP"}


def test_the_zone_of_the_machine_moves_no_time(engine, tmp_path):
    engine.write(f"select {ZONED} as a", tmp_path / "in.parquet")
    engine.rows("set timezone = 'America/New_York'")

    engine.read("t", tmp_path / "in.parquet", {"a": "TIMESTAMP"})

    assert engine.rows("from t") == [(datetime(2024, 1, 2, 10),)]


# What pyarrow and pandas write of {"a": [None, None]}.
NOTHING = (
    "UEFSMRUAFQwVDCwVBBUAFQYVBhwAAAACAAAABAAVABUEGSw1ABgGc2NoZW1hFQIAFQIlAh"  # pragma: allowlist secret
    "gBYWy8AAAAFgQZHBkcJgAcFQIZJQYAGRgBYRUAFgQWMhYyJghJHBUAFQAVAgA8KQYZJgQA"  # pragma: allowlist secret
    "AAAAFjIWBCYIFjIAKCBwYXJxdWV0LWNwcC1hcnJvdyB2ZXJzaW9uIDI2LjAuMRkcHAAAAH"  # pragma: allowlist secret
    "4AAABQQVIx"  # pragma: allowlist secret
)


@pytest.mark.parametrize("kind", ["VARCHAR", "DOUBLE", "BOOLEAN", "TIMESTAMP"])
def test_a_column_of_nothing_but_nulls_has_the_type_of_the_contract(judging, tmp_path, kind):
    (tmp_path / "no suffix").write_bytes(b64decode(NOTHING))

    judging.read("nothing", tmp_path / "no suffix", {"a": kind, "b": kind})

    assert judging.types("from nothing") == {"a": kind}
    assert judging.rows("select count(*), count(a) from nothing") == [(2, 0)]


def test_a_file_whose_name_is_no_text_is_refused(engine, tmp_path):
    engine.write("select 1 as a", tmp_path / "a.parquet")
    odd = (tmp_path / "a.parquet").rename(tmp_path / "\udcff.parquet")

    with pytest.raises(DataError, match=r"DQ002.*its name is not UTF-8"):
        engine.read("t", odd)


def test_too_little_memory_is_not_laid_to_a_file(tmp_path):
    (tmp_path / "a.csv").write_text("a\n" + "b" * 100_000 + "\n")

    with DuckDB("1KB") as engine, pytest.raises(duckdb.OutOfMemoryException):
        engine.read("t", tmp_path / "a.csv")


def test_a_file_that_does_not_exist_is_named(engine, tmp_path):
    with pytest.raises(
        DataError, match=rf"DQ001.*{re.escape(str(tmp_path))}/nowhere\.parquet: there is no such file"
    ):
        engine.read("t", tmp_path / "nowhere.parquet")


@pytest.fixture
def whole(good):
    return good.read_bytes()


BROKEN = {
    "text": lambda whole: b"hello",
    "nothing": lambda whole: b"",
    "the first half": lambda whole: whole[: len(whole) // 2],
    "all but the end": lambda whole: whole[:-1],
    "the first four bytes": lambda whole: whole[:4],
    "a damaged footer": lambda whole: whole[:-300] + bytes(100) + whole[-200:],
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_not_a_whole_parquet_file_is_refused_by_name(engine, tmp_path, whole, broken):
    path = tmp_path / "in.parquet"
    path.write_bytes(broken(whole))

    with pytest.raises(DataError, match=rf"DQ002.*{re.escape(str(path))}"):
        engine.read("t", path)


def test_a_name_stands_for_the_file_that_was_read_last(engine, tmp_path):
    (tmp_path / "in.csv").write_text("a\n1\n", encoding="utf-8")
    engine.write("select 2 as a", tmp_path / "in.parquet")
    found = []

    for name in ("in.csv", "in.parquet", "in.csv"):
        engine.read("t", tmp_path / name, {"a": "INTEGER"})
        found += engine.rows("from t")

    assert found == [(1,), (2,), (1,)]


ENDINGS = {"nothing": "", "a semicolon": ";\n", "a comment": " -- the end\n"}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_a_transform_may_end_with(engine, tmp_path, ending):
    (tmp_path / "t.sql").write_text(f"-- t: one row\nselect 1 as a{ending}", encoding="utf-8")

    target = engine.transform(tmp_path / "t.sql", tmp_path / "t.parquet")

    engine.read("t", target)
    assert engine.rows("from t") == [(1,)]


FAILING = {
    "no SQL": "selec 1",
    "an unknown table": "select * from nowhere",
    "two statements": "select 1 as a; select 2 as a",
    "an unknown column": "select nowhere from range(3)",
    "a value that cannot be cast": "select cast('x' as integer) as a",
    "an error far down": "select cast(if(i = 299999, 'x', '1') as integer) as a from range(300000) as r(i)",
}


@pytest.mark.parametrize("sql", FAILING.values(), ids=FAILING)
def test_a_transform_that_does_not_run_is_named_and_leaves_no_file(engine, tmp_path, sql):
    (tmp_path / "t.sql").write_text(sql, encoding="utf-8")

    with pytest.raises(ContractError, match=rf"(?s)CT006.*{re.escape(str(tmp_path))}/t.sql.*correct t\.sql"):
        engine.transform(tmp_path / "t.sql", tmp_path / "t.parquet")

    assert not (tmp_path / "t.parquet").exists()


def test_a_transform_that_fails_leaves_the_file_that_was_there(engine, tmp_path):
    engine.write("select 'old' as a", tmp_path / "t.parquet")
    (tmp_path / "t.sql").write_text(FAILING["an error far down"], encoding="utf-8")

    with pytest.raises(ContractError, match="CT006"):
        engine.transform(tmp_path / "t.sql", tmp_path / "t.parquet")

    engine.read("t", tmp_path / "t.parquet")
    assert engine.rows("from t") == [("old",)]


def test_a_disk_that_cannot_be_written_is_not_blamed_on_the_transform(engine, tmp_path):
    (tmp_path / "t.sql").write_text("select 1 as a", encoding="utf-8")

    with pytest.raises(Exception, match="Cannot open file") as error:
        engine.transform(tmp_path / "t.sql", tmp_path / "nowhere" / "t.parquet")

    assert not isinstance(error.value, ContractError)


def test_columns_come_and_go_with_their_nulls(engine, tmp_path):
    columns = engine.columns("select * from (values (1.5::double, 'x'), (null, null)) as t(a, b)")
    engine.write_columns({"a": np.ma.filled(columns["a"], np.nan), "b": columns["b"]}, tmp_path / "t.parquet")
    engine.read("t", tmp_path / "t.parquet")

    assert columns["a"].mask.tolist() == [False, True]
    assert engine.rows("from t") == [(1.5, "x"), (None, None)]


def test_nothing_is_written_into_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with DuckDB(memory_limit="20MB") as engine:  # so little that it must spill to disk
        engine.rows("set threads = 1")
        engine.keep("many", "select hash(i) as h, i from range(1_000_000) as r(i) order by h")

        assert list(tmp_path.iterdir()) == []
        assert engine.rows("select count(*) from duckdb_temporary_files()") != [(0,)]


def test_what_is_kept_and_what_is_read_replace_each_other_under_one_name(judging, tmp_path):
    judging.keep("written", "select 1 as a")
    judging.write("select * from written", tmp_path / "t.parquet")
    judging.read("t", tmp_path / "t.parquet")

    judging.keep("t", "select 2 as b")
    judging.keep("t", "select b + 1 as c from t")
    kept = judging.rows("select c from t")
    judging.read("t", tmp_path / "t.parquet")

    assert kept == [(3,)]
    assert judging.rows("select a from t") == [(1,)]


SUGGESTING = {
    "a comma too many": ("select\n    ada,,\n    price\nfrom a", 2, 'syntax error at or near ","'),
    "a column that no table has": ("select\n    a.adz\nfrom a", 2, "did you mean 'ada'?"),
    "a column that no step has": (
        "with s as (select ada\nfrom a)\nselect\n    s.adz\nfrom s",
        4,
        "column named \"adz\"; did you mean 'ada'?",
    ),
    "a column of nothing like it": (
        "select\n    zebra from a",
        2,
        "there is: ada, order, price, word; a column of a delivered file is there only if the contract",
    ),
    "text joined with a number": (
        "select\n    a.price\nfrom a\nleft join a as b\n    on a.word = b.price",
        5,
        "where `word`, which is text, meets a number or a time, cast that to text",
    ),
    "text joined with a number of its name": (
        "select price\nfrom a\njoin (select 1 as word) as b\n    using (word)",
        4,
        "cast that to text: `cast(... as varchar)`",
    ),
    "a word of SQL": (
        "select\n    order,\n    price\nfrom a",
        2,
        "`order` is a word of SQL: write it in double quotes",
    ),
    "a word that ends later": (
        "select\n    price,\n    lambda\nfrom a",
        3,
        "`lambda` is a word of SQL: write it in double quotes",
    ),
}


@pytest.mark.parametrize(("sql", "line", "told"), SUGGESTING.values(), ids=SUGGESTING)
def test_sql_that_does_not_run_is_named_by_its_line_and_with_what_was_meant(
    engine, tmp_path, sql, line, told
):
    engine.write("select 1 as ada, 2 as \"order\", 3 as price, 'x' as word", tmp_path / "a.parquet")
    engine.read("a", tmp_path / "a.parquet")
    (tmp_path / "t.sql").write_text(sql, encoding="utf-8")

    with pytest.raises(ContractError) as error:
        engine.transform(tmp_path / "t.sql", tmp_path / "t.parquet")

    assert f"{tmp_path}/t.sql:{line} does not run: " in error.value.message
    assert told in error.value.message
