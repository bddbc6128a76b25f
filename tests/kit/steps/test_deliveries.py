"""A run takes the newest good version of a source that has delivered nothing, and says how old it is."""

import os
import re
from dataclasses import replace

import pytest

from datadevops.contract import odcs
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.errors import DataError, ProductError, RefusedError
from datadevops.job import Delivered
from datadevops.steps import check
from datadevops.store import accepted
from runs import run_into


@pytest.fixture
def source(forecast):
    return odcs.load(forecast.contracts / "sources" / "source.yaml")


@pytest.fixture
def delivery(sample, tmp_path):
    """delivery(name, hours, bad=0): a file of so many rows, some of them bad."""

    def write(name, hours, bad=0):
        file = tmp_path / f"{name}.parquet"
        with DuckDB() as engine:
            engine.read("sample", sample)
            wrong = f"if(row_number() over (order by opened_at, shop) <= {bad}, null, shop) as shop"
            rows = f"from sample order by opened_at, shop limit {hours}"
            engine.write(f"select * replace ({wrong}) from ({rows})", file)
        return file

    return write


@pytest.fixture
def checked(engine, job, source, tmp_path):
    """checked(file): the version that a run goes on with; None: nothing was delivered. Each run is a minute
    later than the one before."""

    def run(file, contract=source, code="code"):
        given = Delivered(file or tmp_path / "absent.parquet", "/data/source.parquet", file is not None)
        mine = replace(job(engine, source=contract), sources={"source": given}, code=code)
        for name in mine.store("source").versions():
            folder = mine.store("source").root / name
            os.utime(folder, (0, folder.stat().st_mtime - 60))
        return check(mine)["source"]

    return run


def test_without_a_delivery_the_newest_good_version_is_taken(checked, delivery, engine):
    checked(delivery("first", 30))
    second = checked(delivery("second", 60))
    engine.rows("drop view if exists source")

    assert checked(None) == second
    assert engine.rows("select count(*) from source") == [(60,)]


def test_a_bad_delivery_stops_the_run_and_is_not_taken_later(checked, delivery):
    good = checked(delivery("good", 60))

    with pytest.raises(RefusedError, match=r"(?s)DQ006.*9 of 90 rows break.*Nothing new is published"):
        checked(delivery("bad", 90, bad=9))

    assert checked(None) == good


def test_a_delivery_that_comes_again_is_the_newest_again(checked, delivery):
    first = checked(delivery("first", 30))
    checked(delivery("second", 60))
    checked(delivery("first", 30))

    assert checked(None) == first


def test_rows_accepted_by_other_code_or_another_contract_are_checked_again(
    checked, delivery, source, tmp_path
):
    first = checked(delivery("first", 60))
    visitors = next(column for column in source.columns if column.name == "visitors")
    limits = visitors.limits.model_copy(update={"maximum": 0})
    narrow = tuple(c.model_copy(update={"limits": limits}) if c == visitors else c for c in source.columns)

    again = checked(None, code="other")
    with pytest.raises(ProductError, match="visitors:maximum: 60 rows"):
        checked(None, source.model_copy(update={"columns": narrow}), "narrower")

    assert again.id != first.id
    assert {name: again.inputs[name] for name in ("file", "sha256")} == {
        "file": "first.parquet",
        "sha256": first.inputs["sha256"],
    }
    assert again.facts["check"]["read"] == first.facts["check"]["good"]
    assert again.inputs["arrived_at"] == first.made_at


def test_words_that_stand_for_null_since_then_are_null_when_rows_are_checked_again(checked, delivery, source):
    checked(delivery("first", 60))
    columns = tuple(
        c.model_copy(update={"missing_values": ("north",)}) if c.name == "shop" else c for c in source.columns
    )

    with pytest.raises(ProductError, match="shop:null: 20 rows"):
        checked(None, source.model_copy(update={"columns": columns}), "other")


def test_a_version_that_lacks_a_column_of_the_contract_is_named(checked, delivery, source):
    first = checked(delivery("first", 60))
    new = source.columns[-1].model_copy(update={"name": "weather"})
    wider = source.model_copy(update={"columns": (*source.columns, new)})

    with pytest.raises(DataError, match="DQ004") as error:
        checked(None, wider, "other")

    assert error.value.message.startswith(f"version {first.id} of source, as nothing new was delivered: ")
    assert "weather: missing" in error.value.message


def test_without_a_delivery_and_without_a_good_version_the_run_says_what_is_missing(checked, delivery):
    with pytest.raises(RefusedError):
        checked(delivery("bad", 90, bad=9))

    with pytest.raises(DataError, match="DQ001") as error:
        checked(None)

    assert error.value.message.endswith("no such file, and no good version of source is in the store yet")
    assert "absent.parquet" in error.value.message
    assert "--source source=FILE" in error.value.hint


@pytest.mark.parametrize("mark", ["", "pyproject.toml"])
def test_a_run_outside_the_product_s_folder_says_that_this_may_be_why_nothing_is_there(
    checked, tmp_path, mark
):
    if mark:
        (tmp_path / mark).touch()

    with pytest.raises(DataError, match="DQ001") as error:
        checked(None)

    other = f"{tmp_path} is not the product's folder: perhaps set SHOP_FORECAST_HOME to it"
    assert (other in error.value.hint) is (not mark)


def test_the_only_good_version_outlives_any_number_of_bad_ones(
    wide, given, shorter, delivery, tmp_path, monkeypatch
):
    promise = wide.contracts / "predictions.yaml"
    promise.write_text(re.sub(r"keepVersions, value: \d+", "keepVersions, value: 2", promise.read_text()))
    assert odcs.load(promise).keep_versions == 2
    monkeypatch.chdir(tmp_path)
    first = run_into(wide, tmp_path / "store", {**given, "source": shorter})
    for number in range(4):
        bad = delivery(f"bad-{number}", 90 + number, bad=9)
        with pytest.raises(RefusedError):
            run_into(wide, tmp_path / "store", {**given, "source": bad})

    again = run_into(wide, tmp_path / "store", {"areas": given["areas"]})

    assert len(list((tmp_path / "store" / "source").glob("[0-9a-f]*"))) <= 4
    assert again.facts["versions"]["source"] == first.facts["versions"]["source"]
    assert again.facts["versions"]["champion"] == first.facts["versions"]["champion"]


def test_a_run_says_how_old_a_source_is_that_delivered_nothing(shell, wide, given, shorter, tmp_path):
    run_into(wide, tmp_path / "store", {**given, "source": shorter})
    (tmp_path / "home" / "data" / "areas.parquet").unlink()
    (version,) = (tmp_path / "store" / "areas").glob("[0-9a-f]*")
    manifest = version / "manifest.json"
    os.utime(manifest, (0, manifest.stat().st_mtime - 4 * 86_400 - 60))

    answer = shell("run", "--source", f"source={shorter}")

    said = rf"^areas        newest good version {version.name}, 4 days old, no new delivery$"
    assert re.search(said, answer.out, re.MULTILINE), answer.out + answer.err
    assert re.search(r"^source       [0-9,]+ rows: [0-9,]+ good", answer.out, re.MULTILINE)
    page = (tmp_path / "store" / "report.html").read_text()
    assert "no new delivery" in page
    assert "4 days old" in page


def test_a_file_that_came_first_is_as_old_as_that_however_often_it_comes(checked, delivery, job, engine):
    first = checked(delivery("first", 30))
    os.utime(first.file("manifest.json"), (0, 0))

    again = checked(delivery("first", 30), code="other")

    store = job(engine).store("source")
    assert accepted.arrived_at(store, again).startswith("1970-01-01")
