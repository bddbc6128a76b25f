"""Run the same SQL on Spark: local, on a cluster, or by Spark Connect where SPARK_REMOTE says so.

In:       as for `engine.DuckDB`: tables by name, statements in DuckDB's dialect.
Out:      as there. A table is one parquet file, on a disk that the executors see under the same path.
Failure:  SettingsError CF007 (pyspark or Java is missing, Spark does not start); else as there.

The driver keeps a DuckDB for what is its own: cells of CSV, columns of numpy, Spark's parts made one file.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import duckdb
from sqlglot.errors import SqlglotError

from ..errors import DataError, SettingsError, first_line
from . import files
from .columns import Columns
from .dialect import translated
from .duckdb_engine import DuckDB, StatementError, blaming
from .files import NO_WORDS, NONE, Names, Words, quoted

MISSING = "it needs the extra: `uv sync --extra spark`"
try:
    from pyspark.errors import PySparkException
    from pyspark.sql import DataFrame
    from pyspark.sql.functions import expr
    from pyspark.sql.pandas.types import from_arrow_schema

    from . import spark_session
except ImportError as error:
    raise SettingsError("CF007", f"Spark cannot be used: {error}", MISSING) from None

TYPES = {
    "STRING": "VARCHAR",
    "INT": "INTEGER",
    "TIMESTAMP_NTZ": "TIMESTAMP",
    "TIMESTAMP": "TIMESTAMP WITH TIME ZONE",
    "DECIMAL(20,0)": "UBIGINT",
}
STATEMENT = ("0A", "22", "42")  # classes of SQLSTATE: unsupported, a value, the text itself


class Spark:
    def __init__(self, memory_limit: str | None = None, title: str = "datadevops") -> None:
        """`memory_limit` is that of the driver's DuckDB; Spark's own is set where Spark's settings are.
        `title`: what Spark calls the application."""
        self._session = spark_session.start(title)
        self._memory_limit = memory_limit
        self._local = DuckDB(memory_limit)

    def __enter__(self) -> "Spark":
        return self

    def __exit__(self, *_: object) -> None:
        self._local.__exit__()
        self._session.stop()

    def read(
        self, table: str, path: Path, types: Names = NONE, names: Names = NONE, missing: Words = NO_WORDS
    ) -> None:
        """Make the file `path` known as `table`. `types`, `names`, `missing`: as for `engine.DuckDB`."""
        self._local.read(table, path, types, names, missing)  # it knows a whole file from a broken one
        if path.suffix.lower() == ".csv":
            frame = self._session.createDataFrame(self._local.arrow(f'from "{table}"'))
        else:
            if path.name[0] in "._" or ":" in str(path):  # it would see no file, or an address
                raise DataError("DQ002", f"{path}: Spark cannot open a file of that name", "give it another")
            if self._local.rows(files.packed_with_brotli(path)):
                raise DataError("DQ002", f"{path}: Spark cannot unpack Brotli", "have it written with zstd")
            try:
                frame = self._session.read.parquet(_plain(path))
            except PySparkException as error:
                hint = "have the file made again at its source"
                raise DataError("DQ002", f"{path}: {first_line(error)}", hint) from None
            found = self._local.types(files.parquet_rows(path))
            for name, called in files.renamed(found, path, names).items():
                frame, found = frame.withColumnRenamed(called, name), found | {name: found[called]}
            carried, forms = dict(frame.dtypes), files.forms(found, types, missing)
            for name, type_ in self._local.types(f'from "{table}"').items():
                if type_.startswith("TIMESTAMP") and carried[name] == "bigint":  # nanoseconds; div cuts off
                    whole = f"`{name}` div 1000 - cast(`{name}` % 1000 < 0 as int)"
                    frame = frame.withColumn(name, expr(f"cast(timestamp_micros({whole}) as timestamp_ntz)"))
                elif name in forms:
                    frame = frame.withColumn(name, expr(translated(forms[name])))
        frame.createOrReplaceTempView(f"`{table}`")

    def read_folder(self, table: str, folder: Path) -> None:
        """Make all parquet files of a folder of ours, which have the same columns, known as `table`."""
        self._session.read.parquet(_plain(folder)).createOrReplaceTempView(f"`{table}`")

    def unchanged(self, table: str) -> AbstractContextManager[None]:
        """A context in which the file of `table` is used: DataError DQ009 if it has changed since `read`."""
        return self._local.unchanged(table)

    def keep(self, table: str, sql: str) -> None:
        """Compute `sql` once and keep the result as `table`; spills to disk where it is large."""
        with _complaints():
            self._frame(sql).createOrReplaceTempView(f"`{table}`")
            self._session.catalog.cacheTable(f"`{table}`")

    def types(self, sql: str) -> dict[str, str]:
        """Column name -> SQL type of what `sql` gives."""
        with _complaints():
            fields = self._frame(sql).schema.fields
        found = {field.name: field.dataType.simpleString().upper() for field in fields}
        return {name: TYPES.get(type_, type_) for name, type_ in found.items()}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with _complaints():
            return [tuple(row) for row in self._frame(sql).collect()]

    def columns(self, sql: str) -> Columns:
        """The result by column: {name: (n,)}, a masked array where a value is null."""
        with _complaints():
            return _columns(self._frame(sql).toArrow())

    def write(self, sql: str, path: Path) -> int:
        """Write what `sql` gives to the parquet file `path`; returns the number of rows."""
        with _complaints():
            return self._save(self._frame(sql), path)

    def map(self, sql: str, function: Callable[[Columns], Columns], path: Path) -> int:
        """Write what `function` makes of the columns that `sql` gives, some rows at a time; returns the rows.

        It is called where Spark's executors are: they need this package, of this version.
        """

        def made(batches: Iterator[Any]) -> Iterator[Any]:
            for batch in batches:
                yield from _arrow(function(_columns(batch))).to_batches()

        first = _arrow(function(self.columns(f"select * from ({sql}) as rows limit 1")))
        return self._save(self._frame(sql).mapInArrow(made, from_arrow_schema(first.schema)), path)

    def _save(self, frame: DataFrame, path: Path) -> int:
        parts = path.with_name(f".{path.name}.parts")
        try:
            frame.write.mode("overwrite").parquet(str(parts))
            files = ", ".join(quoted(part) for part in sorted(parts.glob("*.parquet")))
            with DuckDB(self._memory_limit) as joined:
                joined.rows("set preserve_insertion_order = false")  # Spark's rows have none to keep
                return joined.write(f"from read_parquet([{files}])", path)
        finally:
            shutil.rmtree(parts, ignore_errors=True)

    def write_columns(self, columns: Columns, path: Path) -> int:
        """Write columns {name: (n,)} to the parquet file `path`, NaN as null; returns the rows."""
        return self._local.write_columns(columns, path)

    def transform(self, path: Path, target: Path) -> Path:
        """Write the result of the SQL file `path` to `target`; returns `target`."""
        with blaming("CT006", f"{path} does not run", f"correct {path.name}"):
            self.write(path.read_text(encoding="utf-8"), target)
        return target

    def _frame(self, sql: str) -> DataFrame:
        return self._session.sql(translated(sql))


def _columns(table: Any) -> Columns:
    """A table or batch of pyarrow by column, as `engine.DuckDB.columns` gives it."""
    return dict(duckdb.from_arrow(table).fetchnumpy())


def _arrow(columns: Columns) -> Any:
    connection = duckdb.connect()
    connection.register("_columns", columns)
    return connection.sql("from _columns").to_arrow_table()


@contextmanager
def _complaints() -> Iterator[None]:
    """What Spark or the translation says of a statement as StatementError; all else stays as it is."""
    try:
        yield
    except SqlglotError as error:
        raise StatementError(str(error)) from None
    except PySparkException as error:
        if (error.getSqlState() or "")[:2] in STATEMENT:
            raise StatementError(first_line(error)) from None
        raise


def _plain(path: Path) -> str:
    """`path`, its signs taken as they are and not as patterns."""
    return "".join(f"\\{sign}" if sign in "*?[]{}\\" else sign for sign in str(path))
