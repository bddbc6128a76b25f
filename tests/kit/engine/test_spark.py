"""Spark gives what DuckDB gives. The faults of test_checks.py are judged by both engines there."""

import json
import math
import subprocess
import tomllib
from datetime import datetime
from importlib import metadata
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from packaging.requirements import Requirement

from datadevops.contract import odcs, synthetic
from datadevops.engine import checks
from datadevops.errors import ContractError, DataError
from runs import environment, program
from shop_forecast import PRODUCT as FORECAST
from shop_statistics import PRODUCT as STATISTICS

pytestmark = pytest.mark.spark
ROOT = Path(__file__).parents[3]
TRANSFORMS = [sql for each in (FORECAST, STATISTICS) for sql in sorted(each.transforms.glob("*.sql"))]
NAMES = [
    "Ann's orders.parquet",
    "ünï.parquet",
    "[1].parquet",
    "all*.parquet",
    "{a,b}.parquet",
    "100%.PARQUET",
    "no suffix",
]


def rows_of(engine, path):
    engine.read("compared", path)
    return sorted(engine.rows("from compared"), key=repr)


def alike(one, other):
    """Whether two rows are the same; sums of floats may differ, by the order they are added in."""
    close = (
        math.isclose(a, b, rel_tol=1e-9) for a, b in zip(one, other, strict=True) if isinstance(a, float)
    )
    rest = ([cell for cell in row if not isinstance(cell, float)] for row in (one, other))
    return all(close) and next(rest) == next(rest)


@pytest.fixture
def both(engine, spark, tmp_path):
    """both(contract, sql): the results of the two engines for rows that DuckDB makes, and the two folders."""

    def run(contract, sql):
        engine.write(sql, tmp_path / "in.parquet")
        found = []
        for each, name in ((engine, "here"), (spark, "there")):
            folder = tmp_path / name
            folder.mkdir()
            each.read(contract.name, tmp_path / "in.parquet")
            found.append((checks.split(each, contract, folder), folder))
        return found

    return run


def test_rows_with_every_kind_of_fault_are_split_alike(both, engine, contract):
    """The contracts of the tests and of the product; each number and text is damaged in some rows."""
    cells = {
        "number": "case _hit when 0 then 'nan'::double when 1 then 'inf'::double when 2 then '-inf'::double"
        " when 3 then -1e9 else {} end",
        "string": "case _hit when 0 then {} || chr(10) when 1 then 'Ünï' when 2 then '' when 3 then null"
        " else {} end",
        "integer": "case _hit when 0 then -1000000 when 1 then null else {} end",
        "timestamp": "case _hit when 0 then timestamp '1900-01-01' else {} end",
        "date": "case _hit when 0 then date '1900-01-01' when 1 then null else {} end",
        "boolean": "case _hit when 0 then null else {} end",
    }
    engine.keep("fine", synthetic.sql(contract, 5_000))
    damaged = []
    for place, column in enumerate(contract.columns):
        hit = f"(hash(_row, {place}) % 2000)"
        cell = cells[column.type].replace("_hit", hit).replace("{}", f'"{column.name}"')
        damaged.append(f'cast({cell} as {column.sql_type}) as "{column.name}"')
    numbered = "(select *, row_number() over () as _row from fine)"
    copies = f"select {', '.join(damaged)} from {numbered} union all from (from fine limit 3)"

    (one, here), (other, there) = both(contract, copies)

    assert one == other
    assert one.bad > 10
    for name in (f"{contract.name}.parquet", checks.QUARANTINE):
        assert repr(rows_of(engine, here / name)) == repr(rows_of(engine, there / name))


def test_what_is_told_of_bad_rows_is_the_same(both, engine, spark, orders):
    engine.keep("good", synthetic.sql(orders, 1_000))
    (one, here), (other, there) = both(
        orders, "select * replace (if(quantity > 90, 0, quantity) as quantity) from good"
    )

    told = [
        checks.describe(engine, orders, one, here / checks.QUARANTINE),
        checks.describe(spark, orders, other, there / checks.QUARANTINE),
    ]

    assert told[0] == told[1]


def test_an_empty_table_is_a_fault_of_its_source(engine, spark, orders, tmp_path):
    engine.keep("good", synthetic.sql(orders, 10))
    engine.write("from good limit 0", tmp_path / "in.parquet")
    spark.read("orders", tmp_path / "in.parquet")

    with pytest.raises(DataError, match="DQ003"):
        checks.split(spark, orders, tmp_path)


