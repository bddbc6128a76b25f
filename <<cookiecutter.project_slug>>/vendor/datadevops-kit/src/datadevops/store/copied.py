"""A copy of the store, to try what must not change it.

In:       the folder of the store, which may be absent.
Out:      a folder with the same versions, aliases and times, for the time of a block.
Failure:  OSError.

The files of versions are never written again, so they only get a second name, which takes no room.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from . import hashed, temporary
from .versions import LOCK, NAME, Store

PREFIX = ".dry-run-"


@contextmanager
def copied(root: Path) -> Iterator[Path]:
    """A copy of the store in `root`, made while no run changes it."""
    if not root.is_dir():  # and stays absent
        with TemporaryDirectory(prefix=PREFIX) as elsewhere:
            yield Path(elsewhere, "store")
        return
    with temporary.folder(root, PREFIX) as folder:
        copy = folder / "store"
        with Store(root).locked() if (root / LOCK).exists() else nullcontext():
            shutil.copytree(root, copy, symlinks=True, ignore=_hidden, copy_function=partial(_copy, root))
        yield copy


def _hidden(_: str, names: list[str]) -> list[str]:
    """Locks, and what is being made."""
    return [name for name in names if name.startswith(".") and name != hashed.RECORD]


def _copy(root: Path, source: str, target: str) -> None:
    """A second name for a file of a version; a copy of any other, as of the log."""
    if any(NAME.fullmatch(part) for part in Path(source).relative_to(root).parts[:-1]):
        with suppress(OSError):  # a disk without links, or as many as a file can have
            return os.link(source, target)
    shutil.copy2(source, target)
