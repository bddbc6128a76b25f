# The template's file: edits here meet template updates (copier update merges them).
"""Which version is in use: `champion`, `challenger`, `published`.

An alias has no file of its own. It is what the append-only log says, so the two cannot disagree.

In:       a store, the name of an alias.
Out:      the version it stands for; `log.jsonl`, one line an event.
Failure:  StoreError ST003 (nothing to roll back to), ST004 (the alias stands for nothing yet).
"""

import json
import os
from datetime import datetime
from typing import Any

from . import COMMAND
from .errors import StoreError
from .store import Store, Version


def log(store: Store) -> list[dict[str, Any]]:
    """All events, the oldest first. A line that a crash cut off never happened."""
    path = store.root / "log.jsonl"
    text = path.read_bytes() if path.exists() else b""
    return [json.loads(line) for line in text.split(b"\n")[:-1]]


def stack(store: Store, alias: str) -> list[dict[str, Any]]:
    """The promotions that stand, the present one last: a rollback takes one away for good."""
    events: list[dict[str, Any]] = []
    for event in log(store):
        if event["alias"] == alias:
            events = events[:-1] if event["action"] == "rollback" else [*events, event]
    return events


def current(store: Store, alias: str) -> Version | None:
    """The verified version `alias` stands for, None if it stands for nothing."""
    events = stack(store, alias)
    return _verified(store, events[-1]) if events else None


def require(store: Store, alias: str) -> Version:
    """As `current`; raises StoreError ST004 if the alias stands for nothing."""
    if version := current(store, alias):
        return version
    raise StoreError(
        "ST004", f"{store.root.name}: there is no {alias} yet", f"`{COMMAND} run` makes one"
    )


def promote(store: Store, version: str, alias: str, why: str, at: datetime) -> Version:
    """Let `alias` stand for `version`. A reader sees the old one or the new one, whole."""
    opened = store.open(version)
    with store.locked():
        events = stack(store, alias)
        if not events or events[-1]["version"] != version:
            _append(store, "promote", alias, opened, why, at)
    return opened


def rollback(store: Store, alias: str, why: str, at: datetime) -> Version:
    """Let `alias` stand for the version before; said again, for the one before that."""
    with store.locked():
        events = stack(store, alias)
        if len(events) < 2:
            raise StoreError(
                "ST003",
                f"{store.root.name}: no {alias} stands before the present one",
                f"pick one by hand: `{COMMAND} models list`, `{COMMAND} models promote VERSION`",
            )
        before = _verified(store, events[-2])
        _append(store, "rollback", alias, before, why, at)
    return before


def rolled_back(store: Store, alias: str) -> set[str]:
    """Versions a person has rolled back from and nobody has promoted since."""
    gone: set[str] = set()
    standing: list[str] = []
    for event in log(store):
        if event["alias"] == alias and event["action"] == "rollback":
            gone.add(standing.pop())
        elif event["alias"] == alias:
            standing.append(event["version"])
            gone.discard(event["version"])
    return gone


def _verified(store: Store, event: dict[str, Any]) -> Version:
    version = store.open(event["version"])
    if version.manifest_sha256 != event["manifest_sha256"]:
        raise StoreError(
            "ST002",
            f"{version.folder} is not what was promoted on {event['at']}",
            "roll back to another version, delete this folder and run again",
        )
    return version


def _append(
    store: Store, action: str, alias: str, version: Version, why: str, at: datetime
) -> None:
    event = {
        "at": at.isoformat(timespec="seconds"),
        "action": action,
        "alias": alias,
        "version": version.id,
        "manifest_sha256": version.manifest_sha256,
        "why": why,
    }
    with (store.root / "log.jsonl").open("ab+") as file:
        file.seek(0)
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)  # a line cut off by a crash
        file.write(json.dumps(event).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
