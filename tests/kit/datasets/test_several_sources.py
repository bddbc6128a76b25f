"""A dataset of two sources: one is cut into partitions, the other comes whole each time."""

import shutil

import pytest

from datadevops.engine.duckdb_engine import DuckDB
from datadevops.errors import ContractError, DataError, RefusedError
from datadevops.reports import page
from runs import about, dataset, rows, run_into

AREAS = """
apiVersion: v3.2.0
kind: DataContract
id: urn:example:areas
name: Areas
version: 1.0.0
status: active
servers: [{server: sample, type: local, format: parquet, path: data/areas.parquet}]
schema:
  - name: areas
    properties:
      - {name: shop, logicalType: string, primaryKey: true, primaryKeyPosition: 1, examples: [north]}
      - {name: factor, logicalType: integer, required: true, logicalTypeOptions: {minimum: 1, maximum: 9}}
"""


@pytest.fixture
def product(statistics):
    return statistics


@pytest.fixture
def wide(own):
    """The product with a second source; counted.sql makes a table between."""
    (own.contracts / "sources" / "areas.yaml").write_text(AREAS)
    sql = own.transforms / "shop_days.sql"
    minutes = "source.* replace (queue_minutes * factor as queue_minutes)"
    counts = f"select {minutes} from source join areas using (shop)"
    (own.transforms / "counted.sql").write_text(counts)
    sql.write_text(sql.read_text().replace("from source", "from counted"))
    return own


@pytest.fixture
def areas(sample, tmp_path):
    """areas(factor): a file with this factor for each shop."""

    def write(factor):
        file = tmp_path / f"areas-{factor}.parquet"
        with DuckDB() as engine:
            engine.read("sample", sample)
            engine.write(f"select distinct shop, {factor}::bigint as factor from sample order by shop", file)
        return file

    return write


@pytest.fixture
def few(write_altered, tmp_path):
    """Two of the five months of the sample."""
    return write_altered("from sample where opened_at < '2025-03-01'", tmp_path / "few.parquet")


def test_a_partition_is_made_from_its_rows_and_all_of_the_other_source(wide, areas, few, tmp_path):
    run_into(wide, one := tmp_path / "one" / "store", {"source": few, "areas": areas(1)})
    made = run_into(wide, two := tmp_path / "two" / "store", {"source": few, "areas": areas(2)})

    single, double = dataset(one), dataset(two)
    assert [row[:2] for row in single] == [row[:2] for row in double]
    assert sum(row[3] for row in double) == pytest.approx(2 * sum(row[3] for row in single))
    assert made.facts["tables"]["counted"]["from"] == ["areas", "source"]


def test_another_file_of_the_other_source_makes_every_partition_again(wide, areas, few, altered, tmp_path):
    store = tmp_path / "store"
    first = run_into(wide, store, {"source": few, "areas": areas(1)})
    one_day = altered("from sample where opened_at < '2025-01-02'")

    same = run_into(wide, store, {"source": one_day, "areas": areas(1)})
    again = run_into(wide, store, {"source": one_day, "areas": areas(2)})

    assert about(same)["partitions"] == about(first)["partitions"]
    assert same.facts["sources"]["source"]["newest"] == "2025-02-28T23:00:00", "not of the late rows alone"
    assert same.facts["sources"]["areas"]["newest"] is None
    assert about(again)["made"].keys() == about(first)["made"].keys()
    assert about(again)["failed"] == {}


BAD = {  # which rows of the table between are bad -> whether January fails
    "few": ("day(opened_at) = 1 and hour(opened_at) = 5 and shop = 'north'", False),
    "many": ("day(opened_at) < 3", True),
}


@pytest.mark.parametrize(("bad", "fails"), BAD.values(), ids=BAD)
def test_a_table_between_that_has_a_contract_is_checked_in_each_partition(
    wide, areas, few, altered, tmp_path, bad, fails
):
    ratio = "  - name: counted\n    customProperties: [{property: allowedBadRatio, value: 0.01}]\n"
    rule = "      - {name: queue_minutes, logicalType: number, logicalTypeOptions: {minimum: 0}}\n"
    time = "      - {name: opened_at, logicalType: timestamp, primaryKey: true, primaryKeyPosition: 2}\n"
    head = AREAS.replace("areas", "counted").partition("      - {name: factor")[0]
    (wide.contracts / "counted.yaml").write_text(head.replace("  - name: counted\n", ratio) + time + rule)
    sql = wide.transforms / "counted.sql"
    one = f"opened_at < '2025-02-01' and {bad}"
    queue = "queue_minutes * factor as queue_minutes"
    sql.write_text(sql.read_text().replace(queue, f"if({one}, -1, queue_minutes * factor) as queue_minutes"))

    done = run_into(wide, tmp_path / "store", {"source": few, "areas": areas(1)})

    count = len([row for row in dataset(tmp_path / "store") if row[1].month == 1])
    assert (list(about(done)["failed"]), count) == ((["2025-01"], 0) if fails else ([], 93))
    ((found,),) = rows(f"select count(*) from '{tmp_path}/store/counted/*/quarantine.parquet'")
    assert found == (144 if fails else 1)
    if fails:
        assert "144 of" in about(done)["failed"]["2025-01"]
        assert "counted.sql" in about(done)["failed"]["2025-01"]


