# The template's file: edits here meet template updates (copier update merges them).
"""Which files have brought their rows to what is published: one that comes again brings nothing new.

In:       the store of the dataset; a file, by the place it comes from and its hash.
Out:      deliveries.jsonl in that store. A line counts as long as what was published with it stands.
Failure:  StoreError ST005 (a line is broken).

Not with the versions themselves: one is named by its rows, and two deliveries may bring the same.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from . import aliases, journal
from .store import Store

LEDGER = "deliveries.jsonl"


class Delivery(NamedTuple):
    """A file, and the months that had its rows by it: those of a span that did not fail."""

    file: str  # the whole path or address: two folders may hold files of one name
    sha256: str
    first: str
    last: str
    failed: list[str]
    alone: list[str]  # months that consist of its rows only: what came before, if anything did, is lost

    def brought(self, month: str) -> bool:
        return self.first <= month <= self.last and month not in self.failed


def taken(store: Store, file: str, sha256: str) -> Callable[[str], bool]:
    """Says of a month whether this file is the last of its name that brought rows to it."""
    noted = _standing(store)

    def again(month: str) -> bool:
        since = max((place for place, each in enumerate(noted) if month in each.alone), default=0)
        mine = [each.sha256 for each in noted[since:] if each.file == file and each.brought(month)]
        return mine[-1:] == [sha256]

    return again


def note(store: Store, delivery: Delivery, at: datetime) -> None:
    """Write down that what is published now has the rows of this delivery; said again, nothing."""
    with store.locked():
        if not _said(_standing(store), delivery):
            versions, when = _published(store), at.isoformat(timespec="seconds")
            present = {"at": when, "version": versions[-1], "place": len(versions)}
            journal.append(store.root / LEDGER, present | delivery._asdict())


def _said(noted: list[Delivery], delivery: Delivery) -> bool:
    for each in reversed(noted):
        if each.file == delivery.file:
            return each._replace(alone=[]) == delivery
        if each.alone:
            return False
    return False


def _standing(store: Store) -> list[Delivery]:
    versions = dict(enumerate(_published(store), 1))
    lines: list[dict[str, Any]] = journal.read(store.root / LEDGER, {"version", "place", *Delivery._fields})
    stand = [line for line in lines if versions.get(line["place"]) == line["version"]]
    return [Delivery(**{name: line[name] for name in Delivery._fields}) for line in stand]


def _published(store: Store) -> list[str]:
    return [event["version"] for event in aliases.stack(store, aliases.PUBLISHED)]
