"""A file that is delivered again undoes no correction, and brings back rows that were lost."""

import shutil

import pytest

from datadevops.datasets import publication
from datadevops.store import aliases
from datadevops.store.versions import Store
from runs import NOON, about, dataset


def test_the_same_file_again_undoes_no_correction(ran, run, altered, tmp_path):
    corrected = altered(
        "select * replace (queue_minutes + 1 as queue_minutes) from sample"
        " where opened_at between '2025-03-01' and '2025-03-09 23:00'"
    )
    run(ran.store, corrected)
    known = dataset(ran.store)

    again = run(ran.store)
    left = dataset(ran.store)
    run(ran.store, altered("from sample").rename(tmp_path / "shops.parquet"))  # other bytes, the same name

    assert about(again)["failed"] == {}
    assert about(again)["made"] == {}
    assert left == known
    assert dataset(ran.store) != known


def test_a_file_that_added_nothing_undoes_no_correction_either(deliver, added, ran):
    deliver("first/a.parquet", 0)
    deliver("second/b.parquet", 1)

    deliver("first/a.parquet", 0)

    assert added(ran.store) == 1


def test_files_that_come_again_and_again_are_recorded_once(deliver, ran, run):
    ledger = ran.store / "shop_days" / "deliveries.jsonl"
    deliver("first/a.parquet", 0)
    recorded = ledger.read_text(encoding="utf-8")

    run(ran.store)
    deliver("first/a.parquet", 0)

    assert recorded.count("\n") == 2
    assert ledger.read_text(encoding="utf-8") == recorded


def test_files_with_the_same_name_in_two_folders_are_two_files(deliver, added, ran):
    for more, name in enumerate(("first/a.parquet", "second/a.parquet", "first/b.parquet"), 1):
        deliver(name, more)

    deliver("first/a.parquet", 1)
    deliver("second/a.parquet", 2)

    assert added(ran.store) == 3


def test_a_month_that_returns_to_earlier_rows_remembers_the_files_in_between(deliver, added, ran):
    deliver("first/a.parquet", 1)
    deliver("first/b.parquet", 0)  # the rows of the sample again, and the version of the month
    assert added(ran.store) == 0

    deliver("first/a.parquet", 1)

    assert added(ran.store) == 0


def test_after_a_rollback_the_same_file_can_be_delivered_again(deliver, added, ran):
    deliver("first/a.parquet", 1)
    publication.rollback(Store(ran.store / "shop_days"), "nonsense", NOON)
    assert added(ran.store) == 0
    deliver("first/may.parquet", 2, "strftime(opened_at, '%m') = '05'")

    deliver("first/a.parquet", 1)

    assert added(ran.store) == 1


def test_a_correction_can_be_delivered_again_after_its_month_was_lost(deliver, added, ran, run):
    deliver("first/a.parquet", 1)
    for month in ran.store.glob("shop_days/partitions/*"):
        if month.is_dir() and "2025-03" in (month / "manifest.json").read_text():
            shutil.rmtree(month)
    run(ran.store)
    assert added(ran.store) == 0

    deliver("first/a.parquet", 1)
    assert added(ran.store) == 1
    run(ran.store)

    assert added(ran.store) == 1


@pytest.mark.parametrize("back", ["rollback", pytest.param("promote", marks=pytest.mark.long)])
def test_a_version_published_by_hand_knows_the_files_that_it_was_made_from(deliver, added, ran, back):
    published = Store(ran.store / "shop_days")
    first = aliases.require(published, "published").id
    deliver("first/a.parquet", 1)
    if back == "rollback":
        second = aliases.require(published, "published").id
        publication.rollback(published, "nonsense", NOON)
        deliver("first/b.parquet", 2)
        publication.promote(published, second, "false alarm", NOON)
        assert added(ran.store) == 1
        deliver("first/b.parquet", 2)
        assert added(ran.store) == 2
    else:
        publication.promote(published, first, "by hand", NOON)
        assert added(ran.store) == 0

    deliver("first/a.parquet", 1)

    assert added(ran.store) == {"rollback": 2, "promote": 1}[back]


def test_after_a_crash_before_publishing_the_same_file_can_be_delivered_again(
    deliver, added, ran, monkeypatch
):
    deliver("first/a.parquet", 1)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(aliases, "promote", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver("first/b.parquet", 2)
    deliver("first/c.parquet", 3)

    deliver("first/b.parquet", 2)

    assert added(ran.store) == 2


def test_a_file_can_be_run_again_for_the_months_that_a_span_left_out(ran, run, altered):
    before, longer = dataset(ran.store), altered("select * replace (1 as queue_minutes) from sample")
    run(ran.store, longer, span=("2025-04", "2025-05"))

    again = run(ran.store, longer)

    assert len(about(again)["made"]) == 3
    assert before != dataset(ran.store)
    assert about(run(ran.store, longer))["made"] == {}


def test_a_file_of_a_span_undoes_no_correction_from_its_first_to_its_last_month(
    ran, run, write_altered, tmp_path
):
    span = ("2025-03", "2025-04")
    files = [
        write_altered(
            f"select * replace ({minutes} as queue_minutes) from sample", tmp_path / f"{minutes}.parquet"
        )
        for minutes in (1, 2)
    ]
    for file in files:
        assert [*about(run(ran.store, file, span=span))["made"]] == [*span]
    known = dataset(ran.store)

    again = run(ran.store, files[0], span=span)

    assert about(again)["made"] == {}
    assert dataset(ran.store) == known