@pytest.fixture
def nothing_there(monkeypatch, tmp_path):
    """A home in which no source has delivered anything."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("nothing_there")
def test_the_newest_good_version_of_the_other_source_makes_what_is_delivered(
    wide, areas, few, altered, tmp_path
):
    first = run_into(wide, store := tmp_path / "store", {"source": few, "areas": areas(2)})
    one_day = "from sample where opened_at < '2025-01-02'"
    more = altered(f"select * replace (queue_minutes + 1 as queue_minutes) {one_day}")

    second = run_into(wide, store, {"source": more})

    assert about(second)["made"].keys() == {"2025-01"}
    assert second.facts["sources"]["areas"]["version"] == first.facts["versions"]["areas"]
    assert about(second)["partitions"]["2025-02"] == about(first)["partitions"]["2025-02"]


@pytest.mark.usefixtures("nothing_there")
def test_a_bad_delivery_of_the_other_source_stops_the_run_and_is_not_taken_later(wide, areas, few, tmp_path):
    first = run_into(wide, store := tmp_path / "store", {"source": few, "areas": areas(1)})
    with DuckDB() as engine:
        engine.read("areas", areas(1))
        bad = tmp_path / "bad.parquet"
        engine.write("select * replace (if(shop = 'north', 99, factor)::bigint as factor) from areas", bad)

    with pytest.raises(RefusedError, match=r"(?s)DQ006.*1 of 3 rows break 1 rule\n  factor:maximum"):
        run_into(wide, store, {"areas": bad})
    again = run_into(wide, store, {})

    assert again.facts["sources"]["areas"]["version"] == first.facts["versions"]["areas"]
    assert about(again)["partitions"] == about(first)["partitions"]


@pytest.mark.usefixtures("nothing_there")
@pytest.mark.parametrize("deliveries", ["additions", "complete"])
def test_rows_of_partitions_stay_when_their_source_delivers_nothing(wide, areas, few, tmp_path, deliveries):
    contract = wide.contracts / "sources" / "source.yaml"
    ratio = "      - {property: allowedBadRatio, value: 0.001}\n"
    assert ratio in contract.read_text()
    more = f"      - {{property: deliveries, value: {deliveries}}}\n"
    contract.write_text(contract.read_text().replace(ratio, ratio + more))
    first = run_into(wide, store := tmp_path / "store", {"source": few, "areas": areas(1)})
    before = dataset(store)

    nothing = run_into(wide, store, {})
    doubled = run_into(wide, store, {"areas": areas(2)})

    assert about(nothing)["partitions"] == about(first)["partitions"]
    assert about(doubled)["made"].keys() == about(first)["partitions"].keys()
    after = dataset(store)
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert sum(row[3] for row in after) == pytest.approx(2 * sum(row[3] for row in before))
    assert doubled.facts["sources"]["source"]["newest"] == "2025-02-28T23:00:00"
    text = page.rendered("datasets.txt", **doubled.facts)
    assert "source       no new delivery, the last one came " in text
    assert "its rows stay in what is published" in text


@pytest.mark.usefixtures("nothing_there")
def test_what_was_delivered_before_is_known_after_runs_without_a_delivery(
    wide, areas, few, altered, tmp_path
):
    store, place = tmp_path / "store", tmp_path / "data" / "shops.parquet"
    place.parent.mkdir()
    shutil.copy(few, place)
    run_into(wide, store, {"areas": areas(1)})
    place.unlink()
    one_day = "from sample where opened_at < '2025-01-02'"
    late = altered(f"select * replace (queue_minutes + 1 as queue_minutes) {one_day}")
    run_into(wide, store, {"source": late})
    run_into(wide, store, {})
    corrected = run_into(wide, store, {"areas": areas(2)})
    shutil.copy(few, place)

    same = run_into(wide, store, {})

    assert same.facts["sources"]["source"]["delivered"]
    assert about(same)["partitions"] == about(corrected)["partitions"], "the first file undid the correction"


@pytest.mark.usefixtures("nothing_there")
def test_before_a_dataset_is_published_its_source_must_deliver(wide, areas, tmp_path):
    with pytest.raises(DataError, match=r"DQ001.*no such file, and no dataset made from it is published"):
        run_into(wide, tmp_path / "store", {"areas": areas(1)})


def test_of_two_sources_with_a_time_one_must_be_named(wide, areas, few, tmp_path):
    contract = wide.contracts / "sources" / "areas.yaml"
    time = "      - {name: at_time, logicalType: timestamp, primaryKey: true, primaryKeyPosition: 2}\n"
    contract.write_text(contract.read_text() + time)

    with pytest.raises(ContractError, match=r"CT004.*areas, source all have a time in the key"):
        run_into(wide, tmp_path / "store", {"source": few, "areas": areas(1)})
