"""What the versions of a table hold: rows of a source, rows that SQL made, or a published dataset.

In:       the store of a table, or one of its versions.
Out:      what the version holds; the versions that hold a delivery or a dataset.
Failure:  StoreError ST001, ST002 (a version is lost or damaged).

A table may become another kind: one on the way to a dataset is published too, a source is made by SQL now.
The store of its name has the versions from before until they are old: each reader takes those of its kind.
"""

from collections.abc import Iterator

from ..errors import StoreError
from .versions import Store, Version


def is_delivery(version: Version) -> bool:
    """Whether it holds the rows that a file of a source delivered."""
    return "sha256" in version.inputs


def is_dataset(version: Version) -> bool:
    """Whether it holds the partitions of a dataset, and can be published."""
    return "partitions" in version.facts


def is_made(version: Version) -> bool:
    """Whether it holds the rows that SQL or a model made, checked against a contract."""
    return "check" in version.facts and not is_delivery(version)


def deliveries(store: Store) -> Iterator[Version]:
    """Each version with a delivery, the newest first."""
    return filter(is_delivery, map(store.about, store.versions()))


def require_dataset(store: Store, version: str) -> Version:
    """The verified version. Raises StoreError ST001 if it is none of a dataset."""
    found = store.open(version)
    if is_dataset(found):
        return found
    text = f"{version} was made before {store.root.name} was a dataset, so it cannot be published"
    raise StoreError("ST001", text, "`COMMAND publish list` shows the versions that can")
