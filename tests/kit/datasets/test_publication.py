"""Readers get one whole version; old ones are deleted, those in use stay; consumers are not broken."""

import re
import shutil
import threading
from datetime import UTC, datetime

import pytest
import yaml

from datadevops.contract import consumers, odcs
from datadevops.datasets import ledger, publication, retention
from datadevops.errors import ContractError, RefusedError, StoreError
from datadevops.store import aliases
from datadevops.store.versions import Store

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
FILE = "dataset/2026-01.parquet"
DELIVERY = ledger.Delivery("in.parquet", "0" * 64, "", "~", [], [])


@pytest.fixture
def publish(tmp_path, edited):
    """publish(number, **changes of the contract): a version that holds the number, published."""
    root = tmp_path / "store"

    def make(number, **changes):
        contract = edited(folder="datasets", **changes)

        def write(folder):
            shutil.copy(contract, folder)
            (folder / FILE).parent.mkdir()
            (folder / FILE).write_text(str(number) * 1000)
            part = Store(root / "orders" / "partitions").make({"partition": number}, lambda _: {})
            facts = {"rows": 1, "newest": "2026-01-01T00:00:00", "warnings": []}
            return facts | {"partitions": {"2026-01": part.id}, "grain": "month"}

        dataset = Store(root / "orders")
        version = dataset.make({"number": number, "changes": str(changes)}, write)
        before = aliases.current(dataset, aliases.PUBLISHED)
        return publication.publish(dataset, version.id, before, DELIVERY, NOON)

    return make


@pytest.fixture
def dataset(tmp_path):
    return Store(tmp_path / "store" / "orders")


@pytest.fixture
def declare(tmp_path):
    """declare(version=2): a consumer of that major version."""

    def write(version):
        path = tmp_path / "contracts" / "consumers" / "till.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        read = {"table": "orders", "version": version, "columns": {"shop": "string"}}
        content = {"team": "tills", "contact": "tills@example.com", "reads": [read]}
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return consumers.load(tmp_path / "contracts")

    return write


def read(dataset, name="latest"):
    return (dataset.root / name / FILE).read_text()[0]


def test_readers_get_the_latest_version_or_the_one_that_they_name(publish, dataset):
    one = publish(1)
    publish(2)

    assert (read(dataset), read(dataset, "v2"), read(dataset, one.id)) == ("2", "2", "1")


def test_a_rollback_gives_readers_the_version_before(publish, dataset):
    publish(1)
    publish(2)

    publication.rollback(dataset, "nonsense", NOON)

    assert read(dataset) == "1"


def test_a_damaged_version_can_be_rolled_back(publish, dataset):
    publish(1)
    publish(2).file(FILE).write_text("damaged")

    publication.rollback(dataset, "damaged", NOON)

    assert read(dataset) == "1"


def test_a_rollback_from_a_new_major_version_removes_its_link(publish, dataset):
    publish(1)
    publish(2, quantity={"required": False}, contract={"version": "3.0.0"})

    publication.rollback(dataset, "nonsense", NOON)

    assert (read(dataset), read(dataset, "v2")) == ("1", "1")
    assert not (dataset.root / "v3").is_symlink()


def test_after_a_rollback_across_major_versions_readers_of_the_old_one_get_its_last_version(publish, dataset):
    one = publish(1)
    publish(2, quantity={"required": False}, contract={"version": "3.0.0"})
    publication.promote(dataset, one.id, "back", NOON)

    publication.rollback(dataset, "nonsense", NOON)

    assert (read(dataset), read(dataset, "v3"), read(dataset, "v2")) == ("2", "2", "1")


def test_a_link_that_a_user_made_stays_after_a_rollback(publish, dataset):
    publish(1)
    (dataset.root / "v_audit").symlink_to(publish(2).id)

    publication.rollback(dataset, "nonsense", NOON)

    assert (read(dataset), read(dataset, "v_audit")) == ("1", "2")


def test_a_run_does_not_publish_a_version_that_was_rolled_back(publish, dataset):
    publish(1)
    two = publish(2)
    publication.rollback(dataset, "nonsense", NOON)

    with pytest.raises(RefusedError, match="PB001"):
        publish(2)

    assert read(dataset) == "1"
    publication.promote(dataset, two.id, "it was right", NOON)
    assert read(dataset) == "2"


def test_after_a_crash_before_the_links_are_moved_the_next_run_moves_them(publish, dataset):
    publish(1)
    two = publish(2)
    aliases.rollback(dataset, "published", "nonsense", NOON)  # and then the machine stops

    with pytest.raises(RefusedError, match="PB001"):
        publish(2)

    assert read(dataset) == "1"
    assert aliases.rolled_back(dataset, "published") == {two.id}


def test_a_version_that_breaks_consumers_is_not_promoted_by_hand_either(publish, dataset):
    one = publish(1)
    with pytest.raises(ContractError, match="PB002"):
        publish(2, quantity={"required": False})
    (refused,) = set(dataset.versions()) - {one.id}

    with pytest.raises(ContractError, match="PB002"):
        publication.promote(dataset, refused, "by hand", NOON)

    assert (read(dataset), read(dataset, "v2")) == ("1", "1")


