"""Broken deliveries break the job as they should, of sources with a time and of sources without one.

No Prometheus runs here: whether the right alert follows is what a drill shows.
"""

import os
import shutil
import subprocess
from dataclasses import replace
from types import SimpleNamespace

import pytest
import yaml

import small_contract
from datadevops.contract import odcs
from datadevops.drill import bad_rows, deliveries
from datadevops.engine.duckdb_engine import DuckDB
from runs import environment, program

KEY = {"name": "id", "logicalType": "integer", "required": True, "primaryKey": True}
AREA = {"name": "area_m2", "logicalType": "number", "logicalTypeOptions": {"minimum": 0}}
OPENED = {"name": "opened", "logicalType": "date"}
DAY = {"name": "day", "logicalType": "date", "required": True, "primaryKey": True, "primaryKeyPosition": 2}
ROWS = "select range as id, range % 71 * 10.0 as area_m2, date '2020-01-01' + (range % 9)::integer as opened"


def contract(table, *columns, **custom):
    properties = [{"property": name, "value": value} for name, value in custom.items()]
    return {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": f"urn:example:{table}",
        "version": "1.0.0",
        "status": "active",
        "schema": [{"name": table, "customProperties": properties, "properties": list(columns)}],
    }


@pytest.fixture
def timeless(statistics, tmp_path):
    """A product whose only source has no time in its key; its dataset is one partition."""
    folder = shutil.copytree(statistics.folder, tmp_path / "own" / statistics.package)
    shutil.rmtree(folder / "contracts" / "sources")
    (folder / "contracts" / "sources").mkdir()
    source = contract("shops", KEY, AREA, OPENED, allowedBadRatio=0.01)
    (folder / "contracts" / "sources" / "shops.yaml").write_text(yaml.safe_dump(source))
    path = folder / "contracts" / "datasets" / "shop_days.yaml"
    path.write_text(yaml.safe_dump(contract("shop_days", KEY, AREA)))
    (folder / "transforms" / "shop_days.sql").write_text("select id, area_m2 from shops")
    return replace(statistics, at=folder)


class Bench:
    """What a fault needs of a stack, without Prometheus."""

    def __init__(self, product, folder, contracts, files):
        self.store, self.folder, self._product = folder / "store", folder, product
        self.late, self.patience, self._log = 0.0, 60.0, folder / "log"
        limit = SimpleNamespace(limit=0.0003)
        self.plan = SimpleNamespace(
            too_late=9e9, objective=lambda _: limit, objectives=SimpleNamespace(alive="")
        )
        words = [word for table, file in files.items() for word in ("--source", f"{table}={file}")]
        assert self.command("run", *words).wait() == 0, self.output
        self.product = deliveries.starter(contracts, folder, files)(self)

    def command(self, *words):
        env = environment(self._product, STORE=self.store, HOME=self.folder)
        env["PYTHONPATH"] = os.pathsep.join([str(self._product.folder.parent), env["PYTHONPATH"]])
        with self._log.open("ab") as log:
            return subprocess.Popen([*program(self._product), *words], env=env, stdout=log, stderr=log)

    @property
    def output(self):
        return self._log.read_text()


@pytest.fixture
def bench(timeless, tmp_path):
    """bench(count): the product, after a run on so many rows."""

    def start(count):
        file = tmp_path / "shops.parquet"
        with DuckDB() as engine:
            engine.write(f"{ROWS} from range({count})", file)
        return Bench(timeless, tmp_path, odcs.load_all(timeless.contracts), {"shops": file})

    return start


FAULTS = {
    "nulls": deliveries.nulls,
    "poisoned-upstream": deliveries.poisoned_upstream,
    "crash-in-publish": deliveries.crash_in_publish,
    "duplicate-delivery": deliveries.duplicate_delivery,
    "schema-break": deliveries.schema_break,
}


@pytest.mark.drill
@pytest.mark.parametrize("name", FAULTS)
def test_a_source_without_time_can_be_broken_and_healed(bench, name):
    broken = bench(3_000)

    with FAULTS[name](broken):
        before = broken.product.published()
    broken.product.heal()

    assert "Traceback" not in broken.output
    assert broken.product.published() == before


