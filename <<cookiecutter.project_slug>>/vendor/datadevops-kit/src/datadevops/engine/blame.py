"""Say which delivered file an error is about, and whether the file is damaged.

In:       a file, the name that its supplier knows it by.
Out:      nothing.
Failure:  DataError DQ002 (the file cannot be read), DQ003, DQ004 (with the name of the file).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ..contract.kinds import quoted_name
from ..errors import DataError, ProductError, first_lines
from . import files
from .csv_fault import AGAIN
from .duckdb_engine import DuckDB
from .file_kind import is_parquet


@contextmanager
def named(path: Path, name: str) -> Iterator[None]:
    """Add the file name to errors about its columns or rows, and check whether the file is damaged."""
    try:
        yield
    except DataError as error:
        if error.id not in ("DQ003", "DQ004") or str(path) in error.message:
            raise
        raise DataError(error.id, f"{name}: {error.message}", error.hint) from None
    except Exception as error:
        if not isinstance(error, ProductError) or error.id == "CT005":  # perhaps the file is damaged
            refuse_damaged(path)
        raise


def refuse_damaged(path: Path) -> None:
    """Read all of a file, which takes its time. Raises DataError DQ002 with the columns that cannot be read:
    a part is damaged, or they hold what the reader cannot take, as a time in year 300,000."""
    wrong = []
    with DuckDB() as engine:
        engine.read("whole", path)
        rows = files.parquet_rows(path) if is_parquet(path) else "from whole"
        for name in engine.types(rows):
            try:
                engine.rows(f"select max(hash({quoted_name(name)})) {rows}")
            except duckdb.Error as error:
                wrong.append(f"{name}: {first_lines(error)}")
    if wrong:
        text = "\n  ".join([f"{path} cannot be read", *wrong])
        raise DataError("DQ002", text, AGAIN)
