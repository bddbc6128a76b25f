"""Files that a command reads and writes, here or in an object store.

In:       a path or an address; the contract, which names one where the user does not.
Out:      a local path, for as long as it is needed.
Failure:  DataError DQ001 (no such file or folder), DQ002 (a file that cannot be read, or not be written
          there), DQ003, DQ004 (with the name of the file).
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..contract.values import Contract
from ..errors import DataError, ProductError
from ..product import Product, Settings
from ..store import objects

if TYPE_CHECKING:
    from ..engine.start import Engine
    from ..job import Delivered

STALE_AFTER_SECONDS = 86_400.0  # after which nobody is still fetching


def place_of(file: str | None, contract: Contract, home: Path) -> str:
    """Where `file` is stored, else the file that the contract names: a whole path or an address."""
    if file == "":  # as a variable of the shell that is not set
        raise DataError("DQ001", "the name of the file is empty", "name the file")
    if not (place := file or contract.location):
        hint = "give it `servers` with a path or location, or name the file"
        raise DataError("DQ001", f"{contract.path} does not say where its file is stored", hint)
    if objects.is_address(place):
        return place
    return os.path.abspath((Path() if file else home) / place)


@contextmanager
def delivered(file: str | None, contract: Contract, settings: Settings) -> Iterator["Delivered"]:
    """`file`, else the contract's; one in an object store is fetched for as long as needed."""
    from ..job import Delivered  # it loads the engine

    place = place_of(file, contract, settings.home)
    if not objects.is_address(place):
        path = Path(file or place)
        with named(path, str(path)):
            yield Delivered(path, place)
        return
    settings.store.mkdir(parents=True, exist_ok=True)  # a disk that all of Spark sees
    _sweep(settings.store)
    with TemporaryDirectory(dir=settings.store, prefix=".fetched-") as folder:
        path = objects.fetch(place, Path(folder))
        with named(path, place):
            yield Delivered(path, place)


def _sweep(store: Path) -> None:
    """Delete what a process that was killed has fetched; others may be at work."""
    for leftover in store.glob(".fetched-*"):
        with suppress(FileNotFoundError):  # another has swept it away, or has ended
            if time.time() - leftover.stat().st_mtime > STALE_AFTER_SECONDS:
                shutil.rmtree(leftover)


@contextmanager
def named(path: Path, name: str) -> Iterator[None]:
    """Say which file has wrong columns, no rows or damage; a contract knows its table alone."""
    try:
        yield
    except DataError as error:
        if error.id not in ("DQ003", "DQ004") or str(path) in error.message:
            raise
        raise DataError(error.id, f"{name}: {error.message}", error.hint) from None
    except Exception as error:
        if not isinstance(error, ProductError) or error.id == "CT005":  # perhaps not the contract's fault
            from ..engine.duckdb_engine import refuse_damaged  # an engine is 20 MB

            refuse_damaged(path)
        raise


@contextmanager
def database(product: Product, settings: Settings) -> Iterator["Engine"]:
    """The engine that the settings name."""
    from ..engine.start import start  # 20 MB that a server does without

    with start(settings.engine, settings.memory_limit, product.folder, product.command) as engine:
        yield engine


def in_folder(out: Path) -> Path:
    """`out`, if its folder is there and it is not a folder itself."""
    if not out.parent.is_dir():
        raise DataError("DQ001", f"{out.parent}: there is no such folder", "make it first")
    if out.is_dir():
        raise DataError("DQ002", f"{out} is a folder", "name a file, new or to append to")
    return out


def writable(out: Path) -> Path:
    """`out`, if a parquet file can be written there."""
    if in_folder(out).suffix != ".parquet":
        hint = f"name it {out.with_suffix('.parquet')}"
        raise DataError("DQ002", f"{out}: only a parquet file is written", hint)
    return out
