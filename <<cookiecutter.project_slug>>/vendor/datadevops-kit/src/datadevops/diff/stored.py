"""The rows in the store by which a change of a contract is measured.

In:       the store, the contract of a table, the hash of the code as it is now.
Out:      `Stored`: the files of the newest good version; None if there is none.
Failure:  StoreError ST001, ST002 (a version is lost or damaged).

A version that was made by the code as it is now has lost the rows which the changed contract refuses, so one
that was made before is preferred. Of a source that is cut into partitions, the rows are those in the
published ones: its newest delivery may be a small part.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..contract.values import Contract
from ..datasets import layout
from ..store import accepted, aliases, contents
from ..store.versions import Store, Version


class Stored(NamedTuple):
    version: str
    files: list[Path]  # parquet files of the same table
    read: int  # rows that were checked when it was made
    bad: int  # of these in quarantine
    broken: dict[str, int]  # rule -> rows in quarantine that break it
    is_new: bool  # made by the code as it is now


def rows_of(root: Path, contract: Contract, datasets: tuple[str, ...], code: str) -> Stored | None:
    """The rows of the newest good version that is older than the code, else of the newest one; `datasets`:
    those of the product."""
    newest = None
    for version, files in _of_table(root, contract, datasets):
        check = version.facts.get("check", {"read": 0, "bad": 0, "broken": {}})
        quarantined = check["read"], check["bad"], check["broken"]
        stored = Stored(version.id, files, *quarantined, version.inputs["code"] == code)
        if not stored.is_new:
            return stored
        newest = newest or stored
    return newest


def _of_table(
    root: Path, contract: Contract, datasets: tuple[str, ...]
) -> Iterator[tuple[Version, list[Path]]]:
    """Its good versions with their files, the newest first."""
    store, rows = Store(root / contract.name), f"{contract.name}.parquet"
    if contract.is_dataset:
        for version in _published(store):
            yield version, sorted(version.file(layout.FOLDER).glob("*.parquet"))
        return
    if contract.is_source:
        for dataset in datasets:
            parts = Store(root / dataset / "partitions")
            for version in _published(Store(root / dataset)):
                if version.facts["source"] == contract.name:
                    made = [parts.open(each) for each in version.facts["partitions"].values()]
                    if all(rows in each.files for each in made):  # else it was a dataset then
                        yield version, [each.file(rows) for each in made]
        good = accepted.good(store, contract)
    else:
        good = filter(contents.is_made, map(store.open, store.versions()))
    yield from ((version, [version.file(rows)]) for version in good if version.facts["check"]["good"])


def _published(store: Store) -> Iterator[Version]:
    """The versions of a dataset that were published and not rolled back, the newest first."""
    there, standing = set(store.versions()), reversed(aliases.stack(store, aliases.PUBLISHED))
    names = dict.fromkeys(event["version"] for event in standing)
    yield from (store.open(name) for name in names if name in there)