@pytest.mark.parametrize("rows", [100_000, pytest.param(1_000_000, marks=pytest.mark.long)])
@pytest.mark.parametrize("path", TRANSFORMS, ids=lambda path: path.stem)
def test_many_synthetic_rows_are_transformed_alike(engine, spark, tmp_path, path, rows):
    contracts = odcs.load_all(path.parents[1] / "contracts")
    engine.write(synthetic.sql(contracts["source"], rows), tmp_path / "source.parquet")
    for each, name in ((engine, "here"), (spark, "there")):
        each.read("source", tmp_path / "source.parquet")
        engine.read(name, each.transform(path, tmp_path / f"{name}.parquet"))

    types = engine.types("from here")
    assert list(engine.types("from there")) == list(types)
    assert engine.rows("select count(*) from here") == engine.rows("select count(*) from there")
    keys = contracts.get(path.stem, contracts["source"]).keys
    apart = [f"count_if({differ(name)})" for name in types if name not in keys]
    (found,) = engine.rows(
        f"select count(*), {', '.join(apart)} from here join there using ({', '.join(keys)})"
    )
    assert found[0] == engine.rows("select count(*) from here")[0][0]
    assert set(found[1:]) == {0}


def differ(name):
    """SQL that is true where a column differs; sums of floats may, by the order they are added in."""
    one, other = f'try_cast(here."{name}" as double)', f'try_cast(there."{name}" as double)'
    close = f"abs({one} - {other}) <= 1e-9 * greatest(1, abs({one}))"
    return f'here."{name}" is distinct from there."{name}" and not coalesce({close}, false)'


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_written_and_read_under_any_name(spark, tmp_path, name):
    assert spark.write("select 'mine' as a", tmp_path / name) == 1

    spark.read("t", tmp_path / name)

    assert spark.rows("from t") == [("mine",)]
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a:b.parquet", "_a.parquet", ".a.parquet"])
def test_a_name_that_spark_does_not_see_is_refused(spark, engine, tmp_path, name):
    engine.write("select 1 as a", tmp_path / name)

    with pytest.raises(DataError, match=r"DQ002.*cannot open a file of that name"):
        spark.read("t", tmp_path / name)


def test_a_csv_file_takes_the_types_of_the_contract(spark, tmp_path):
    types = {"n": "BIGINT", "at": "TIMESTAMP", "x": "DOUBLE"}
    path = tmp_path / "in.csv"
    path.write_text("n,at,x,text\n7,2024-01-01T12:00:00Z,1.5,007\n,,,\n", encoding="utf-8")

    spark.read("t", path, types)

    assert spark.types("from t") == types | {"text": "VARCHAR"}
    assert spark.rows("select n, cast(at as varchar) as at, x, text from t") == [
        (7, "2024-01-01 12:00:00", 1.5, "007"),
        (None, None, None, None),
    ]


def test_a_broken_file_is_refused_by_name(spark, tmp_path, good):
    (tmp_path / "half.parquet").write_bytes(good.read_bytes()[:5_000])

    with pytest.raises(DataError, match=r"DQ002.*half\.parquet"):
        spark.read("t", tmp_path / "half.parquet")


@pytest.mark.parametrize("form", ["INT96", "TIMESTAMP_MICROS", "TIMESTAMP_MILLIS"])
def test_what_spark_writes_is_read_alike(spark, engine, tmp_path, form):
    from pyspark.sql import SparkSession  # only where these tests run

    session = SparkSession.getActiveSession()
    made = session.sql("""
        select * from values
            (1, cast('nan' as double), 1.5bd, timestamp_ntz '2024-01-02 12:00:00', 'ünï', true),
            (2, 2.5d, -1.5bd, timestamp_ntz '1600-02-29 00:00:00', null, false)
            as t(n, x, d, seen, word, truth)
    """).selectExpr("*", "cast(seen as timestamp) as zoned", "cast(seen as date) as day")
    made.coalesce(1).write.option("spark.sql.parquet.outputTimestampType", form).parquet(
        str(tmp_path / "out")
    )
    (part,) = (tmp_path / "out").glob("*.parquet")
    types = {"d": "DOUBLE"} | dict.fromkeys(("seen", "zoned", "day"), "TIMESTAMP")
    cells = "n, isnan(x) as x, cast(d as double) as d, seen, word, truth, zoned, day"
    found = []

    for each in (engine, spark):
        each.read("t", part, types)
        found.append(each.rows(f"select {cells} from t where not x < 2 order by n"))

    noon, leap = datetime(2024, 1, 2, 12), datetime(1600, 2, 29)
    assert found[0] == [
        (1, True, 1.5, noon, "ünï", True, noon, datetime(2024, 1, 2)),
        (2, False, -1.5, leap, None, False, leap, leap),
    ]
    assert found[1] == found[0]


