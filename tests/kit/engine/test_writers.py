"""Whatever writes a parquet file, in whatever form: its rows are read right, or refused by name."""

import itertools
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datadevops.engine import checks
from datadevops.errors import DataError
from small_contract import column, contract_of

NOON = datetime(2024, 1, 2, 12)
VALUES = {  # what each column holds, and null
    "string": ["ünï 🙂", None, "", "plain"],
    "integer": [3, None, -0, 100],
    "number": [1.5, None, -0.25, 100.0],
    "boolean": [True, None, False, True],
    "date": [date(2024, 1, 2), None, date(1969, 12, 31), date(1600, 2, 29)],
    "timestamp": [NOON, None, datetime(1969, 12, 31, 23), datetime(1600, 2, 29)],
}
RECENT = [*VALUES["timestamp"][:3], datetime(2262, 4, 11)]  # nanoseconds begin in 1677
MIDNIGHTS = [datetime(2024, 1, 2), None, datetime(1969, 12, 31), datetime(1600, 2, 29)]
FORMS = {
    "string": [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())],
    "integer": [*map(pa.type_for_alias, ("int8", "int16", "int32", "int64", "uint8", "uint64"))],
    "number": [pa.float32(), pa.float64(), pa.decimal128(9, 2), pa.decimal128(38, 20), pa.decimal64(12, 3)],
    "boolean": [pa.bool_()],
    "date": [pa.date32(), pa.date64(), pa.timestamp("us"), pa.timestamp("ms")],
    "timestamp": [
        *itertools.starmap(pa.timestamp, itertools.product(("s", "ms", "us", "ns"), (None, "UTC", "+01:00"))),
        pa.date32(),
        pa.date64(),
    ],
}


def cells(kind, form):
    """An array of that form, and what a reader of it has to find."""
    values = VALUES[kind]
    if kind == "date":
        return pa.array(VALUES[kind], pa.date32()).cast(form), values
    if pa.types.is_date(form):
        values = MIDNIGHTS
    elif pa.types.is_timestamp(form):
        values = RECENT if form.unit == "ns" else values
        zone = form.tz and UTC
        return pa.array([each and each.replace(tzinfo=zone) for each in values], form), values
    elif pa.types.is_decimal(form):
        return pa.array([None if each is None else Decimal(str(each)) for each in values], form), values
    elif pa.types.is_unsigned_integer(form) or pa.types.is_floating(form):
        values = [each and abs(each) for each in values]
    return pa.array(values, form), values


COLUMNS = {
    f"{kind}_{place}": (kind, *cells(kind, form))
    for kind, forms in FORMS.items()
    for place, form in enumerate(forms)
}
TABLE = pa.table({name: array for name, (_, array, _) in COLUMNS.items()})
CONTRACT = contract_of(*(column(name, kind) for name, (kind, _, _) in COLUMNS.items()))


def by_pyarrow(**options):
    return lambda path: pq.write_table(TABLE, path, **options)


def by_polars(**options):
    return lambda path: pl.from_arrow(TABLE).write_parquet(path, **options)


def by_pandas(**options):
    return lambda path: TABLE.to_pandas(integer_object_nulls=True, **options).to_parquet(path)


def by_duckdb(options):
    def write(path):
        duckdb.from_arrow(TABLE).query("t", f"copy (from t) to '{path}' (format parquet, {options})")

    return write


