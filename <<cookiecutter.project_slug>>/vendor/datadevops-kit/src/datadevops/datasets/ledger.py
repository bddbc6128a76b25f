"""Which files have brought their rows to what is published: one that comes again brings nothing new.

In:       the store of the dataset; a file, by the place it comes from and its hash.
Out:      deliveries.jsonl in that store. Each line names the one that it was made on; what counts are the
          line of what is published now and those it leads back to.
Failure:  StoreError ST005 (a line is broken).

Not with the versions themselves: one is named by its rows, and two deliveries may bring the same.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ..store import aliases, journal
from ..store.versions import Store, version_of

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
    lines = _lines(store)
    noted = _noted(lines, _head(lines, _published(store)))

    def again(month: str) -> bool:
        since = max((place for place, each in enumerate(noted) if month in each.alone), default=0)
        mine = [each.sha256 for each in noted[since:] if each.file == file and each.brought(month)]
        return mine[-1:] == [sha256]

    return again


def note(store: Store, version: str, delivery: Delivery, at: datetime) -> None:
    """Write down that this version, which is published next, has the rows of the delivery; said again,
    nothing. Before, not after: a line whose version is not published counts for nothing."""
    with store.locked():
        lines, published = _lines(store), _published(store)
        head, place = _head(lines, published), len(published) + (published[-1:] != [version])
        if place == len(published) and _said(_noted(lines, head), delivery):
            return
        about = {"at": at.isoformat(timespec="seconds"), "version": version, "place": place, "after": head}
        journal.append(store.root / LEDGER, about | delivery._asdict())


def _said(noted: list[Delivery], delivery: Delivery) -> bool:
    for each in reversed(noted):
        if each.file == delivery.file:
            return each._replace(alone=[]) == delivery
        if each.alone:
            return False
    return False


def _lines(store: Store) -> dict[str, dict[str, Any]]:
    """Every line, by its hash."""
    lines = journal.read(store.root / LEDGER, {"version", "place", "after", *Delivery._fields})
    return {version_of(line): line for line in lines}


def _published(store: Store) -> list[str]:
    return [event["version"] for event in aliases.stack(store, aliases.PUBLISHED)]


def _head(lines: Mapping[str, Any], published: Sequence[str]) -> str:
    """The line of what is published: of its place, or where somebody has promoted it by hand, of when it
    was made; empty where there is none."""
    mine = {name: line for name, line in lines.items() if [line["version"]] == published[-1:]}
    here = [name for name, line in mine.items() if line["place"] == len(published)]
    return ["", *mine, *here][-1]


def _noted(lines: Mapping[str, Any], head: str) -> list[Delivery]:
    """The deliveries of a line and of those it leads back to, the last one at the end."""
    found: list[Delivery] = []
    while line := lines.get(head):
        found.insert(0, Delivery(**{name: line[name] for name in Delivery._fields}))
        head = line["after"]
    return found
