"""A folder in the store for the time of a block, on a disk that all Spark workers see.

In:       the folder of the store, what the name of the folder begins with.
Out:      the folder. Those that killed processes left behind are deleted after a day.
Failure:  OSError.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

STALE_AFTER_SECONDS = 86_400.0  # no block takes that long


@contextmanager
def folder(store: Path, prefix: str) -> Iterator[Path]:
    """A new folder; `prefix` begins with a dot, so that it is no table."""
    store.mkdir(parents=True, exist_ok=True)
    for leftover in store.glob(f"{prefix}*"):
        with suppress(FileNotFoundError):  # another process has deleted it
            if time.time() - leftover.stat().st_mtime > STALE_AFTER_SECONDS:
                shutil.rmtree(leftover)
    with TemporaryDirectory(dir=store, prefix=prefix) as made:
        yield Path(made)
