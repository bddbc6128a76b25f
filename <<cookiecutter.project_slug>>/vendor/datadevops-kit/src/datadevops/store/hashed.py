"""Which files of a version nobody has written since their hashes were computed; files with a second name.

In:       the folder of a version.
Out:      .hashed.json in it, which says which file each hash was computed of.
Failure:  OSError (a file is gone, or cannot be read).

To read all files of a large dataset would take longer than to replace one of its partitions. A file that has
the same inode, size and time of writing as in the record holds the bytes that were hashed, unless a disk
changes them by itself: only those who ask for all hashes notice that.

Paths are text here: a dataset may have thousands of files, and objects for each would take most of the time.
"""

import json
import os
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

RECORD = ".hashed.json"


def names(folder: Path) -> list[str]:
    """Every file of the folder and of those in it, as `dataset/2013-01.parquet`."""
    found = []
    for place, _, files in os.walk(folder):
        inside = os.path.relpath(place, folder).replace(os.sep, "/")
        found += files if inside == "." else [f"{inside}/{name}" for name in files]
    return sorted(name for name in found if name != RECORD)


def record(folder: Path, files: Iterable[str]) -> None:
    """Record that the hashes of these files are those of the bytes that they have now."""
    made, new = folder.stat(), folder / f"{RECORD}.new"
    text = json.dumps({name: _identity(f"{folder}/{name}") for name in files})
    new.write_text(text, encoding="utf-8")
    new.replace(folder / RECORD)
    os.utime(folder, ns=(made.st_atime_ns, made.st_mtime_ns))  # versions are listed by it


def unwritten(folder: Path, files: Collection[str]) -> set[str]:
    """Those of the files that nobody has written since they were recorded."""
    try:
        known = json.loads((folder / RECORD).read_bytes())
        return {name for name in files if known.get(name) == _identity(f"{folder}/{name}")}
    except (OSError, ValueError, AttributeError):
        return set()


def link(source: str, target: str) -> bool:
    """Give the file a second name, so that it takes no room; whether that was possible. Else a copy."""
    try:
        os.link(source, target)
    except OSError:  # another disk, one without links, or as many links as it can have
        shutil.copyfile(source, target)
        return False
    return True


def _identity(path: str) -> list[int]:
    found = os.stat(path)
    return [found.st_ino, found.st_size, found.st_mtime_ns]
