"""A file that only grows, one JSON object a line: what stands in it has happened.

In:       a path, an event.
Out:      the events in their order; one that a crash cut off never was.
Failure:  StoreError ST005 (a line is broken).
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import StoreError


def read(path: Path, needed: set[str]) -> list[dict[str, Any]]:
    """Every event, each with what is needed."""
    events = []
    for line in path.read_bytes().split(b"\n")[:-1] if path.exists() else ():
        try:
            event = json.loads(line)
            if missing := needed - event.keys():
                raise ValueError(f"{', '.join(sorted(missing))} is missing in a line")
        except (ValueError, AttributeError) as error:
            raise damaged(path, error) from None
        events.append(event)
    return events


def append(path: Path, event: Mapping[str, Any]) -> None:
    """Add an event, which has happened when this returns. One process at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)  # a line cut off by a crash
        file.write(json.dumps(event).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def damaged(path: Path, what: object) -> StoreError:
    hint = "take the broken line out; a copy of the file from before is better"
    return StoreError("ST005", f"{path} is damaged: {what}", hint)
