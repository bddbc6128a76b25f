"""A drill starts with the rows of the sources as they are, so whatever joins in a run joins in a drill."""

import shutil
from dataclasses import replace

import pytest
import yaml

from datadevops.drill import deliveries, lateness, preparation, receivers
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.errors import NotRunError
from datadevops.ops import own_objectives
from datadevops.product import Settings
from datadevops.telemetry import direct

WEEK = {"name": "week", "logicalType": "timestamp", "required": True, "primaryKey": True}
PPM = {"name": "ppm", "logicalType": "number", "required": True}
SPOTS = {"name": "spots", "logicalType": "number", "required": True}
WEEKS = "select timestamp '1990-01-01' + to_weeks(range::integer) as week, 350 + range * 0.03 as ppm"
OTHERS = {  # by what a year of weeks finds its partner: its column, a row of it, the join
    "a whole number": ("integer", "1990 + range", "extract(year from week) = period"),
    "a day as text": ("string", "(1990 + range) || '-01-01'", "strftime(week, '%Y-01-01') = period"),
    "a German day": ("string", "'01.01.' || (1990 + range)", "strftime(week, '01.01.%Y') = period"),
}


def write_contract(path, table, *columns, server=""):
    content = {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": f"urn:example:{table}",
        "version": "1.0.0",
        "status": "active",
        "schema": [{"name": table, "properties": list(columns)}],
    }
    if server:
        content["servers"] = [{"server": "sample", "type": "local", "format": "parquet", "path": server}]
    path.write_text(yaml.safe_dump(content))


@pytest.fixture(params=OTHERS)
def joined(request, statistics, tmp_path):
    """A product of two sources, and its settings: weeks with a time, years without."""
    kind, period, joins = OTHERS[request.param]
    folder = shutil.copytree(statistics.folder, tmp_path / "own" / statistics.package)
    sources = folder / "contracts" / "sources"
    shutil.rmtree(sources)
    sources.mkdir()
    write_contract(sources / "co2.yaml", "co2", WEEK, PPM, server="data/co2.parquet")
    key = {"name": "period", "logicalType": kind, "required": True, "primaryKey": True}
    write_contract(sources / "sun.yaml", "sun", key, SPOTS, server="data/sun.parquet")
    write_contract(folder / "contracts" / "datasets" / "shop_days.yaml", "shop_days", WEEK, PPM, SPOTS)
    sql = f"select week, ppm, spots from co2 left join sun on {joins}"
    (folder / "transforms" / "shop_days.sql").write_text(sql)
    (tmp_path / "data").mkdir()
    with DuckDB() as engine:
        engine.write(f"{WEEKS} from range(500)", tmp_path / "data" / "co2.parquet")
        engine.write(
            f"select {period} as period, range % 11 * 10.0 as spots from range(20)",
            tmp_path / "data" / "sun.parquet",
        )
    settings = Settings(tmp_path, tmp_path / "store", None, None, "duckdb", local=True)
    return replace(statistics, at=folder), settings


def prepare(product, settings, folder):
    (folder / "drill").mkdir()
    objectives = own_objectives.load(product, product.folder)
    idle = lateness.Lateness()
    return preparation.prepare(product, settings, deliveries, objectives, folder / "drill", 0, idle)


def test_sources_that_join_by_text_or_by_whole_numbers_join_in_a_drill(joined, tmp_path, monkeypatch):
    product, settings = joined
    monkeypatch.syspath_prepend(str(product.folder.parent))

    plan = prepare(product, settings, tmp_path)

    with DuckDB() as engine:
        made = plan.folder / "store" / "shop_days" / "latest" / "dataset" / "*.parquet"
        found = engine.rows(f"select count(*), count(spots), max(year(week)) from '{made}'")
    assert found == [(500, 500, 1999)]


def test_a_drill_is_not_run_if_the_job_fails_on_its_own_sources_and_says_why(joined, tmp_path, monkeypatch):
    product, settings = joined
    monkeypatch.syspath_prepend(str(product.folder.parent))
    (product.folder / "transforms" / "shop_days.sql").write_text(
        "select week, ppm, null::double as spots from co2"
    )

    with pytest.raises(NotRunError, match=r"run` on its own sources fails: the drill was NOT RUN") as failed:
        prepare(product, settings, tmp_path)

    assert "spots" in str(failed.value)


def test_prometheus_sees_new_rows_in_an_old_sample_until_a_fault_ages_them(tmp_path):
    figures = tmp_path / "run.prom"
    names = ("newest", "source_newest", "last_success")
    figures.write_text(
        "".join(f'product_run_{each}_timestamp_seconds{{product="a"}} 9e8\n' for each in names)
    )
    late = [0.0]

    def scraped():
        with direct.urlopen(address, timeout=5) as page:
            return [float(line.split()[-1]) for line in page.read().decode().splitlines()]

    with receivers.listening(figures, [], lambda: late[0]) as address:
        newest, of_source, success = scraped()
        late[0] = 500_000.0
        aged = scraped()

    assert newest == of_source > 1.7e9
    assert success == 9e8
    assert aged == pytest.approx([newest - 500_000, of_source - 500_000, success - 500_000], abs=60)
