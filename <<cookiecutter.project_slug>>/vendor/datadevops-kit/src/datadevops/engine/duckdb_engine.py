"""Run SQL on files.

In:       tables by name (parquet or CSV files), statements in DuckDB's dialect.
Out:      parquet files, rows, numpy columns.
Failure:  DataError DQ001 (no such file), DQ002 (not parquet or CSV), DQ004 (CSV cell of a wrong
          type); ContractError CT006 (a statement does not run); SettingsError CF006 (the memory limit).

Another engine is another class with these methods (`spark_engine.Spark`); the statements stay the same.
"""

import csv
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from ..errors import ContractError, DataError, SettingsError, first_line
from . import csv_file
from .columns import Columns

# Level 1 is a sixth sooner than 3, files grow by 2 %. A column of more than 5,000 values packs better, and
# sooner, without a dictionary.
PARQUET = "format parquet, compression zstd, compression_level 1, dictionary_size_limit 5000"

IN_UTC = """cast("{name}" at time zone 'UTC' as timestamp)"""
FORMS = {  # type of a parquet file -> SQL for what a contract knows
    '"NULL"': "cast(null as {type})",
    "DATE": 'try_cast("{name}" as timestamp)',  # null, 290,000 years from now
    "TIMESTAMP WITH TIME ZONE": IN_UTC,
    "TIMESTAMPTZ_NS": IN_UTC,
}


class StatementError(Exception):
    """What another engine says of a statement that does not run; DuckDB has classes of its own."""


class DuckDB:
    """DuckDB, embedded: one process, no server; spills to disk beyond `memory_limit`."""

    def __init__(self, memory_limit: str | None = None) -> None:
        config: dict[str, Any] = {"temp_directory": tempfile.gettempdir()}
        config["autoinstall_known_extensions"] = False  # nothing is fetched at run time
        if memory_limit:
            config["memory_limit"] = memory_limit
        try:
            self._connection = duckdb.connect(config=config)
        except duckdb.ParserException as error:  # beyond 64 bits
            raise SettingsError("CF006", f"{memory_limit}: {first_line(error)}", "write it as 4GB") from None

    def __enter__(self) -> "DuckDB":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def read(self, table: str, path: Path, types: Mapping[str, str] | None = None) -> None:
        """Make the file `path` known as `table`.

        `types`: SQL type of each column of a CSV file, and of one to which a parquet file gives another type
        for the same: see `forms`.
        """
        if not path.is_file():
            raise DataError("DQ001", f"{path}: there is no such file", "name a file that exists")
        if any("\ud800" <= sign <= "\udfff" for sign in str(path)):
            raise DataError("DQ002", f"{str(path)!a}: its name is not UTF-8", "give it another")
        with path.open("rb") as file:
            parquet = file.read(4) == b"PAR1"
        if not parquet and path.suffix.lower() != ".csv":
            raise DataError("DQ002", f"{path} is neither parquet nor .csv", "give a parquet or a CSV file")
        try:
            if parquet:
                sql = parquet_rows(path)
                cells = [f'{cell} as "{name}"' for name, cell in self.forms(path, types or {}).items()]
                self._define(table, f"select * replace ({', '.join(cells)}) {sql}" if cells else sql)
            else:  # kept, so that a cell of a wrong type shows now and not in the middle of a run
                self.keep(f"_csv {table}", csv_file.sql(path, quoted(path), types or {}))
                self._define(table, f'from "_csv {table}"')
        except duckdb.OutOfMemoryException:  # not the file's fault
            raise
        except (duckdb.Error, UnicodeError, csv.Error) as error:
            code, hint = "DQ002" if parquet else "DQ004", "have the file made again at its source"
            raise DataError(code, f"{path}: {_first_lines(error)}", hint) from None

    def _define(self, table: str, sql: str) -> None:
        self._connection.execute(f'create or replace temp view "{table}" as {sql}')

    def forms(self, path: Path, types: Mapping[str, str]) -> dict[str, str]:
        """SQL for the columns of a parquet file that say the same in another form: no type, as they hold
        nothing but nulls; a day, for its midnight; a time with a zone, for the same time in UTC."""
        found = self.types(parquet_rows(path)) if types else {}
        return {
            name: FORMS[form].format(name=name, type=type_)
            for name, type_ in types.items()
            if (form := found.get(name, "")) in FORMS and (type_ == "TIMESTAMP" or form == '"NULL"')
        }

    def keep(self, table: str, sql: str) -> None:
        """Compute `sql` once and keep the result as `table`; spills to disk where it is large."""
        self._connection.execute(f'create or replace temp table "{table}" as {sql}')

    def types(self, sql: str) -> dict[str, str]:
        """Column name -> SQL type of what `sql` gives."""
        return {row[0]: row[1] for row in self.rows(f"describe {sql}")}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    def columns(self, sql: str) -> Columns:
        """The result by column: {name: (n,)}, a masked array where a value is null."""
        return dict(self._connection.execute(sql).fetchnumpy())

    def arrow(self, sql: str) -> Any:
        """The result as a table of pyarrow, which is no dependency."""
        return self._connection.sql(sql).to_arrow_table()

    def write(self, sql: str, path: Path) -> int:
        """Write what `sql` gives to the parquet file `path`; returns the number of rows."""
        new = path.with_name(f".{path.name}.new")  # a failure leaves what was there
        try:
            ((rows,),) = self.rows(f"copy ({sql}) to {quoted(new, '')} ({PARQUET})")
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
        return int(rows)

    def write_columns(self, columns: Columns, path: Path) -> int:
        """Write columns {name: (n,)} to the parquet file `path`, NaN as null; returns the rows."""
        self._connection.register("_columns", columns)
        return self.write("select * from _columns", path)

    def map(self, sql: str, function: Callable[[Columns], Columns], path: Path) -> int:
        """Write what `function` makes of the columns that `sql` gives; returns the number of rows."""
        return self.write_columns(function(self.columns(sql)), path)

    def transform(self, path: Path, target: Path) -> Path:
        """Write the result of the SQL file `path` to `target`; returns `target`."""
        with blaming("CT006", f"{path} does not run", f"correct {path.name}"):
            statements = self._connection.extract_statements(path.read_text(encoding="utf-8"))
            if len(statements) != 1:
                raise duckdb.ProgrammingError("it must hold one statement")
            self._define("_transform", statements[0].query)
            self.write("from _transform", target)
        return target


