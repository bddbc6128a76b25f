"""The main job on the sample: what it makes of each month, what it publishes, what it refuses."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from << cookiecutter.__package >> import pipeline
from << cookiecutter.__package >>.kit import aliases, publication
from << cookiecutter.__package >>.kit.engine import DuckDB
from << cookiecutter.__package >>.kit.errors import ContractError, DataError, RefusedError
from << cookiecutter.__package >>.kit.store import Store

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def rows(sql: str) -> list[tuple[Any, ...]]:
    with DuckDB() as engine:
        return engine.rows(sql)


def dataset(store: Path) -> list[tuple[Any, ...]]:
    """What readers get, sorted."""
    return rows(f"from '{store}/dataset/latest/dataset.parquet' order by all")


def months(report: Any) -> dict[str, str]:
    """What is published, by month."""
    folder = report.folder.parents[1] / "dataset" / report.facts["versions"]["dataset"]
    return {
        month: str(hours)
        for month, hours in rows(
            "select strftime(day, '%Y-%m'), sum(hash(dataset)) from read_parquet"
            f"('{folder}/dataset.parquet') as dataset group by 1"
        )
    }


def test_the_two_impossible_rows_of_the_sample_and_no_others_are_in_quarantine(first_run: Any) -> None:
    (file,) = first_run.store.glob("source/*/quarantine.parquet")

    found = rows(f"select station, observed_at::varchar, broken_rules from '{file}' order by 1")

    assert found == [
        ("EWR", "2013-02-12 08:00:00", "wind_speed_ms:maximum"),
        ("JFK", "2013-05-09 02:00:00", "temperature_spike"),
    ]


def test_the_wettest_day_of_the_sample_is_known(first_run: Any, sample: Path) -> None:
    hours = "where station = 'JFK' and observed_at between '2013-06-07' and '2013-06-07 23:59'"
    ((count, rain, wet, heaviest),) = rows(
        "select count(*), round(sum(precipitation_mm), 2), count_if(precipitation_mm > 0),"
        f" round(max(precipitation_mm), 2) from '{sample}' {hours}"
    )

    (found,) = [row for row in dataset(first_run.store) if row[0] == "JFK" and f"{row[1]:%m%d}" == "0607"]

    assert found[2:] == (count, rain, wet, heaviest)
    assert rain > 50


def test_every_good_hour_is_counted_in_its_day(first_run: Any) -> None:
    found = dataset(first_run.store)

    assert sum(row[2] for row in found) == first_run.report.facts["checks"]["source"]["good"] == 26_113
    assert len(found) == first_run.report.facts["rows"]


def test_a_second_run_makes_nothing_anew(first_run: Any, run: Any) -> None:
    again = run(first_run.store)

    assert [first_run.steps.count(step) for step in ("source", "months", "dataset")] == [1, 12, 1]
    assert not {"source", "months", "dataset"} & set(again.steps)
    assert again.report.facts["made"] == {}
    assert again.report.facts["versions"] == first_run.report.facts["versions"]


def test_a_run_that_brings_nothing_new_tells_its_own_time(ran: Any, command: Any) -> None:
    again = json.loads(command("run", "--json", store=ran.store).out)

    assert again["made"] == {}
    assert again["at"] > ran.report.facts["at"]
    assert again["at"][:10] in (ran.store / "report.html").read_text()


@pytest.mark.xdist_group("second run")
def test_the_same_data_and_code_give_the_same_version_in_another_folder(
    first_run: Any, second_run: Any
) -> None:
    versions = [run.report.facts["versions"]["dataset"] for run in (first_run, second_run)]

    assert versions[0] == versions[1]


def test_a_late_row_lands_in_its_day_and_leaves_other_months_alone(
    first_run: Any, run: Any, altered: Any, tmp_path: Path
) -> None:
    hour = "station = 'EWR' and observed_at = '2013-03-01 12:00'"
    before = run(tmp_path / "store", altered(f"from sample where not ({hour})"))
    late = run(tmp_path / "store", altered(f"from sample where {hour}"))

    assert list(late.report.facts["made"]) == ["2013-03"]
    assert dataset(tmp_path / "store") == dataset(first_run.store)
    one, other = months(before.report), months(late.report)
    assert {month for month in one if one[month] != other[month]} == {"2013-03"}


def test_rows_that_are_known_already_change_nothing(ran: Any, run: Any, altered: Any) -> None:
    january = altered("from sample where observed_at < '2013-02-01' order by hash(observed_at)")

    again = run(ran.store, january)

    assert again.report.facts["versions"]["dataset"] == ran.report.facts["versions"]["dataset"]


HOURS = st.tuples(st.sampled_from(["01-31", "02-01", "02-28"]), st.integers(0, 23), st.integers(0, 9))
DELIVERIES = st.lists(
    st.lists(HOURS, min_size=1, max_size=6, unique_by=lambda hour: hour[:2]), min_size=1, max_size=3
)
FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def delivered(hours: list[tuple[str, int, int]], path: Path) -> Path:
    """A file with these hours of the sample's first row, and so much rain."""
    values = ", ".join(f"('2013-{day} {hour:02}:00'::timestamp, {rain}.0)" for day, hour, rain in hours)
    with DuckDB() as engine:
        engine.read("sample", Path(__file__).parents[1] / "data" / "weather.parquet")
        same = "select * replace (hour as observed_at, rain as precipitation_mm) from (from sample limit 1)"
        columns = ", ".join(f'"{name}"' for name in engine.types("from sample"))
        engine.write(f"select {columns} from ({same}, (values {values}) as t(hour, rain))", path)
    return path