def test_a_contract_that_breaks_consumers_is_refused_and_the_old_dataset_stays(publish, dataset):
    publish(1)

    with pytest.raises(ContractError, match=r"(?s)PB002.*v2.1.0 breaks.*quantity: may be null.*3.0.0"):
        publish(2, quantity={"required": False})

    assert read(dataset) == "1"


def test_a_new_major_version_does_not_move_readers_of_the_old_one(publish, dataset):
    publish(1)

    publish(2, quantity={"required": False}, contract={"version": "3.0.0"})

    assert (read(dataset), read(dataset, "v3"), read(dataset, "v2")) == ("2", "2", "1")


RENAMED = {"note": {"name": "remark"}}


def of(version, **changes):
    return {"contract": {"version": version}} | changes


HISTORIES = {  # what is published in this order; the last one is refused, and why
    "a lower version": ([of("1.0.0"), of("2.0.0", **RENAMED), of("1.1.0", **RENAMED)], "2.0.0, is 1.1.0"),
    "a lower version that breaks nothing": (
        [of("2.1.0"), of("2.0.0")],
        "2.1.0, is 2.0.0: it must not",
    ),
    "a lower version by numbers": ([of("1.10.0"), of("1.9.0")], "version was 1.10.0, is 1.9.0"),
    "a lower version with fewer numbers": ([of("1.0.1"), of("1")], "version was 1.0.1, is 1"),
    "a pre-release after its release": ([of("1.1.0"), of("1.1.0-rc.1")], "was 1.1.0, is 1.1.0-rc.1"),
    "an earlier pre-release": ([of("1.1.0-rc.10"), of("1.1.0-rc.9")], "was 1.1.0-rc.10, is 1.1.0-rc.9"),
    "a change in the same version": ([of("1.0.0"), of("1.0.0", **RENAMED)], "note: removed"),
    "a change in another build of it": (
        [of("1.0.0+a"), of("1.0.0+b", **RENAMED)],
        "note: removed",
    ),
    "a change of what a pre-release promised": ([of("2.0.0-rc.1"), of("2.0.0", **RENAMED)], "note: removed"),
}


@pytest.mark.parametrize(("history", "told"), HISTORIES.values(), ids=HISTORIES)
def test_a_version_that_falls_or_breaks_its_major_version_is_refused(publish, dataset, history, told):
    for number, changes in enumerate(history[:-1]):
        publish(number, **changes)

    with pytest.raises(ContractError, match=rf"(?s)PB002.*{re.escape(told)}"):
        publish(9, **history[-1])

    assert read(dataset) == str(len(history) - 2)


RISING = {
    "numbers": ["1.9.0", "1.10.0", "v1.10.1", "2"],
    "pre-releases": ["1.0.0-alpha", "1.0.0-alpha.2", "1.0.0-alpha.10", "1.0.0-beta", "1.0.0"],
    "the same": ["1.0.0", "v1.0", "1.0.0+build.5"],
}


@pytest.mark.parametrize("versions", RISING.values(), ids=RISING)
def test_versions_that_rise_are_published(publish, dataset, versions):
    for number, version in enumerate(versions):
        publish(number, contract={"version": version})

    assert read(dataset) == str(len(versions) - 1)


def test_a_major_version_that_is_published_again_keeps_what_it_promised(publish, dataset):
    one = publish(1)
    publish(2, quantity={"required": False}, contract={"version": "3.0.0"})
    publication.promote(dataset, one.id, "back for a while", NOON)

    with pytest.raises(ContractError, match=r"(?s)PB002.*v3.1.0 breaks.*v3.0.0 promised.*note: .*4.0.0"):
        publish(3, quantity={"required": False}, contract={"version": "3.1.0"}, note={"name": "remark"})
    publish(4, contract={"version": "2.2.0"})

    assert (read(dataset), read(dataset, "v2"), read(dataset, "v3")) == ("4", "4", "2")


@pytest.mark.long
def test_a_reader_sees_one_version_whole_while_others_are_published(publish, dataset):
    publish(0)
    seen, stop = [], threading.Event()

    def look():
        while not stop.is_set():
            seen.append((dataset.root / "latest" / FILE).read_text())

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(1, 10):
        publish(number)
    stop.set()
    reader.join()

    assert len(seen) > 20
    assert {text for text in seen if text != text[0] * 1000} == set()


def test_the_last_versions_stay_with_the_partitions_that_they_are_made_from(publish, dataset, tmp_path):
    versions = [publish(number).id for number in range(5)]

    retention.retain(tmp_path / "store", {"orders": 2}, needed={})

    assert sorted(dataset.versions()) == sorted(versions[-2:])
    assert len(Store(tmp_path / "store" / "orders" / "partitions").versions()) == 2
    assert read(dataset) == "4"


def test_partitions_of_an_unfinished_dataset_stay_until_the_next_one(publish, tmp_path):
    publish(0)
    partitions = Store(tmp_path / "store" / "orders" / "partitions")
    made = partitions.make({"partition": "of a run that was killed"}, lambda _: {}).id

    retention.retain(tmp_path / "store", {"orders": 2}, needed={})
    left = partitions.versions()
    publish(1)
    retention.retain(tmp_path / "store", {"orders": 2}, needed={})

    assert made in left
    assert made not in partitions.versions()


