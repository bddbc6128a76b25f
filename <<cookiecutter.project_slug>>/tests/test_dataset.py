"""About the sample: what a day of the dataset is, and the figures that the README shows."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from datadevops import testing

from << cookiecutter.__package >> import PRODUCT

START = datetime(2013, 1, 1)
DATASET = "daily_rain"
PUBLISHED = f"{DATASET}/latest/dataset"


def row(hour: int, rain: float = 0.0, station: str = "EWR") -> dict[str, Any]:
    when = START + timedelta(hours=hour)
    return {"station": station, "observed_at": when, "precipitation_mm": rain}


def test_a_day_is_a_station_and_a_day_in_utc(tmp_path: Path) -> None:
    rows = [row(0), row(23), row(24), row(0, station="JFK")]

    found = testing.transformed(PRODUCT, DATASET, rows, tmp_path)

    days = sorted((each["station"], each["day"]) for each in found)
    assert days == [("EWR", START), ("EWR", START + timedelta(days=1)), ("JFK", START)]


def test_two_rows_of_the_sample_are_bad(ran: testing.Run) -> None:
    check = ran.facts["checks"]["weather"]

    assert (check["read"], check["good"], check["bad"]) == (26_115, 26_113, 2)


def test_the_sample_makes_twelve_months(ran: testing.Run) -> None:
    facts = ran.facts["datasets"][DATASET]

    assert (min(facts["partitions"]), max(facts["partitions"])) == ("2013-01", "2013-12")
    assert (facts["rows"], facts["failed"]) == (1_092, {})
    assert sorted(path.stem for path in (ran.store / PUBLISHED).iterdir()) == list(facts["partitions"])


def test_a_second_run_makes_no_month_again(ran: testing.Run) -> None:
    again = testing.run(PRODUCT, ran.store.parent)

    assert again.facts["versions"] == ran.facts["versions"]
    assert again.facts["datasets"][DATASET]["made"] == {}


def test_the_readme_shows_these_figures(ran: testing.Run) -> None:
    readme = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")

    assert "26,115 rows: 26,113 good, 2 in quarantine" in readme
    assert f"{ran.facts['datasets'][DATASET]['rows']:,} rows in 12 months" in readme
