"""Start the engine that the settings name.

In:       "duckdb" or "spark", the folder of a product's package.
Out:      an engine, a context manager.
Failure:  ContractError CT009 (SQL of the product that does not carry over to Spark); SettingsError CF006,
          CF007.
"""

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from .duckdb_engine import DuckDB

if TYPE_CHECKING:
    from .spark_engine import Spark

Engine: TypeAlias = "DuckDB | Spark"


def start(name: str, memory_limit: str | None, package: Path, title: str) -> Engine:
    """The engine `name`. "spark" only if the SQL of `package` means the same there; `title` is what Spark
    calls the application."""
    if name == "duckdb":
        return DuckDB(memory_limit)
    from . import portable, spark_engine  # both need what is not installed everywhere

    portable.refuse(package)
    return spark_engine.Spark(memory_limit, title)