@pytest.mark.drill
def test_a_few_rows_of_a_small_source_are_enough_to_break_the_objective(bench):
    broken = bench(300)

    with deliveries.nulls(broken):
        assert "300 rows: 299 good, 1 in quarantine" in broken.output


@pytest.fixture
def delivered(engine):
    """delivered(source, sql): the rows that the SQL makes of 300 good ones."""

    def make(source, sql):
        engine.keep("given", f"{ROWS}, date '2020-01-01' + range::integer as day from range(300)")
        return engine.rows(f"with fresh as ({bad_rows.numbered(source)}) {sql}")

    return make


WITH_NULLS = {  # columns -> which of them is null in bad rows, and that rows with the newest time come first
    "a key without time": ((KEY, AREA), 0),
    "a key with a day": ((DAY, KEY), 0),
    "a day alone": ((DAY, AREA), 3),
    "no key, but a column that is required": ((AREA | {"required": True},), 1),
}


@pytest.mark.parametrize(("columns", "place"), WITH_NULLS.values(), ids=WITH_NULLS)
def test_bad_rows_lack_a_column_that_they_must_have_rather_not_their_time(delivered, columns, place):
    source = small_contract.contract_of(*columns)

    rows = delivered(source, bad_rows.with_nulls(source, "place % 3 = 0"))

    assert [sum(row[each] is None for row in rows) for each in range(4)] == [
        100 if each == place else 0 for each in range(4)
    ]


def test_rows_are_numbered_from_the_newest_and_without_time_by_their_key(delivered):
    first = "select id from fresh where place = 1"

    assert delivered(small_contract.contract_of(KEY, AREA), first) == [(0,)]
    assert delivered(small_contract.contract_of(KEY, DAY), first) == [(299,)]


@pytest.mark.parametrize("columns", [(KEY, AREA, OPENED), (KEY, DAY, AREA)], ids=["without time", "a day"])
def test_other_rows_have_the_columns_and_types_of_those_known_and_are_not_among_them(delivered, columns):
    source = small_contract.contract_of(*columns)
    names = ", ".join(column["name"] for column in columns)

    rows = delivered(
        source,
        f"select {names} from (select * replace ({bad_rows.others(source)}) from fresh where place < 100)",
    )

    known = delivered(source, f"select {names} from fresh")
    assert len({*rows}) == 99
    assert len({*rows} - {*known}) > 90
    assert [*map(type, rows[0])] == [*map(type, known[0])]


def contracts_of(*columns):
    """The contracts of a product with one source that has these columns."""
    source = small_contract.contract_of(*columns)
    return {"shops": source.model_copy(update={"path": source.path.parent / "sources" / "shops.yaml"})}


POSSIBLE = {
    "a key": ((KEY, AREA), True, True),
    "a key alone": ((KEY,), True, False),
    "a day in the key": ((KEY, DAY), True, True),
    "no key, and nothing that is required": ((AREA,), False, True),
    "no key": ((AREA | {"required": True},), True, True),
}


@pytest.mark.parametrize(("columns", "lacks", "changes"), POSSIBLE.values(), ids=POSSIBLE)
def test_what_cannot_happen_to_a_source_is_said_with_the_reason(columns, lacks, changes):
    contracts = contracts_of(*columns)

    assert (not bad_rows.none_needed(contracts), not bad_rows.none_else(contracts)) == (lacks, changes)


def test_a_drill_says_which_scenarios_cannot_happen_and_is_not_run_if_none_can(
    timeless, command, tmp_path, monkeypatch
):
    source = timeless.contracts / "sources" / "shops.yaml"
    source.write_text(yaml.safe_dump(contract("shops", AREA)))
    documents = yaml.safe_load_all((timeless.folder / "ops" / "slo.yaml").read_text())
    kept = [each for each in documents if each["metadata"]["name"] != "freshness"]  # of rows with a time
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops" / "slo.yaml").write_text(yaml.safe_dump_all(kept))
    monkeypatch.setenv(f"{timeless.prefix}HOME", str(tmp_path))

    answer = command("drill", "nulls", "poisoned-upstream", product=timeless)

    assert answer.code == 3
    for name in ("nulls", "poisoned-upstream"):
        said = f"{name}: it cannot happen here: shops has neither a key nor a column that is required"
        assert said in answer.err
    assert "error[OP007] none of these scenarios can be played: the drill was NOT RUN" in answer.err
