"""The files of a published dataset: one for each partition; those that stay the same are not written again.

In:       the partitions of a dataset, the version published before.
Out:      dataset/<partition>.parquet in the folder of a version.
Failure:  StoreError ST002 (the rows of a partition are not those that were written).

Plain files in one folder: DuckDB, pandas, Polars and Spark read exactly the columns of the contract. From
folders named month=2013-01 they would add a column, each of another type.

A file has a second name in the next version, so that it takes no room and no time. The partition itself has
its own copy: from it a damaged file can be restored, in all versions that share it.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from ..store.versions import Shared, Version, damaged, sha256

FOLDER = "dataset"


def unchanged(table: str, before: Version | None, made: Mapping[str, Version]) -> Shared | None:
    """The files that the version before has too."""
    if before is None:
        return None
    found = {file(name): each.files[rows(table)] for name, each in made.items()}
    return Shared(before, [name for name, hash_ in found.items() if before.files.get(name) == hash_])


def copy_others(table: str, made: Mapping[str, Version], shared: Shared | None, folder: Path) -> None:
    """Copy the rows of all other partitions into the folder of a version."""
    (folder / FOLDER).mkdir(exist_ok=True)
    there = {*shared.files} if shared else set()
    for name, version in made.items():
        if file(name) not in there:
            shutil.copyfile(version.file(rows(table)), folder / file(name))
            if sha256(folder / file(name)) != version.files[rows(table)]:
                raise damaged(version.folder)


def file(partition: str) -> str:
    """Its file in a version of the dataset."""
    return f"{FOLDER}/{partition}.parquet"


def rows(table: str) -> str:
    """The file of the rows of a partition of that dataset."""
    return f"{table}.parquet"


def files_of_rows(table: str, version: Version) -> dict[str, str]:
    """The hashes of the files with the good rows of a version of a source, or of a dataset."""
    return {
        name: hash_
        for name, hash_ in version.files.items()
        if name == rows(table) or name.startswith(f"{FOLDER}/")
    }