def test_a_type_that_spark_does_not_know_is_refused_by_name(spark, tmp_path):
    pq.write_table(pa.table({"x": pa.array([1.5], pa.float16())}), tmp_path / "in.parquet")

    with pytest.raises(DataError, match=r"DQ002.*in\.parquet.*FLOAT16"):
        spark.read("t", tmp_path / "in.parquet")


FAILING = {
    "no SQL": "selec 1",
    "an unknown table": "select * from nowhere",
    "two statements": "select 1 as a; select 2 as a",
    "an unknown function": "select nowhere(1) as a",
    "a value that cannot be cast": "select cast(a as integer) as a from words",
}


@pytest.mark.parametrize("sql", FAILING.values(), ids=FAILING)
def test_a_transform_that_does_not_run_is_named_and_leaves_no_file(spark, tmp_path, sql):
    spark.keep("words", "select 'x' as a")
    (tmp_path / "t.sql").write_text(sql, encoding="utf-8")

    with pytest.raises(ContractError, match=r"(?s)CT006.*t\.sql does not run.*correct t\.sql"):
        spark.transform(tmp_path / "t.sql", tmp_path / "t.parquet")

    assert [path.name for path in tmp_path.iterdir()] == ["t.sql"]


def test_columns_come_with_their_nulls(spark, engine):
    sql = "select * from (values (1.5, 'x', 1, true), (null, null, null, null)) as v(a, b, c, d)"

    here, there = engine.columns(sql), spark.columns(sql)

    assert {name: column.tolist() for name, column in here.items()} == {
        name: [None if x is None else type(here[name].tolist()[0])(x) for x in column.tolist()]
        for name, column in there.items()
    }
    assert math.isnan(spark.rows("select cast('nan' as double) as x")[0][0])


@pytest.fixture(params=[pytest.param("forecast", marks=pytest.mark.long), "statistics"])
def product(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def started(product, homes):
    """started("run", ENGINE="spark"): the product's command line, as a process of its own."""

    def call(*words, **settings):
        told = environment(product, HOME=homes(product), **settings)
        return subprocess.run([*program(product), *words], env=told, capture_output=True, text=True)

    return call


PLACES = ("report", "model_card")
# Times and ids: Spark's file may have other bytes, and each engine has its own hash of rows.
OWN = (*PLACES, "at", "versions", "version", "hash", "seconds", "arrived_at", "trained_at", "drift_baseline")
BY_NAME = ("made", "partitions")  # name -> id


def without_ids(facts):
    """The facts that no engine may change."""
    if not isinstance(facts, dict):
        return facts
    kept = {key: sorted(fact) if key in BY_NAME else fact for key, fact in facts.items() if key not in OWN}
    return {key: without_ids(fact) for key, fact in kept.items()}


def test_the_main_job_decides_and_publishes_the_same(started, engine, tmp_path):
    found, stores = [], [tmp_path / name for name in ("duckdb", "spark")]
    for store in stores:
        done = started("run", "--json", ENGINE=store.name, STORE=store)
        assert done.returncode == 0, done.stderr
        found.append(without_ids(json.loads(done.stdout)))
    files = [path.relative_to(stores[0]) for path in stores[0].glob("*/[0-9a-f]*/**/*.parquet")]
    tables = {(path.parts[0], "/".join(path.parts[2:])) for path in files}  # the second is the version

    drift = [facts.pop("drift", {}) for facts in found]
    assert found[0] == found[1]
    assert drift[0] == pytest.approx(drift[1], abs=0.001)  # a sum at the edge of a bin
    assert len(tables) >= 2
    for kind, name in tables:
        rows = [
            [row for file in (store / kind).glob(f"[0-9a-f]*/{name}") for row in rows_of(engine, file)]
            for store in stores
        ]
        here, there = (sorted(each, key=repr) for each in rows)
        assert len(here) == len(there)
        assert all(map(alike, here, there))


def test_a_run_without_java_says_what_is_missing(started, tmp_path, monkeypatch):
    for name in ("JAVA_HOME", "SPARK_REMOTE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    done = started("run", ENGINE="spark", STORE=tmp_path)

    assert (done.returncode, "error[CF007] Spark cannot be used: there is no Java" in done.stderr) == (
        2,
        True,
    )


def test_what_pyproject_says_of_pyspark_is_what_it_says_itself():
    text = (ROOT / "<<cookiecutter.project_slug>>" / "pyproject.toml").read_text(encoding="utf-8")
    _, head, after = text.partition("[[tool.uv.dependency-metadata]]")
    (said,) = tomllib.loads(head + after.partition("\n\n")[0])["tool"]["uv"]["dependency-metadata"]

    needed = {Requirement(line) for line in metadata.requires("pyspark")}

    chosen = {each for each in needed if not each.marker or each.marker.evaluate({"extra": "connect"})}
    assert {Requirement(line) for line in said["requires-dist"]} == chosen