@FEW
@given(deliveries=DELIVERIES)
def test_deliveries_one_by_one_some_twice_equal_one_that_holds_all(run: Any, deliveries: Any) -> None:
    last = {hour[:2]: hour for delivery in deliveries for hour in delivery}
    with TemporaryDirectory() as name:
        folder = Path(name)
        for number, delivery in enumerate(deliveries):
            file = delivered(delivery, folder / f"{number}.parquet")
            run(folder / "store", file)
            if number % 2 == 0:
                run(folder / "store", file)
        run(folder / "once", delivered(list(last.values()), folder / "all.parquet"))

        assert dataset(folder / "store") == dataset(folder / "once")


def test_a_month_that_fails_stays_as_it_was_and_the_others_are_published(
    first_run: Any, ran: Any, run: Any, altered: Any
) -> None:
    rain = "case when observed_at::date = '2013-05-02' then -1 else precipitation_mm + 1 end"

    again = run(ran.store, altered(f"select * replace ({rain} as precipitation_mm) from sample"))

    assert list(again.report.facts["failed"]) == ["2013-05"]
    assert "73 of 2,232 rows break the contract" in again.report.facts["failed"]["2013-05"]
    one, other = months(first_run.report), months(again.report)
    assert {month for month in one if one[month] == other[month]} == {"2013-05"}


def test_rows_without_a_time_are_a_failure_of_their_own(ran: Any, run: Any, altered: Any) -> None:
    lost = "case when hash(observed_at) % 100 = 0 then null else observed_at end"

    again = run(ran.store, altered(f"select * replace ({lost} as observed_at) from sample"))

    assert list(again.report.facts["failed"]) == ["no month"]


def test_one_old_date_among_many_rows_is_quarantined_and_fails_nothing(
    ran: Any, run: Any, altered: Any
) -> None:
    old = "case when observed_at = '2013-03-01 12:00' then timestamp '1913-03-01' else observed_at end"

    again = run(ran.store, altered(f"select * replace ({old} as observed_at) from sample"))

    assert again.report.facts["failed"] == {}
    assert again.report.facts["checks"]["source"]["bad"] == 5


def test_a_damaged_month_is_made_anew_when_it_is_delivered_and_until_then_nothing_is_published(
    ran: Any, run: Any, altered: Any
) -> None:
    before = dataset(ran.store)
    folder = ran.store / "months" / ran.report.facts["made"]["2013-03"]
    (folder / "dataset.parquet").write_bytes(b"PAR1")

    other = run(ran.store, altered("select * replace (0 as precipitation_mm) from sample limit 99"))
    left = dataset(ran.store)
    shutil.rmtree(folder)
    again = run(ran.store)

    assert list(other.report.facts["failed"]) == ["2013-03"]
    assert "deliver its rows again" in other.report.facts["failed"]["2013-03"]
    assert left == before
    assert list(again.report.facts["made"]) == ["2013-03"]
    assert dataset(ran.store) == before


