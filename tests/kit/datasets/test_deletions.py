"""Rows that are gone upstream: they go only if the source says so, and only if it is certain."""

import shutil

import pytest

from datadevops.datasets import deletions, ledger
from datadevops.datasets.dataset import Dataset
from datadevops.datasets.partitions import Partition
from runs import about, queues, run_into
from small_contract import column, contract_of

ONE, TWO, NEXT = "2025-01-01 00:00", "2025-01-02 00:00", "2025-02-01 00:00"
ALL = dict.fromkeys((ONE, TWO, NEXT), 1)


@pytest.fixture
def complete(grained):
    """complete("month"): the product, whose source has complete deliveries and any share of bad rows."""

    def change(grain="month", deliveries="complete"):
        product = grained(grain)
        path = product.contracts / "sources" / "source.yaml"
        text = path.read_text(encoding="utf-8")
        ratio = "{property: allowedBadRatio, value: 0.001}"
        said = f"{{property: deliveries, value: {deliveries}}}"
        both = f"{{property: allowedBadRatio, value: 0.9}}\n      - {said}"
        assert ratio in text
        path.write_text(text.replace(ratio, both), encoding="utf-8")
        return product

    return change


@pytest.fixture
def store(complete, delivery, tmp_path):
    """The store of a dataset after a first delivery of all rows."""
    run_into(complete(), tmp_path / "store", delivery("first", ALL))
    return tmp_path / "store"


def test_a_row_that_a_complete_delivery_lacks_goes(store, own, delivery):
    again = run_into(own, store, delivery("second", {ONE: 2, NEXT: 1}))

    assert queues(store) == {ONE: 2, NEXT: 1}
    assert about(again)["check"]["deleted"] == 1
    assert "Deleted, as gone upstream: 1 source row." in (store / "report.html").read_text()


def test_a_partition_that_a_complete_delivery_lacks_stays(store, own, delivery):
    again = run_into(own, store, delivery("second", {NEXT: 5}))

    assert queues(store) == ALL | {NEXT: 5}
    assert about(again)["check"]["deleted"] == 0


def test_a_delivery_of_additions_deletes_nothing(complete, delivery, tmp_path):
    product = complete(deliveries="additions")
    run_into(product, tmp_path / "store", delivery("first", ALL))

    run_into(product, tmp_path / "store", delivery("second", {ONE: 2}))

    assert queues(tmp_path / "store") == ALL | {ONE: 2}


def test_a_row_in_quarantine_is_not_gone(store, own, delivery):
    again = run_into(own, store, delivery("second", {ONE: 2, TWO: -5}))

    assert again.facts["checks"]["source"]["bad"] == 1
    assert queues(store) == ALL | {ONE: 2}


UNKNOWN = {  # a key that is wrong in a third row of January, and what stays
    "of its partition": ("null as shop", {ONE: 2, TWO: 1, NEXT: 1}),
    "of any partition": ("null as opened_at", {ONE: 2, TWO: 1, NEXT: 1}),
    "elsewhere": ("'2025-02-01 00:00'::timestamp as opened_at, null as shop", {ONE: 2, NEXT: 1}),
}


@pytest.mark.parametrize(("key", "left"), UNKNOWN.values(), ids=UNKNOWN)
def test_a_row_that_may_be_the_one_in_quarantine_is_not_deleted(
    store, own, delivery, write_altered, tmp_path, key, left
):
    rest = delivery("rest", {ONE: 2, NEXT: 1, "2025-01-03 00:00": 1})
    wrong = f"select * replace ({key}) from '{rest}' where opened_at = '2025-01-03'"
    good = f"select * from '{rest}' where opened_at <> '2025-01-03'"

    run_into(own, store, write_altered(f"{good} union all {wrong}", tmp_path / "second.parquet"))

    assert queues(store) == left


def test_an_old_complete_delivery_brings_nothing_back(store, own, delivery, tmp_path):
    run_into(own, store, delivery("second", {ONE: 2}))

    again = run_into(own, store, tmp_path / "first.parquet")

    assert about(again)["made"] == {}
    assert queues(store) == {ONE: 2, NEXT: 1}


def test_an_old_complete_delivery_brings_nothing_back_after_a_change_of_the_sql_either(
    store, own, delivery, tmp_path
):
    run_into(own, store, delivery("second", {ONE: 2}))
    sql = own.transforms / "shop_days.sql"
    sql.write_text(f"{sql.read_text()}-- changed\n")

    again = run_into(own, store, tmp_path / "first.parquet")

    assert list(about(again)["made"]) == ["2025-01", "2025-02"]
    assert queues(store) == {ONE: 2, NEXT: 1}


def test_a_change_of_the_sql_deletes_no_partition_that_the_delivery_lacks(store, own, delivery):
    sql = own.transforms / "shop_days.sql"
    sql.write_text(f"{sql.read_text()}-- changed\n")

    again = run_into(own, store, delivery("second", {NEXT: 5}))

    assert list(about(again)["made"]) == ["2025-01", "2025-02"]
    assert queues(store) == ALL | {NEXT: 5}


def test_a_corrected_file_of_the_same_name_counts_again(store, own, delivery):
    run_into(own, store, delivery("second", {ONE: 2}))

    run_into(own, store, delivery("first", {ONE: 3, TWO: 3}))

    assert queues(store) == {ONE: 3, TWO: 3, NEXT: 1}


def test_a_complete_delivery_of_a_dataset_without_partitions_replaces_it(complete, delivery, tmp_path):
    product = complete(None)
    run_into(product, tmp_path / "store", delivery("first", ALL))

    run_into(product, tmp_path / "store", delivery("second", {NEXT: 2}))

    assert queues(tmp_path / "store") == {NEXT: 2}


def test_a_lost_partition_is_replaced_by_any_complete_delivery(store, own, delivery, tmp_path):
    made = about(run_into(own, store, delivery("second", ALL | {ONE: 5})))["made"]
    shutil.rmtree(store / "shop_days" / "partitions" / made["2025-01"])

    again = run_into(own, store, delivery("third", {ONE: 2}))

    assert about(again)["failed"] == {}
    assert queues(store) == {ONE: 2, NEXT: 1}


def test_both_engines_keep_the_same_rows(judging, job):
    key = (column("shop", "string", primaryKey=True), column("t", "timestamp", primaryKey=True))
    source = contract_of(*key, column("x", "integer"))
    time = column("t", "timestamp", primaryKey=True, partitioned=True)
    time["customProperties"] = [{"property": "partitionGrain", "value": "month"}]
    mine = Dataset(job(judging), contract_of(time, name="daily", folder="datasets"), source, {})
    rows = "select 'a' as shop, timestamp '2025-01-0{}' as t, {} as x"
    judging.keep("known", " union all ".join(rows.format(day, 1) for day in (1, 2, 3)))
    judging.keep("refused", f"select *, 'x:minimum' as broken_rules from ({rows.format(2, -1)}) as bad")
    made, old = rows.format(1, 2), "select * from known"
    part = Partition("2025-01", 1, 0, ledger.Repeated(known=False, superseded=False))

    winner, loser = deletions.winner_and_loser(mine, part, made, old)
    found = judging.rows(f"select day(t), x from ({winner} union all {loser}) as rows order by 1")

    assert found == [(1, 2), (2, 1)]