BLAMED = (
    StatementError,
    duckdb.ProgrammingError,
    duckdb.DataError,
    duckdb.NotSupportedError,
    UnicodeError,
)


@contextmanager
def blaming(error_id: str, what: str, hint: str) -> Iterator[None]:
    """An engine's complaint about a statement as a ContractError; a full disk or memory is not its fault."""
    try:
        yield
    except BLAMED as error:
        raise ContractError(error_id, f"{what}: {_first_lines(error)}", hint) from None


def refuse_damaged(path: Path) -> None:
    """Read all of a file, which takes its time. Raises DataError DQ002 where a part cannot be read."""
    with DuckDB() as engine:
        engine.read("whole", path)
        try:
            engine.rows("select max(hash(columns(*))) from whole")
        except duckdb.Error as error:
            hint = "have the file made again at its source"
            raise DataError("DQ002", f"{path} is damaged: {_first_lines(error)}", hint) from None


def parquet_rows(path: Path) -> str:
    """SQL for the rows of a parquet file, whatever its name; a folder named day=1 is no column.

    A writer leaves NaN out of the smallest and largest number of its statistics, so they cannot say that a
    rule or a filter finds none.
    """
    return f"from read_parquet({quoted(path)}, hive_partitioning = false, can_have_nan = true)"


def quoted(path: Path, wild: str = "*?[") -> str:
    """`path` as SQL, its signs in `wild` taken as they are and not as patterns."""
    name = "".join(f"[{sign}]" if sign in wild else sign for sign in str(path))
    return "'" + name.replace("'", "''") + "'"


def _first_lines(error: Exception) -> str:
    return " ".join(str(error).split("\n\n")[0].split())[:300]
