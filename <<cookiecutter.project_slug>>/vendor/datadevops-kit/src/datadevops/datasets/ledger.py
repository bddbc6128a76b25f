"""Which delivered files the published dataset already contains: the same file again adds nothing.

In:       the store of the dataset; a file, by its path or address and its hash.
Out:      deliveries.jsonl in that store. Each line names the line it follows. Only the line of the
          published version and the lines before it count.
Failure:  StoreError ST005 (a line is broken).

Not stored in the versions: a version is named by its rows, and two deliveries may have the same rows.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ..store import aliases, journal
from ..store.versions import Store, version_of

LEDGER = "deliveries.jsonl"


class Delivery(NamedTuple):
    """A file, and the partitions that got its rows: those from `first` to `last` that did not fail."""

    file: str  # the whole path or address: two folders may hold files of one name
    sha256: str
    first: str
    last: str
    failed: list[str]
    alone: list[str]  # partitions that consist of its rows only: earlier rows, if there were any, are lost

    def includes(self, partition: str) -> bool:
        return self.first <= partition <= self.last and partition not in self.failed


# What a run brings to which nothing is delivered, and to a dataset that is made from another one.
NOTHING = Delivery("", "", "~", "", [], [])


class Repeated(NamedTuple):
    """What a partition has of a file that is delivered."""

    known: bool  # it is the latest file of its name that the partition got rows from
    superseded: bool  # and another delivery came since


def already_delivered(store: Store, file: str, sha256: str) -> Callable[[str], Repeated]:
    """A function of a partition: what it has of this file."""
    lines = _lines(store)
    deliveries = _deliveries(lines, _head(lines, _published(store)))

    def repeated(partition: str) -> Repeated:
        since = max((place for place, each in enumerate(deliveries) if partition in each.alone), default=0)
        brought = [each for each in deliveries[since:] if each.includes(partition)]
        known = [each.sha256 for each in brought if each.file == file][-1:] == [sha256]
        return Repeated(known, known and brought[-1].file != file)

    return repeated


def record(store: Store, version: str, delivery: Delivery, at: datetime) -> None:
    """Record that this version, which is published next, has the rows of the delivery; once is enough.
    Call it before publishing: a line whose version is not published does not count."""
    with store.locked():
        lines, published = _lines(store), _published(store)
        head, place = _head(lines, published), len(published) + (published[-1:] != [version])
        same = place == len(published)
        if same and (delivery == NOTHING or _recorded(_deliveries(lines, head), delivery)):
            return
        about = {"at": at.isoformat(timespec="seconds"), "version": version, "place": place, "after": head}
        journal.append(store.root / LEDGER, about | delivery._asdict())


def _recorded(deliveries: list[Delivery], delivery: Delivery) -> bool:
    for each in reversed(deliveries):
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
    """The hash of the published version's line: the line of this promotion, or, after a promotion by hand,
    the line from when the version was made; empty if there is none."""
    mine = {name: line for name, line in lines.items() if [line["version"]] == published[-1:]}
    here = [name for name, line in mine.items() if line["place"] == len(published)]
    return ["", *mine, *here][-1]


def _deliveries(lines: Mapping[str, Any], head: str) -> list[Delivery]:
    """The deliveries of a line and of all lines before it, oldest first."""
    found: list[Delivery] = []
    while line := lines.get(head):
        found.insert(0, Delivery(**{name: line[name] for name in Delivery._fields}))
        head = line["after"]
    return found
