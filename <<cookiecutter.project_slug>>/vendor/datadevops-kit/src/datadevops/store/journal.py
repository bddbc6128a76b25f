"""An append-only file with one JSON object per line: each line is an event that happened.

In:       a path, an event.
Out:      the events in order; a last line cut off by a crash does not count.
Failure:  StoreError ST005 (a line is broken).
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import StoreError


def read(path: Path, needed: set[str]) -> list[dict[str, Any]]:
    """Every event; each must have the keys `needed`."""
    events = []
    try:
        content = path.read_bytes()
    except FileNotFoundError:  # not `exists`: newer Pythons say no of what they may not read
        content = b""
    for line in content.split(b"\n")[:-1]:
        try:
            event = json.loads(line)
            if missing := needed - event.keys():
                raise ValueError(f"{', '.join(sorted(missing))} is missing in a line")
        except (ValueError, AttributeError) as error:
            raise damaged(path, error) from None
        events.append(event)
    return events


def append(path: Path, event: Mapping[str, Any]) -> None:
    """Add an event; it is on disk when this returns. One process at a time, in a folder that is there."""
    with path.open("ab+") as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)  # a line cut off by a crash
        file.write(json.dumps(event).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def damaged(path: Path, what: object) -> StoreError:
    hint = "restore the file from a backup, or remove the broken line"
    return StoreError("ST005", f"{path} is damaged: {what}", hint)