def test_more_rows_of_another_time_do_not_take_the_place_of_a_damaged_month(
    run: Any, altered: Any, tmp_path: Path
) -> None:
    march = "from sample where strftime(observed_at, '%m') = '03' and day(observed_at)"
    made = run(tmp_path / "store", altered(f"{march} < 10")).report
    shutil.rmtree(tmp_path / "store" / "months" / made.facts["made"]["2013-03"])

    later = run(tmp_path / "store", altered(f"{march} > 10")).report
    whole = run(tmp_path / "store", altered(f"{march} < 20")).report

    assert "from 2013-03-01T00:00:00 to 2013-03-09T23:00:00" in later.facts["failed"]["2013-03"]
    assert whole.facts["failed"] == {}


def test_a_part_of_a_damaged_month_does_not_take_its_place(ran: Any, run: Any, altered: Any) -> None:
    before = dataset(ran.store)
    shutil.rmtree(ran.store / "months" / ran.report.facts["made"]["2013-03"])

    again = run(ran.store, altered("from sample where observed_at::date = '2013-03-09'"))

    assert "deliver its rows again, all 2,230" in again.report.facts["failed"]["2013-03"]
    assert dataset(ran.store) == before


def test_a_file_that_comes_again_unchanged_takes_no_correction_back(
    ran: Any, run: Any, altered: Any, tmp_path: Path
) -> None:
    corrected = altered(
        "select * replace (precipitation_mm + 1 as precipitation_mm) from sample"
        " where observed_at between '2013-03-01' and '2013-03-09 23:00'"
    )
    run(ran.store, corrected)
    known = dataset(ran.store)

    again = run(ran.store)
    left = dataset(ran.store)
    run(ran.store, altered("from sample").rename(tmp_path / "weather.parquet"))  # other bytes, the same name

    assert again.report.facts["failed"] == {}
    assert again.report.facts["made"] == {}
    assert left == known
    assert dataset(ran.store) != known


@pytest.fixture
def deliver(run: Any, altered: Any, tmp_path: Path) -> Any:
    """deliver("3/a.parquet", 2) runs on the rows of March, with 2 mm more rain."""

    def call(name: str, more: int, hours: str = "strftime(observed_at, '%m') = '03'") -> None:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            rain = f"precipitation_mm + {more} as precipitation_mm"
            altered(f"select * replace ({rain}) from sample where {hours}").rename(path)
        run(tmp_path / "store", path)

    return call


def rain(store: Path) -> float:
    """The rain of an hour in March, with what was added to it."""
    return sum(row[3] for row in dataset(store) if row[:1] == ("JFK",) and f"{row[1]:%m%d}" == "0302") / 24


def test_a_file_that_brought_nothing_new_takes_no_correction_back_either(deliver: Any, ran: Any) -> None:
    deliver("first/a.parquet", 0)
    deliver("second/b.parquet", 1)

    deliver("first/a.parquet", 0)

    assert rain(ran.store) == 1


def test_files_of_one_name_in_two_folders_are_two_files(deliver: Any, ran: Any) -> None:
    for more, name in enumerate(("first/a.parquet", "second/a.parquet", "first/b.parquet"), 1):
        deliver(name, more)

    deliver("first/a.parquet", 1)
    deliver("second/a.parquet", 2)

    assert rain(ran.store) == 3


def test_a_month_that_returns_to_rows_it_had_remembers_what_came_between(deliver: Any, ran: Any) -> None:
    deliver("first/a.parquet", 1)
    deliver("first/b.parquet", 0)  # the rows of the sample again, and the version of the month
    assert rain(ran.store) == 0

    deliver("first/a.parquet", 1)

    assert rain(ran.store) == 0


