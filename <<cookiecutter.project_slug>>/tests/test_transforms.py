"""The SQL of this product: what a feature may know, and what the label is."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from << cookiecutter.__package >>.kit.engine import DuckDB
from << cookiecutter.__package >>.pipeline import FEATURES, LABELS

START = datetime(2013, 1, 1)
COLUMNS = (
    "station, observed_at, temperature_c, dew_point_c, humidity_pct, wind_direction_deg,"
    " wind_speed_ms, wind_gust_ms, precipitation_mm, pressure_hpa, visibility_km"
)
Row = tuple[Any, ...]
Table = dict[tuple[str, datetime], dict[str, Any]]


@pytest.fixture
def transform(tmp_path: Path) -> Callable[[list[Row], Path], Table]:
    """Rows of the source -> what the SQL file makes of them, by station and hour."""

    def apply(rows: list[Row], sql: Path) -> Table:
        with DuckDB() as engine:
            values = ", ".join("(" + ", ".join(map(_literal, row)) + ")" for row in rows)
            engine.write(f"select * from (values {values}) as t({COLUMNS})", tmp_path / "source.parquet")
            engine.read("source", tmp_path / "source.parquet")
            engine.read("made", engine.transform(sql, tmp_path / "made.parquet"))
            names = list(engine.types("from made"))
            made = [dict(zip(names, row, strict=True)) for row in engine.rows("from made")]
        return {(row["station"], row["observed_at"]): row for row in made}

    return apply


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, datetime):
        return f"timestamp '{value}'"
    return repr(value) if isinstance(value, str) else f"{value}::double"


def row(
    hour: int, rain: float = 0.0, station: str = "EWR", wind: int | None = 90, temperature: float = 10.0
) -> Row:
    when = START + timedelta(hours=hour)
    return (station, when, temperature, 5.0, 60, wind, 3.0, None, rain, 1015.0, 16.0)


def at(made: Table, hour: int, station: str = "EWR") -> dict[str, Any]:
    return made[(station, START + timedelta(hours=hour))]


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["EWR", "JFK"]), st.integers(0, 30), st.floats(0, 20).map(lambda x: round(x, 1))
    ),
    min_size=2,
    max_size=25,
    unique_by=lambda r: r[:2],
).map(lambda rows: [row(hour, rain, station) for station, hour, rain in rows])
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(rows=ROWS, extra=st.floats(0.1, 50))
def test_a_change_in_the_future_leaves_the_features_of_the_past_alone(
    transform: Any, rows: Any, extra: float
) -> None:
    now = sorted(r[1] for r in rows)[len(rows) // 2]
    changed = [(*r[:8], r[8] + extra, *r[9:]) if r[1] > now else r for r in rows]

    before, after = transform(rows, FEATURES), transform(changed, FEATURES)

    assert all(before[key] == after[key] for key in before if key[1] <= now)


@FEW
@given(rows=ROWS, extra=st.floats(0.1, 50))
def test_stations_do_not_mix(transform: Any, rows: Any, extra: float) -> None:
    changed = [(*r[:8], r[8] + extra, *r[9:]) if r[0] == "JFK" else r for r in rows]

    before, after = transform(rows, FEATURES), transform(changed, FEATURES)

    assert all(before[key] == after[key] for key in before if key[0] == "EWR")


@FEW
@given(rows=ROWS, data=st.data())
def test_the_order_of_rows_does_not_matter(transform: Any, rows: Any, data: Any) -> None:
    shuffled = data.draw(st.permutations(rows))

    before, after = transform(rows, FEATURES), transform(shuffled, FEATURES)

    assert before.keys() == after.keys()
    for key, values in before.items():
        for name, value in values.items():
            sums = isinstance(value, float)  # they may differ in the order of summation
            assert after[key][name] == (pytest.approx(value, abs=1e-9) if sums else value)


def test_a_lag_across_a_missing_hour_is_null(transform: Any) -> None:
    made = transform([row(0, rain=1.0), row(2, rain=3.0)], FEATURES)

    assert at(made, 2)["rain_mm_1h_ago"] is None
    assert at(made, 2)["rain_mm_2h_ago"] == 1.0


def test_a_rolling_sum_covers_the_hours_it_names_and_no_more(transform: Any) -> None:
    made = transform([row(hour, rain=1.0) for hour in range(30)], FEATURES)

    last = at(made, 29)
    assert [last[f"rain_mm_sum_{n}h"] for n in (3, 6, 12, 24)] == [3, 6, 12, 24]
    assert (last["wet_hours_6h"], last["wet_hours_24h"]) == (6, 24)


def test_a_rolling_sum_after_a_gap_takes_the_hours_it_finds(transform: Any) -> None:
    made = transform([row(0, rain=5.0), row(4, rain=1.0), row(5, rain=1.0)], FEATURES)

    assert at(made, 5)["rain_mm_sum_3h"] == 2.0
    assert at(made, 5)["rain_mm_sum_6h"] == 7.0


@pytest.mark.parametrize(
    ("degrees", "sector"),
    [
        *[(0, "calm"), (1, "north"), (44, "north"), (315, "north"), (360, "north"), (None, None)],
        *[(45, "east"), (134, "east"), (135, "south"), (224, "south"), (225, "west"), (314, "west")],
    ],
)
def test_calm_is_not_north(transform: Any, degrees: int | None, sector: str | None) -> None:
    made = transform([row(0, wind=degrees)], FEATURES)

    assert at(made, 0)["wind_sector"] == sector


def test_the_label_is_rain_at_the_same_station_one_hour_later(transform: Any) -> None:
    rows = [row(0), row(1, rain=0.1), row(2), row(0, station="JFK"), row(1, station="JFK")]

    made = transform(rows, LABELS)

    assert at(made, 0)["label"] is True
    assert at(made, 1)["label"] is False
    assert at(made, 0, "JFK")["label"] is False


def test_an_unknown_outcome_says_why(transform: Any) -> None:
    made = transform([row(0), row(2), row(3)], LABELS)

    assert at(made, 0)["label"] is None
    assert at(made, 0)["unknown_because"] == "the next hour is missing or in quarantine"
    assert at(made, 3)["unknown_because"] == "the outcome lies in the future"
    assert at(made, 2)["unknown_because"] is None
