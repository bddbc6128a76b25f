"""The main job on the sample: what it makes of each month, what it publishes, what it refuses."""

from pathlib import Path
from typing import Any

from << cookiecutter.__package >>.kit.engine import DuckDB


def rows(sql: str) -> list[tuple[Any, ...]]:
    with DuckDB() as engine:
        return engine.rows(sql)


def dataset(store: Path) -> Path:
    return store / "dataset" / "latest" / "dataset.parquet"


def test_the_two_impossible_rows_of_the_sample_and_no_others_are_in_quarantine(first_run: Any) -> None:
    (file,) = first_run.store.glob("source/*/quarantine.parquet")

    found = rows(f"select station, observed_at::varchar, broken_rules from '{file}' order by 1")

    assert found == [
        ("EWR", "2013-02-12 08:00:00", "wind_speed_ms:maximum"),
        ("JFK", "2013-05-09 02:00:00", "temperature_spike"),
    ]


def test_every_good_hour_is_counted_in_its_day(first_run: Any) -> None:
    facts = first_run.report.facts

    ((hours, days, stations),) = rows(
        f"select sum(hours_observed), count(*), count(distinct station) from '{dataset(first_run.store)}'"
    )

    assert hours == facts["checks"]["source"]["good"] == 26_113
    assert (days, stations) == (facts["rows"], 3)


def test_a_second_run_makes_nothing_anew(first_run: Any, run: Any) -> None:
    again = run(first_run.store)

    assert again.steps == []
    assert again.report.id == first_run.report.id
