"""What is special about the SQL: a join keeps rows without a partner."""

from datetime import datetime
from pathlib import Path

from datadevops import testing

from rain_forecast import PRODUCT


def test_an_hour_without_weather_keeps_its_flight(tmp_path: Path) -> None:
    flight = {"carrier": "AA", "flight": 1, "time_hour": datetime(2013, 1, 1, 5), "origin": "EWR"}

    (row,) = testing.transformed(PRODUCT, "features", {"flights": [flight]}, tmp_path)

    assert row["temp"] is None
