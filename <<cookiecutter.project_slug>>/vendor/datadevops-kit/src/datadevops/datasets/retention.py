"""Delete the old versions of datasets and of other tables, and the partitions that no version needs.

In:       the folder of the store; how many versions of each dataset stay.
Out:      fewer versions.
Failure:  StoreError ST005 (a log is damaged).
"""

import os
import shutil
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from ..errors import StoreError
from ..store import aliases, contents
from ..store.versions import Store, stores


def retain(root: Path, keep: Mapping[str, int], needed: Mapping[str, Collection[str]]) -> None:
    """Delete versions as `aliases.retain` does; `keep`: how many, by dataset. Of other tables stay as many as
    of the dataset that keeps most.

    `needed`: versions by store that stay, however old they are.

    Also deletes what a killed run has left behind.
    """
    for leftover in root.glob(".partition-*"):
        shutil.rmtree(leftover)
    for name in stores(root):
        if name not in keep:
            aliases.retain(Store(root / name), max(keep.values()), needed.get(name, ()))
    for name, versions in keep.items():
        _retain(Store(root / name), Store(root / name / "partitions"), versions)


def _retain(dataset: Store, partitions: Store, keep: int) -> None:
    """Delete versions of the dataset, then the partitions that no remaining one is made from."""
    kept = aliases.retain(dataset, keep)
    with suppress(StoreError):  # a damaged or lost one does not say which partitions it needs: keep all
        datasets = [each for each in map(dataset.about, kept) if contents.is_dataset(each)]
        if used := {name for each in datasets for name in each.facts["partitions"].values()}:
            # An unfinished run continues from the partitions made since.
            newest = max(each.folder.stat().st_mtime for each in datasets)
            names = partitions.versions()
            since = {each for each in names if os.stat(f"{partitions.root}/{each}").st_mtime > newest}
            partitions.keep(used | since)
