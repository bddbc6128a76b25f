"""Run SQL on files.

In:       tables by name (parquet or CSV files), statements in DuckDB's dialect.
Out:      parquet files, rows, numpy columns.
Failure:  DataError DQ001 (no such file), DQ002 (not parquet or CSV), DQ004 (CSV cell of a wrong
          type); ContractError CT006 (a statement does not run); SettingsError CF006 (the memory limit).

Another engine is another class with these methods (`spark_engine.Spark`); the statements stay the same.
"""

import csv
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import duckdb

from ..errors import ContractError, DataError, SettingsError, first_line, first_lines
from . import csv_fault, csv_file, files
from .columns import Columns
from .csv_fault import AGAIN
from .file_kind import is_parquet
from .files import NO_WORDS, NONE, Names, Words

# Level 1 is a sixth sooner than 3, files grow by 2 %. A column of more than 5,000 values packs better, and
# sooner, without a dictionary.
PARQUET = "format parquet, compression zstd, compression_level 1, dictionary_size_limit 5000"


class StatementError(Exception):
    """What another engine says of a statement that does not run; DuckDB has classes of its own."""


class DuckDB:
    """DuckDB, embedded: one process, no server; spills to disk beyond `memory_limit`."""

    def __init__(self, memory_limit: str | None = None) -> None:
        self._read: dict[str, tuple[Path, tuple[int, ...]]] = {}  # table -> its file, and which one it was
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

    def read(
        self, table: str, path: Path, types: Names = NONE, names: Names = NONE, missing: Words = NO_WORDS
    ) -> None:
        """Make the file `path` known as `table`.

        `types`: SQL type of each column of a CSV file, and of one to which a parquet file gives another type
        for the same: see `files`. `names`: column -> what the file may call it instead. `missing`: column ->
        texts that count as null in it.
        """
        identity = files.identity(path)
        with files.unchanged(path, identity):
            if is_parquet(path):
                self._read_parquet(table, path, types, names, missing)
            else:
                self._read_csv(table, path, types, names, missing)
        self._read[table] = path, identity

    def read_folder(self, table: str, folder: Path) -> None:
        """Make all parquet files of a folder of ours, which have the same columns, known as `table`."""
        self._define(table, files.parquet_rows(folder, "/*.parquet"))

    def _read_parquet(self, table: str, path: Path, types: Names, names: Names, missing: Words) -> None:
        try:
            schema = self.rows(f"select name, num_children from parquet_schema({files.quoted(path)})")
            files.refuse_repeated(path, schema)
            rows = files.parquet_rows(path)
            self._define(table, files.sql(rows, self.types(rows), path, types, names, missing))
        except duckdb.OutOfMemoryException:  # not the file's fault
            raise
        except duckdb.Error as error:
            raise DataError("DQ002", f"{path}: {first_lines(error)}", AGAIN) from None

    def _read_csv(self, table: str, path: Path, types: Names, names: Names, missing: Words) -> None:
        cells = {**types, **{names[name]: type_ for name, type_ in types.items() if name in names}}
        nulls = {**missing, **{names[name]: words for name, words in missing.items() if name in names}}
        try:  # kept, so that a cell of a wrong type shows now and not in the middle of a run
            self.keep(f"_csv {table}", csv_file.sql(path, files.quoted(path), cells, nulls))
        except duckdb.OutOfMemoryException:
            raise
        except (duckdb.Error, UnicodeError, csv.Error, csv_file.HeaderError) as error:
            fault, hint = csv_fault.explain(path, cells, error)
            raise DataError("DQ004", f"{path}: {fault}", hint) from None
        rows = f'from "_csv {table}"'
        self._define(table, files.sql(rows, self.types(rows), path, NONE, names))

    def unchanged(self, table: str) -> AbstractContextManager[None]:
        """A context in which the file of `table` is used: DataError DQ009 if it has changed since `read`."""
        return files.unchanged(*self._read[table]) if table in self._read else nullcontext()

    def _define(self, table: str, sql: str) -> None:
        self._connection.execute(f'create or replace temp view "{table}" as {sql}')

    def keep(self, table: str, sql: str) -> None:
        """Compute `sql` once and keep the result as `table`; spills to disk where it is large."""
        # A name stays a view: DuckDB does not replace a view by a table, nor a table by a view.
        self._connection.execute(f'create or replace temp table "_kept_{table}" as {sql}')
        self._define(table, f'from "_kept_{table}"')

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
            ((rows,),) = self.rows(f"copy ({sql}) to {files.quoted(new, '')} ({PARQUET})")
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
        text = ""
        try:
            text = path.read_text(encoding="utf-8")
            statements = self._connection.extract_statements(text)
            if len(statements) != 1:
                raise duckdb.ProgrammingError("it must hold one statement")
            self._define("_transform", statements[0].query)
            self.write("from _transform", target)
        except BLAMED as error:
            from . import sql_fault  # it loads a parser of SQL, which a service never needs

            place, said = sql_fault.explain(path, text, error, self.rows)
            raise ContractError("CT006", f"{place} does not run: {said}", f"correct {path.name}") from None
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
        raise ContractError(error_id, f"{what}: {first_lines(error)}", hint) from None
