"""Another process that uses a store: `python store_process.py make ROOT` or `promote ROOT`.

It prints a line for each action, so that a test can wait for it, count, or kill it.
"""

import os
import sys
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from datadevops.store import aliases
from datadevops.store.versions import Store

INPUTS = {"made": "slowly"}


def make(root: Path) -> None:
    """One version of 20 files, 10 ms each."""

    def write(folder: Path) -> dict[str, int]:
        for number in range(20):
            print("writing", flush=True)
            folder.joinpath(f"{number}.txt").write_text(str(number), encoding="utf-8")
            time.sleep(0.01)
        return {"files": 20}

    print("made", Store(root).make(INPUTS, write).id, flush=True)


def promote(root: Path) -> None:
    """Endless new versions, each promoted, every third one rolled back."""
    store = Store(root)
    for number in count():

        def write(folder: Path, number: int = number) -> dict[str, int]:
            folder.joinpath("number.txt").write_text(str(number) * 1000, encoding="utf-8")
            return {"number": number}

        version = store.make({"number": number, "by": os.getpid()}, write)
        aliases.promote(store, version.id, "champion", "because", datetime.now(UTC))
        print("promoted", version.id, flush=True)
        if number % 3 == 2:
            aliases.rollback(store, "champion", "because", datetime.now(UTC))


if __name__ == "__main__":
    {"make": make, "promote": promote}[sys.argv[1]](Path(sys.argv[2]))
