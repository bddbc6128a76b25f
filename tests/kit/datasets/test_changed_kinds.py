"""A table becomes another kind, and its store has versions from before: runs and commands leave them out."""

import json

import pytest

from datadevops.contract import odcs
from datadevops.diff import compared
from datadevops.product import Settings
from datadevops.store.versions import Store
from runs import run_into

MONTHS = """
select shop, cast(date_trunc('month', opened_at) as timestamp) as month,
    sum(queue_minutes) as queue_minutes from source group by shop, date_trunc('month', opened_at)
"""
TOTALS = "select shop, sum(queue_minutes) as queue_minutes from months group by shop"
CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: urn:example:{name}
name: {name}
version: 1.0.0
status: active
dataProduct: Shops
servers: [{{server: file, type: local, path: {name}.parquet, format: parquet}}]
schema:
  - name: {name}
    customProperties: [{{property: keepVersions, value: 2}}]
    properties:
      - {{name: shop, logicalType: string, primaryKey: true, primaryKeyPosition: 1, examples: [north]}}
{time}      - {{name: queue_minutes, logicalType: number, required: true}}
"""
MONTH = "      - {{name: month, logicalType: timestamp, primaryKey: true, primaryKeyPosition: 2{0}}}\n"
CUT = ", partitioned: true, customProperties: [{property: partitionGrain, value: month}]"
DAYS = "strftime(opened_at, '%m-%d') in ('02-01', '03-01')"
ROWS = 6  # two months of three shops
BETWEEN, DATASET, SOURCE = "", "datasets", "sources"


@pytest.fixture
def months(own):
    """months(DATASET, cut=True): the table is of this kind from now on, with partitions or without. The
    dataset of totals is made from it."""
    (own.transforms / "totals.sql").write_text(TOTALS, encoding="utf-8")
    contract = CONTRACT.format(name="totals", time="")
    (own.contracts / "datasets" / "totals.yaml").write_text(contract, encoding="utf-8")

    def become(kind, cut=False):
        for old in own.contracts.rglob("months.yaml"):
            old.unlink()
        (own.transforms / "months.sql").unlink(missing_ok=True)
        if kind != SOURCE:
            (own.transforms / "months.sql").write_text(MONTHS, encoding="utf-8")
        text = CONTRACT.format(name="months", time=MONTH.format(CUT if cut else ""))
        (own.contracts / kind / "months.yaml").write_text(text, encoding="utf-8")

    return become


@pytest.fixture
def run(own, write_altered, tmp_path):
    """run(): a run of the product as it is now, on two days; `more`: minutes that are added to each queue."""

    def once(more=0):
        rows = f"(select * replace (queue_minutes + {more} as queue_minutes) from sample where {DAYS})"
        files = {"source": write_altered(rows, tmp_path / "source.parquet")}
        if not (own.transforms / "months.sql").exists():
            delivered = MONTHS.replace("from source", f"from {rows}")
            files["months"] = write_altered(delivered, tmp_path / "months.parquet")
        return run_into(own, tmp_path / "store", files)

    return once


@pytest.fixture
def shell(own, command):
    return lambda *words: command(*words, product=own)


def versions(shell, name):
    return [each["version"] for each in json.loads(shell("publish", "list", name, "--json").out)]


@pytest.mark.parametrize("cut", [False, True], ids=["whole", "by month"])
def test_a_table_between_is_published_too_from_the_next_run_on(months, run, shell, cut):
    months(BETWEEN)
    between = run()
    old = Store(between.store / "months").versions()
    months(DATASET, cut)

    done = run()

    assert done.facts["failed"] == {}
    assert done.facts["datasets"]["months"]["rows"] == ROWS
    assert versions(shell, "months") == [done.facts["versions"]["months"]]
    assert old
    assert shell("status").code == 0
    refused = shell("publish", "promote", old[0])
    assert refused.code == 2
    assert f"error[ST001] {old[0]} was made before months was a dataset" in refused.err
    assert shell("publish", "rollback", "months").code == 2
    assert versions(shell, "months") == [done.facts["versions"]["months"]]


def test_versions_of_a_table_between_are_deleted_when_the_dataset_has_enough(months, run):
    months(BETWEEN)
    old = Store(run().store / "months").versions()
    months(DATASET, cut=True)

    for more in (1, 2, 3):
        done = run(more)

    kept = Store(done.store / "months")
    assert old
    assert not {*old} & {*kept.versions()}
    used = [set(kept.about(each).facts["partitions"].values()) for each in kept.versions()]
    assert set().union(*used) == {*Store(kept.root / "partitions").versions()}


def test_a_dataset_becomes_a_table_between_and_a_dataset_again(months, run, shell):
    months(DATASET, cut=True)
    first = run().facts["versions"]["months"]
    months(BETWEEN)
    between = run()
    months(DATASET, cut=True)

    again = run()

    assert "months" not in between.facts["datasets"]
    assert "the published partitions are made from rows of months" in between.facts["failed"]["totals"]
    assert again.facts["failed"] == {}
    assert versions(shell, "months") == [first]


def test_a_source_becomes_a_dataset(months, run, shell):
    months(SOURCE)
    run()
    months(DATASET, cut=True)

    done = run()

    assert done.facts["failed"] == {}
    assert versions(shell, "months") == [done.facts["versions"]["months"]]


@pytest.mark.parametrize("kind", [DATASET, BETWEEN], ids=["dataset", "between"])
def test_what_was_made_becomes_a_source(months, run, kind):
    months(kind)
    run()
    months(SOURCE)

    done = run()

    assert done.facts["checks"]["months"]["good"] == ROWS
    assert "the published partitions are made from" in done.facts["failed"]["totals"]


def test_other_partitions_are_refused_until_the_change_is_undone(months, run, shell):
    months(DATASET, cut=True)
    first = run()
    months(DATASET, cut=False)

    refused = run()
    months(DATASET, cut=True)
    again = run()

    assert "the published dataset has other partitions" in refused.facts["failed"]["months"]
    assert again.facts["failed"] == {}
    assert versions(shell, "months") == [first.facts["versions"]["months"]]


@pytest.mark.parametrize(
    "kinds", [(BETWEEN, DATASET), (DATASET, SOURCE), (BETWEEN, SOURCE, BETWEEN), (BETWEEN, DATASET, BETWEEN)]
)
def test_a_change_of_its_contract_is_measured_on_rows_of_its_kind(own, months, run, git, kinds):
    for kind in kinds:
        months(kind)
        done = run()
    home = own.folder.parent
    for words in (["init", "-q"], ["add", "--all"], ["commit", "-q", "-m", "one"], ["tag", "v1.0.0"]):
        git(home, *words)
    path, number = odcs.files(own.contracts)["months"], "logicalType: number"
    limited = f"{number}, logicalTypeOptions: {{minimum: 1}}"
    path.write_text(path.read_text(encoding="utf-8").replace(number, limited), encoding="utf-8")

    found = compared.since(own, Settings(home, done.store, None, None, "duckdb", local=True), "v1.0.0")

    (effect,) = [each["rows"] for each in found["tables"]]
    assert (effect["why_not"], effect["rows"]) == ("", ROWS)