ROW_GROUPS = {"row_group_size": 1}
WRITERS = {
    **{f"pyarrow, {codec}": by_pyarrow(compression=codec) for codec in ("none", "snappy", "gzip")},
    **{f"pyarrow, {codec}": by_pyarrow(compression=codec, **ROW_GROUPS) for codec in ("zstd", "lz4")},
    "pyarrow, no statistics": by_pyarrow(write_statistics=False),
    "pyarrow, an index of pages": by_pyarrow(write_page_index=True, **ROW_GROUPS),
    "pyarrow, no dictionary": by_pyarrow(use_dictionary=False),
    "pyarrow, no schema": by_pyarrow(store_schema=False),
    "pyarrow, pages of version 2": by_pyarrow(data_page_version="2.0", version="2.6"),
    "pyarrow, version 1": by_pyarrow(version="1.0"),
    "pyarrow, 96 bits": by_pyarrow(use_deprecated_int96_timestamps=True),
    "pyarrow, milliseconds": by_pyarrow(coerce_timestamps="ms", allow_truncated_timestamps=True),
    "pyarrow, split bytes": by_pyarrow(use_byte_stream_split=["number_0", "number_1"], use_dictionary=False),
    "pyarrow, whole decimals": by_pyarrow(store_decimal_as_integer=True),
    **{f"polars, {codec}": by_polars(compression=codec) for codec in ("zstd", "lz4", "gzip", "snappy")},
    "polars, bare": by_polars(compression="uncompressed", statistics=False, **ROW_GROUPS),
    "polars, all statistics": by_polars(statistics="full"),
    "pandas": by_pandas(),
    "pandas, categories": by_pandas(strings_to_categorical=True),
    "pandas, its own types": by_pandas(types_mapper=pd.ArrowDtype),
    **{
        f"DuckDB, {codec}": by_duckdb(f"compression {codec}")
        for codec in ("uncompressed", "snappy", "gzip", "zstd", "lz4_raw")
    },
    "DuckDB, version 2": by_duckdb("parquet_version v2, row_group_size 1"),
}
BROTLI = {
    "pyarrow": by_pyarrow(compression="brotli"),
    "polars": by_polars(compression="brotli"),
    "DuckDB": by_duckdb("compression brotli"),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_every_value_is_read_as_it_was_written(judging, tmp_path, write):
    read_and_compare(judging, tmp_path, write)


@pytest.mark.parametrize("write", BROTLI.values(), ids=BROTLI)
def test_what_is_packed_with_brotli_is_read_by_duckdb(engine, tmp_path, write):
    read_and_compare(engine, tmp_path, write)


@pytest.mark.spark
@pytest.mark.parametrize("write", BROTLI.values(), ids=BROTLI)
def test_what_is_packed_with_brotli_is_refused_by_spark(spark, tmp_path, write):
    write(tmp_path / "in.parquet")

    with pytest.raises(DataError, match=r"DQ002.*in\.parquet: Spark cannot unpack Brotli"):
        spark.read("t", tmp_path / "in.parquet", CONTRACT.sql_types)


def read_and_compare(judging, tmp_path, write):
    write(tmp_path / "in.parquet")
    judging.read("t", tmp_path / "in.parquet", CONTRACT.sql_types)

    result = checks.split(judging, CONTRACT, tmp_path)

    assert (result.broken, result.good) == ({}, 4)
    kept = pq.read_table(tmp_path / "t.parquet").to_pydict()
    assert list(kept) == list(COLUMNS)
    for name, (_, _, values) in COLUMNS.items():
        assert kept[name] == values, name


OTHERS = {  # what a contract has no type for
    "bytes": (pa.array([b"a"]), "string", "BLOB"),
    "a list": (pa.array([["a"]]), "string", r"VARCHAR\[\]"),
    "a structure": (pa.array([{"a": 1}]), "number", r"STRUCT\(a BIGINT\)"),
    "a time of day": (pa.array([1], pa.time32("ms")), "timestamp", "TIME"),
    "a UUID": (pa.array([b"0" * 16], pa.uuid()), "string", "UUID"),
    "JSON": (pa.array(["1"], pa.json_()), "string", "JSON"),
    "text for a number": (pa.array(["1"]), "number", "VARCHAR"),
    "a number for text": (pa.array([1]), "string", "BIGINT"),
    "fractions for whole numbers": (pa.array([1.0]), "integer", "DOUBLE"),
    "a number for a truth": (pa.array([1]), "boolean", "BIGINT"),
    "a number for a time": (pa.array([1]), "timestamp", "BIGINT"),
}


@pytest.mark.parametrize(("cells", "kind", "type_"), OTHERS.values(), ids=OTHERS)
def test_what_a_contract_has_no_type_for_is_refused_by_name(engine, tmp_path, cells, kind, type_):
    contract = contract_of(column("x", kind))
    pq.write_table(pa.table({"x": cells}), tmp_path / "in.parquet")
    engine.read("t", tmp_path / "in.parquet", contract.sql_types)

    with pytest.raises(DataError, match=rf"DQ004(?s:.*)x: {type_}, must be {kind}"):
        checks.split(engine, contract, tmp_path)


def test_a_decimal_of_76_digits_is_read_as_a_number(engine, tmp_path):
    cells = pa.array([Decimal("1.5"), Decimal("9" * 60)], pa.decimal256(76, 2))
    pq.write_table(pa.table({"x": cells}), tmp_path / "in.parquet")
    contract = contract_of(column("x", "number"))
    engine.read("t", tmp_path / "in.parquet", contract.sql_types)

    assert checks.split(engine, contract, tmp_path).good == 2
    assert engine.rows(f"select x from '{tmp_path / 't.parquet'}'") == [(1.5,), (1e60,)]