def test_a_version_in_use_stays_however_old(publish, dataset, tmp_path):
    first = publish(0)
    for number in range(1, 4):
        publish(number, contract={"version": "3.0.0"})
    for _ in range(2):
        publication.rollback(dataset, "nonsense", NOON)

    retention.retain(tmp_path / "store", {"orders": 1}, needed={})

    assert (read(dataset), read(dataset, "v3"), read(dataset, "v2")) == ("1", "1", "0")
    assert first.id in dataset.versions()


LOSSES = {
    "damaged": lambda version: version.file("manifest.json").write_text("damaged"),
    "deleted": lambda version: shutil.rmtree(version.folder),
}


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
def test_if_the_published_dataset_is_lost_all_partitions_stay(publish, dataset, tmp_path, lose):
    lose([publish(number) for number in range(3)][-1])

    retention.retain(tmp_path / "store", {"orders": 1}, needed={})

    assert len(Store(tmp_path / "store" / "orders" / "partitions").versions()) == 3


def test_a_major_version_that_is_still_promoted_keeps_its_link_after_a_rollback(publish, dataset):
    one = publish(1)
    publish(2, quantity={"required": False}, contract={"version": "3.0.0"})
    publication.promote(dataset, one.id, "for a while", NOON)

    publication.rollback(dataset, "no longer", NOON)

    assert (read(dataset), read(dataset, "v3"), read(dataset, "v2")) == ("2", "2", "1")


def test_a_damaged_old_version_does_not_stop_publishing(publish, dataset, tmp_path):
    first = publish(0)
    publish(1)
    first.file(FILE).write_text("damaged")

    retention.retain(tmp_path / "store", {"orders": 2}, needed={})
    publish(2)

    assert read(dataset) == "2"


def page_of(publish, dataset, **changes):
    publish(1, **changes)
    return (dataset.root / publication.PAGE).read_text(encoding="utf-8")


def test_the_page_for_consumers_shows_an_sla_property_without_unit_or_table(publish, dataset):
    promises = [
        {"property": "support", "value": "office hours"},
        {"property": "freshness", "value": 2, "unit": "h", "element": "ordered_at"},
    ]

    page = page_of(publish, dataset, contract={"slaProperties": promises})

    assert "| support | office hours |\n" in page
    assert "| freshness | 2 h since the newest ordered_at |\n" in page


def test_the_page_for_consumers_has_one_row_per_column_whatever_its_description(publish, dataset):
    shops = [{"value": value} for value in ("web, phone", "a|b", "north")]

    page = page_of(publish, dataset, shop={"enum": shops, "description": "Where?\nweb | shop"})

    expected = "| `web, phone`, `a\\|b`, `north` | Where? web \\| shop |\n"
    assert f"| `shop` | string | no |  |  {expected}" in page
    assert "| `sku` | string | no |  |  | `[A-Z]{2}[0-9]{3}\\|gift` |  |\n" in page


def test_the_page_for_consumers_shows_no_limit_where_none_is_declared(publish, dataset):
    page = page_of(publish, dataset)

    assert "| `boxes` | integer | no |  |  |  |  |\n" in page
    assert "| `quantity` | integer | no | 1 | 100 |  |  |\n" in page


def test_the_contract_sets_how_many_versions_stay(edited):
    keep = {"customProperties": [{"property": "keepVersions", "value": 3}]}

    assert odcs.load(edited(orders=keep)).keep_versions == 3


def test_a_major_version_is_retired_when_no_consumer_is_left_on_it(publish, dataset, declare):
    publish(1)
    publish(2, contract={"version": "3.0.0"})

    with pytest.raises(
        RefusedError, match=r"orders v2 is still read\n  till \(tills@example\.com\)"
    ) as raised:
        publication.retire(dataset, 2, declare(version=2))
    assert read(dataset, "v2") == "1"
    publication.retire(dataset, 2, declare(version=3))
    publish(3, contract={"version": "3.0.1"})

    assert raised.value.id == "PB005"
    assert not (dataset.root / "v2").is_symlink()
    assert (read(dataset), read(dataset, "v3")) == ("3", "3")


@pytest.mark.parametrize(
    ("major", "error", "told"), [(2, "PB005", "published now"), (1, "ST001", "there is: v2")]
)
def test_what_is_published_or_is_not_there_is_not_retired(publish, dataset, major, error, told):
    publish(1)

    with pytest.raises((RefusedError, StoreError), match=told) as raised:
        publication.retire(dataset, major, [])

    assert raised.value.id == error
    assert read(dataset, "v2") == "1"


def test_the_page_for_consumers_names_the_declared_readers(publish, dataset, declare):
    version = publish(1)
    publish(2)

    publication.rollback(dataset, "nonsense", NOON, consumers=declare(version=2))

    page = (dataset.root / "README.md").read_text(encoding="utf-8")
    assert f"version {version.id}" in page
    assert "| readers | version 2: read by till (tills@example.com) |" in page