def test_a_file_whose_rows_somebody_has_rolled_back_may_bring_them_again(deliver: Any, ran: Any) -> None:
    deliver("first/a.parquet", 1)
    publication.rollback(Store(ran.store / "dataset"), "nonsense", NOON)
    assert rain(ran.store) == 0
    deliver("first/may.parquet", 2, "strftime(observed_at, '%m') = '05'")

    deliver("first/a.parquet", 1)

    assert rain(ran.store) == 1


def test_a_correction_may_come_again_to_a_month_that_was_lost(deliver: Any, ran: Any, run: Any) -> None:
    deliver("first/a.parquet", 1)
    for month in ran.store.glob("months/*"):
        if month.is_dir() and "2013-03" in (month / "manifest.json").read_text():
            shutil.rmtree(month)
    run(ran.store)
    assert rain(ran.store) == 0

    deliver("first/a.parquet", 1)
    assert rain(ran.store) == 1
    run(ran.store)

    assert rain(ran.store) == 1


@pytest.mark.parametrize("back", ["rollback", "promote"])
def test_a_version_published_by_hand_knows_the_files_that_it_was_made_of(
    deliver: Any, ran: Any, back: str
) -> None:
    published = Store(ran.store / "dataset")
    first = aliases.require(published, "published").id
    deliver("first/a.parquet", 1)
    if back == "rollback":
        second = aliases.require(published, "published").id
        publication.rollback(published, "nonsense", NOON)
        deliver("first/b.parquet", 2)
        publication.promote(published, second, "false alarm", NOON)
        assert rain(ran.store) == 1
        deliver("first/b.parquet", 2)
        assert rain(ran.store) == 2
    else:
        publication.promote(published, first, "by hand", NOON)
        assert rain(ran.store) == 0

    deliver("first/a.parquet", 1)

    assert rain(ran.store) == {"rollback": 2, "promote": 1}[back]


