"""One file for each partition: what has not changed is neither written again nor takes room."""

import errno
import os
import shutil

import pytest

from datadevops.errors import StoreError
from datadevops.store.versions import Store
from runs import about, dataset

MARCH = "dataset/2025-03.parquet"


def files(store):
    folder = (store / "shop_days" / "latest").resolve()
    return {path.name: path for path in (folder / "dataset").iterdir()}


@pytest.fixture
def corrected(ran, run, altered):
    """corrected(): a run that changes March, and no other month."""
    more = "queue_minutes + 1 as queue_minutes"
    march = altered(f"select * replace ({more}) from sample where strftime(opened_at, '%m') = '03'")
    return lambda: run(ran.store, march)


def test_a_published_version_has_one_file_for_each_partition(first_run):
    assert sorted(files(first_run.store)) == [f"2025-0{month}.parquet" for month in range(1, 6)]


def test_only_the_file_of_the_partition_that_changed_is_written(ran, corrected):
    before = files(ran.store)

    corrected()

    after = files(ran.store)
    assert {name for name in after if not after[name].samefile(before[name])} == {"2025-03.parquet"}
    assert before["2025-03.parquet"].exists()


def test_on_a_disk_without_links_all_files_are_copied(ran, corrected, monkeypatch):
    def refused(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    before, known = files(ran.store), dataset(ran.store)

    corrected()

    after = files(ran.store)
    assert not any(after[name].samefile(before[name]) for name in after)
    assert len(dataset(ran.store)) == len(known)


def test_a_published_file_that_somebody_wrote_stops_the_next_run(ran, corrected):
    files(ran.store)["2025-04.parquet"].write_bytes(b"PAR1")

    with pytest.raises(StoreError, match=r"ST002.*shop_days/[0-9a-f]{12} is damaged"):
        corrected()


def test_a_published_file_is_restored_from_its_partition_in_all_versions(ran, corrected):
    first, april = ran.facts["versions"]["shop_days"], about(ran)["partitions"]["2025-04"]
    second = corrected().facts["versions"]["shop_days"]
    published, damaged = Store(ran.store / "shop_days"), files(ran.store)["2025-04.parquet"]
    damaged.write_bytes(b"PAR1")
    for version in (first, second):
        with pytest.raises(StoreError, match="ST002"):
            published.open(version)

    shutil.copyfile(
        ran.store / "shop_days" / "partitions" / april / "shop_days.parquet", damaged
    )  # as `cp` does

    assert [published.open(version).id for version in (first, second)] == [first, second]
    corrected()


def test_a_partition_that_is_damaged_stays_published_as_it_was(ran, corrected):
    april = ran.store / "shop_days" / "partitions" / about(ran)["partitions"]["2025-04"] / "shop_days.parquet"
    before = files(ran.store)["2025-04.parquet"]
    april.write_bytes(b"PAR1")

    again = corrected()

    assert about(again)["failed"] == {}
    assert files(ran.store)["2025-04.parquet"].samefile(before)
    assert before.read_bytes() != b"PAR1"
