"""About the sample: what a feature may know, and what the label is, on a few rows written by hand."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from datadevops import testing

from << cookiecutter.__package >> import PRODUCT

START = datetime(2013, 1, 1)
AIRPORTS = [{"station": "EWR", "longitude_deg": -75.0}, {"station": "JFK", "longitude_deg": -73.8}]
Row = dict[str, Any]
Table = dict[tuple[str, int], Row]


@pytest.fixture
def made(tmp_path: Path) -> Callable[[str, list[Row]], Table]:
    """made("features", rows): what the SQL makes of the rows, by station and hour."""

    def transform(name: str, rows: list[Row]) -> Table:
        found = testing.transformed(PRODUCT, name, {"weather": rows, "airports": AIRPORTS}, tmp_path)
        return {(row["station"], (row["observed_at"] - START) // timedelta(hours=1)): row for row in found}

    return transform


def row(hour: int, rain: float = 0.0, station: str = "EWR", wind: int | None = 90) -> Row:
    return {
        "station": station,
        "observed_at": START + timedelta(hours=hour),
        "temperature_c": 10.0,
        "dew_point_c": 5.0,
        "humidity_pct": 60,
        "wind_direction_deg": wind,
        "wind_speed_ms": 3.0,
        "precipitation_mm": rain,
    }


def test_stations_do_not_mix(made: Any) -> None:
    dry = [row(hour, station=station) for hour in range(5) for station in ("EWR", "JFK")]
    wet_elsewhere = [each | {"precipitation_mm": 9.0} if each["station"] == "JFK" else each for each in dry]

    before, after = made("features", dry), made("features", wet_elsewhere)

    assert all(before[key] == after[key] for key in before if key[0] == "EWR")


def test_the_order_of_rows_does_not_matter(made: Any) -> None:
    rows = [row(hour, rain=hour % 3) for hour in range(10)]

    assert made("features", rows) == made("features", rows[::-1])


def test_a_lag_across_a_missing_hour_is_null(made: Any) -> None:
    found = made("features", [row(0, rain=1.0), row(2, rain=3.0)])["EWR", 2]

    assert (found["rain_mm_1h_ago"], found["rain_mm_2h_ago"]) == (None, 1.0)


def test_the_hour_is_that_of_the_sun(made: Any) -> None:
    noon = made("features", [row(17)])["EWR", 17]  # 12:00 at 75 degrees west

    assert (noon["hour_sin"], noon["hour_cos"]) == (pytest.approx(0, abs=1e-9), pytest.approx(-1))


def test_a_rolling_sum_covers_the_hours_it_names_and_no_more(made: Any) -> None:
    last = made("features", [row(hour, rain=1.0) for hour in range(30)])["EWR", 29]

    assert [last[f"rain_mm_sum_{hours}h"] for hours in (3, 6, 12, 24)] == [3, 6, 12, 24]
    assert (last["wet_hours_6h"], last["wet_hours_24h"]) == (6, 24)


def test_a_rolling_sum_after_a_gap_takes_the_hours_it_finds(made: Any) -> None:
    last = made("features", [row(0, rain=5.0), row(4, rain=1.0), row(5, rain=1.0)])["EWR", 5]

    assert (last["rain_mm_sum_3h"], last["rain_mm_sum_6h"]) == (2.0, 7.0)


@pytest.mark.parametrize(
    ("degrees", "sector"),
    [
        *[(0, "calm"), (1, "north"), (44, "north"), (315, "north"), (360, "north"), (None, None)],
        *[(45, "east"), (134, "east"), (135, "south"), (224, "south"), (225, "west"), (314, "west")],
    ],
)
def test_calm_is_not_north(made: Any, degrees: int | None, sector: str | None) -> None:
    assert made("features", [row(0, wind=degrees)])["EWR", 0]["wind_sector"] == sector


def test_the_label_is_rain_at_the_same_station_one_hour_later(made: Any) -> None:
    rows = [row(0), row(1, rain=0.1), row(2), row(0, station="JFK"), row(1, station="JFK")]

    found = made("labels", rows)

    assert [found[key]["label"] for key in (("EWR", 0), ("EWR", 1), ("JFK", 0))] == [True, False, False]


def test_an_unknown_outcome_says_why(made: Any) -> None:
    found = made("labels", [row(0), row(2), row(3)])

    assert found["EWR", 0]["label"] is None
    assert found["EWR", 0]["unknown_because"] == "the next hour is missing or in quarantine"
    assert found["EWR", 3]["unknown_because"] == "the outcome is in the future"
    assert found["EWR", 2]["unknown_because"] is None