def test_a_crash_before_what_a_file_brought_is_published_lets_it_come_again(
    deliver: Any, ran: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver("first/a.parquet", 1)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(aliases, "promote", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver("first/b.parquet", 2)
    deliver("first/c.parquet", 3)

    deliver("first/b.parquet", 2)

    assert rain(ran.store) == 2


def test_a_file_may_bring_later_what_a_span_kept_out(ran: Any, run: Any, altered: Any) -> None:
    before, wet = dataset(ran.store), altered("select * replace (1 as precipitation_mm) from sample")
    run(ran.store, wet, ("2013-06", "2013-07"))

    again = run(ran.store, wet)

    assert len(again.report.facts["made"]) == 10
    assert before != dataset(ran.store)
    assert run(ran.store, wet).report.facts["made"] == {}


@pytest.fixture
def edit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """edit("dataset", old, new): from now on the contract says `new` in the place of `old`."""
    folder = tmp_path / "package"
    shutil.copytree(pipeline.PACKAGE / "contracts", folder / "contracts")
    monkeypatch.setattr(pipeline, "PACKAGE", folder)

    def replace(name: str, old: str, new: str) -> None:
        path = folder / "contracts" / f"{name}.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace


SENSOR = (
    "      - {name: sensor, logicalType: string, customProperties: [{property: synthetic, value: {sql: x}}]"
)


def test_a_new_column_of_the_source_is_null_in_the_rows_known_so_far(
    ran: Any, run: Any, altered: Any, edit: Any
) -> None:
    before = dataset(ran.store)
    edit("source", "    properties:\n", f"    properties:\n{SENSOR}}}\n")

    again = run(ran.store, altered("select *, 'a' as sensor from sample where observed_at < '2013-01-09'"))

    assert again.report.facts["failed"] == {}
    assert len(again.report.facts["made"]) == 12
    assert dataset(ran.store) == before


def test_a_delivery_of_which_no_row_is_good_is_told_with_its_figures(
    run: Any, altered: Any, tmp_path: Path
) -> None:
    file = altered("select * replace (-5.0 as precipitation_mm) from sample limit 99")

    with pytest.raises(DataError, match=r"DQ007.*99 of 99 rows break 1 rule"):
        run(tmp_path / "store", file)


def test_a_new_column_is_filled_by_a_file_that_had_it_all_along(
    run: Any, edit: Any, sample: Path, tmp_path: Path
) -> None:
    gone = "      - name: pressure_hpa\n"
    text = (pipeline.PACKAGE / "contracts" / "source.yaml").read_text()
    column = gone + text.partition(gone)[2].partition("\n      - name: ")[0] + "\n"
    edit("source", column, "")
    run(tmp_path / "store", sample)
    edit("source", "    properties:\n", f"    properties:\n{column}")

    again = run(tmp_path / "store", sample)

    assert len(again.report.facts["made"]) == 12
    files = f"read_parquet('{tmp_path}/store/months/*/source.parquet', union_by_name = true)"
    assert rows(f"select count(pressure_hpa) from {files}") == [(23_384,)]


def test_a_narrower_limit_of_the_source_is_asked_of_rows_known_so_far(
    ran: Any, run: Any, altered: Any, edit: Any, sample: Path
) -> None:
    gale = "wind_speed_ms > 18.6"
    edit("source", "{minimum: 0, maximum: 120}", "{minimum: 0, maximum: 18.6}")

    again = run(ran.store, altered(f"from sample where observed_at < '2013-01-09' and not ({gale})"))

    ((gales,),) = rows(f"select count(*) from '{sample}' where {gale} and wind_speed_ms < 120")
    assert 0 < gales == again.report.facts["checks"]["dataset"]["refused"]
    assert sum(row[2] for row in dataset(ran.store)) == 26_113 - gales
    files = f"'{ran.store}/months/*/source-quarantine.parquet'"
    assert rows(f"select distinct broken_rules, count(*) from {files} group by 1") == [
        ("wind_speed_ms:maximum", gales)
    ]
    assert run(ran.store).report.facts["made"] == {}


def test_rows_that_a_contract_takes_again_come_with_their_file_and_take_no_correction_back(
    run: Any, altered: Any, edit: Any, sample: Path, tmp_path: Path
) -> None:
    store, limits = tmp_path / "store", ("{minimum: 0, maximum: 120}", "{minimum: 0, maximum: 18.6}")
    gales = f"from '{sample}' where wind_speed_ms between 18.7 and 119"
    ((count, rain),) = rows(f"select count(*), sum(precipitation_mm) {gales}")
    edit("source", *limits)
    run(store, sample)
    edit("source", *reversed(limits))
    more = "precipitation_mm + 1 as precipitation_mm"
    run(store, altered(f"select * replace ({more}) from sample where observed_at > '2013-12-01'"))
    before = dataset(store)

    again = run(store, sample)

    after = dataset(store)
    assert list(again.report.facts["made"]) == ["2013-01"]
    assert sum(row[2] for row in after) == sum(row[2] for row in before) + count == 26_113
    assert sum(row[3] for row in after) == pytest.approx(sum(row[3] for row in before) + rain)


def test_a_month_of_which_too_many_rows_break_a_narrower_limit_stays_until_they_are_mended(
    ran: Any, run: Any, altered: Any, edit: Any
) -> None:
    edit("source", "{minimum: 0, maximum: 120}", "{minimum: 0, maximum: 10}")

    failed = run(ran.store, altered("from sample where wind_speed_ms < 10 limit 99")).report
    calmer = altered("select * replace (least(wind_speed_ms, 10) as wind_speed_ms) from sample")
    mended = run(ran.store, calmer)

    told = failed.facts["failed"]["2013-03"]
    assert "known so far break the contract as it is now (128 x wind_speed_ms:maximum)" in told
    assert months(failed)["2013-03"] == months(ran.report)["2013-03"]
    assert mended.report.facts["failed"] == {}
    assert mended.report.facts["checks"]["dataset"]["refused"] == 0


def test_a_new_column_that_the_source_requires_is_told_once_and_nothing_is_lost(
    ran: Any, run: Any, altered: Any, edit: Any
) -> None:
    before = dataset(ran.store)
    edit("source", "    properties:\n", f"    properties:\n{SENSOR}, required: true}}\n")

    with pytest.raises(ContractError, match=r"CT010.*sensor is required, and rows known so far do not"):
        run(ran.store, altered("select *, 'a' as sensor from sample where observed_at < '2013-01-09'"))

    assert dataset(ran.store) == before


def test_a_month_that_fails_is_not_published_beside_months_of_another_contract(
    ran: Any, run: Any, altered: Any, edit: Any
) -> None:
    before = dataset(ran.store)
    edit("dataset", "version: 1.0.0", "version: 1.1.0")
    rain = "case when observed_at::date = '2013-05-02' then -1 else precipitation_mm end"

    again = run(ran.store, altered(f"select * replace ({rain} as precipitation_mm) from sample"))

    assert list(again.report.facts["failed"]) == ["2013-05"]
    assert "rows break the contract" in again.report.facts["failed"]["2013-05"]
    assert dataset(ran.store) == before


def test_rows_of_the_dataset_in_quarantine_are_told(run: Any, edit: Any, tmp_path: Path) -> None:
    edit(
        "dataset",
        "    quality:\n",
        "    quality:\n      - {name: many, metric: rowCount, mustBeGreaterThan: 9999, severity: warning}\n",
    )
    edit(
        "dataset",
        "value: 10, description",
        "value: 9}\n      - {property: allowedBadRatio, value: 0.5, description",
    )
    edit("dataset", "heaviest_hour_mm > rain_mm", "rain_mm > 40")

    made = run(tmp_path / "store").report

    check = made.facts["checks"]["dataset"]
    assert check["read"] == check["good"] + check["bad"]
    assert check["broken"] == {"heaviest_hour_is_part_of_the_day": check["bad"]}
    assert made.facts["rows"] == check["good"] < check["read"]
    page = made.file("report.html").read_text(encoding="utf-8")
    assert f"{check['bad']} quarantined" in page
    assert made.facts["warnings"] == [f"many: {made.facts['rows']}, mustBeGreaterThan 9999"]
    assert made.facts["warnings"][0] in page


def test_a_month_may_have_no_row_in_the_dataset(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sql = pipeline.DATASET.read_text(encoding="utf-8")
    later = f"select * from ({sql.rstrip()}) where day >= '2013-02-01'"
    (tmp_path / "dataset.sql").write_text(later, encoding="utf-8")
    monkeypatch.setattr(pipeline, "DATASET", tmp_path / "dataset.sql")

    facts = run(tmp_path / "store").report.facts

    assert facts["failed"] == {}
    assert "2013-01" in facts["months"]
    assert len(facts["months"]) == 12
    assert {row[1].month for row in dataset(tmp_path / "store")} == {*range(2, 13)}


def test_a_dataset_without_any_row_is_not_published(
    ran: Any, run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = dataset(ran.store)
    sql = pipeline.DATASET.read_text(encoding="utf-8")
    (tmp_path / "dataset.sql").write_text(f"select * from ({sql.rstrip()}) where false", encoding="utf-8")
    monkeypatch.setattr(pipeline, "DATASET", tmp_path / "dataset.sql")
    monkeypatch.setattr(pipeline, "code_sha256", lambda _: "of other SQL")

    with pytest.raises(RefusedError, match=r"(?s)DQ006.*dataset\.yaml.*there is no row"):
        run(ran.store)

    assert dataset(ran.store) == before


def test_a_rule_about_the_whole_dataset_is_asked_of_the_whole_and_stops_a_run(
    ran: Any, run: Any, edit: Any
) -> None:
    before, rows = dataset(ran.store), "    quality:\n      - {name: many, metric: rowCount, "
    edit("dataset", "    quality:\n", f"{rows}mustBeGreaterThan: 99}}\n")  # no month has more
    run(ran.store)
    edit("dataset", "mustBeGreaterThan: 99}", "mustBeGreaterThan: 9999}")

    with pytest.raises(RefusedError, match=r"(?s)DQ006.*all months together.*many: 1092"):
        run(ran.store)

    assert dataset(ran.store) == before


def test_sql_that_does_not_run_is_told_once_and_not_laid_to_the_source(
    ran: Any, run: Any, monkeypatch: pytest.MonkeyPatch, altered: Any, tmp_path: Path
) -> None:
    (tmp_path / "dataset.sql").write_text("select nothing from source")
    monkeypatch.setattr(pipeline, "DATASET", tmp_path / "dataset.sql")

    with pytest.raises(ContractError, match=r'CT006.*dataset\.sql does not run: .*"nothing"'):
        run(ran.store, altered("select * replace (0 as precipitation_mm) from sample"))


def test_times_that_are_none_are_a_failure_of_their_own(ran: Any, run: Any, altered: Any) -> None:
    lost = "case when hash(observed_at) % 2 = 0 then timestamp 'infinity' else observed_at end"

    again = run(ran.store, altered(f"select * replace ({lost} as observed_at) from sample"))

    assert "infinity" in again.report.facts["failed"]


@pytest.mark.xdist_group("second run")
def test_a_rollback_while_a_run_works_is_not_undone_by_it(
    ran_twice: Any, run: Any, altered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = Store(ran_twice.store / "dataset")
    make = pipeline.make

    def slow(*words: Any) -> Any:
        if len(aliases.stack(published, "published")) == 2:
            publication.rollback(published, "nonsense", NOON)
        return make(*words)

    monkeypatch.setattr(pipeline, "make", slow)

    with pytest.raises(RefusedError, match="PB003"):
        run(ran_twice.store, altered("select * replace (1 as precipitation_mm) from sample limit 9"))

    assert len(aliases.stack(published, "published")) == 1


def test_a_span_leaves_the_other_months_alone(run: Any, altered: Any, tmp_path: Path) -> None:
    run(tmp_path / "store", altered("from sample where observed_at < '2013-03-01'"))

    again = run(tmp_path / "store", altered("from sample"), ("2013-06", "2013-07"))

    assert list(again.report.facts["made"]) == ["2013-06", "2013-07"]
    assert sorted(months(again.report)) == ["2013-01", "2013-02", "2013-06", "2013-07"]


def test_wrong_columns_stop_the_run_and_what_is_published_stays(ran: Any, run: Any, altered: Any) -> None:
    before = dataset(ran.store)

    with pytest.raises(DataError, match="precipitation_mm: missing"):
        run(ran.store, altered("select * exclude (precipitation_mm) from sample"))

    assert dataset(ran.store) == before


RUN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from << cookiecutter.__package >> import pipeline
from << cookiecutter.__package >>.kit.engine import DuckDB
say = lambda step, *_: print(step, flush=True)
pipeline.run(DuckDB(), Path(sys.argv[1]), Path(sys.argv[2]), datetime.now(UTC), say)
"""


@pytest.mark.parametrize("step", ["source", "months", "2013-03", "dataset", "reports"])
def test_a_killed_run_leaves_the_dataset_whole_and_the_next_one_finishes(
    ran: Any, run: Any, altered: Any, step: str
) -> None:
    drier = altered("select * replace (precipitation_mm / 2 as precipitation_mm) from sample")
    before = dataset(ran.store)
    words = [sys.executable, "-c", RUN, str(ran.store), str(drier)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        while child.stdout.readline().strip() != step:
            assert child.poll() is None
        child.kill()

    left = dataset(ran.store)
    run(ran.store, drier)

    assert step == "reports" or left == before
    assert sum(row[3] for row in dataset(ran.store)) == pytest.approx(
        sum(row[3] for row in before) / 2, abs=3
    )
    assert [path.name for path in ran.store.glob(".month-*")] == []


def test_of_two_runs_at_once_neither_loses_the_months_of_the_other(altered: Any, tmp_path: Path) -> None:
    files = [tmp_path / f"{month}.parquet" for month in ("2013-02", "2013-08")]
    for file in files:
        when = f"strftime(observed_at, '%Y-%m') = '{file.stem}'"
        altered(f"from sample where {when}").rename(file)

    both = [
        subprocess.Popen(
            [sys.executable, "-c", RUN, str(tmp_path / "store"), str(file)], stdout=subprocess.DEVNULL
        )
        for file in files
    ]
    codes = [each.wait(60) for each in both]

    assert codes == [0, 0]
    assert {f"{row[1]:%Y-%m}" for row in dataset(tmp_path / "store")} == {"2013-02", "2013-08"}
