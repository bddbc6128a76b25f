"""Faults in data, SQL and model: deliveries that broke, looks into the future, wrong numbers."""

from pathlib import Path

from breaking import Break, both, edit, write

from .fault import FEATURES, LABELS, SRC, Fault

MODEL, WEATHER, AIRPORTS = f"{SRC}/model.py", "data/weather.parquet", "data/airports.parquet"
SOURCE = f"{SRC}/contracts/sources/weather.yaml"
RAIN = "        customProperties: [{property: synthetic, value: {mean: -3, sd: 2}}]\n"
LATE = "        customProperties: [{property: knownAfterOutcome, value: true}]\n"
# The outcome as one more input: known in the sample's rows, never known in time.
NEXT_RAIN = "lead(precipitation_mm, 1) over hourly"


def delivered(sql: str, file: str = WEATHER) -> Break:
    """A source arrives as this SQL makes it of its `rows`."""

    def broken(product: Path) -> None:
        import duckdb  # the catalogue is read where the kit is not installed

        path = product / file
        with duckdb.connect() as database:
            database.execute(f"create table rows as from '{path}'")
            database.execute(f"copy ({sql}) to '{path}' (format parquet)")

    return broken


FAULTS = [
    Fault(
        "a column is missing in a delivery",
        "job",
        r"precipitation_mm",
        delivered("select * exclude (precipitation_mm) from rows"),
    ),
    Fault(
        "a delivery has no rows",
        "job",
        r"rowCount|rows",
        delivered("from rows where false"),
    ),
    Fault(
        "temperatures arrive in degrees Fahrenheit",
        "job",
        r"temperature_c",
        delivered("select * replace (temperature_c * 1.8 + 32 as temperature_c) from rows"),
    ),
    Fault(
        "a part of a delivery comes twice",
        "job",
        r"key:duplicate",
        delivered("from rows union all (from rows limit 500)"),
    ),
    Fault(
        "numbers arrive as text",
        "job",
        r"humidity_pct",
        delivered("select * replace ('about ' || humidity_pct as humidity_pct) from rows"),
    ),
    Fault(
        "an airport is at another place of the earth",
        "job",
        r"airports",
        delivered("select * replace (longitude_deg + 400 as longitude_deg) from rows", AIRPORTS),
    ),
    Fault(
        "a feature looks ahead",
        "test",
        r"no feature looks ahead",
        edit(FEATURES, ("        precipitation_mm as rain_mm,", f"        {NEXT_RAIN} as rain_mm,")),
    ),
    Fault(
        "a feature of a column that is known after the outcome",
        "contracts",
        r"ML001",
        edit(SOURCE, (RAIN, LATE)),
    ),
    Fault(
        "an input that gives the outcome away",
        "job",
        r"suspicious",
        edit(
            FEATURES,
            ("        longitude_deg,\n", f"        longitude_deg,\n        {NEXT_RAIN} as next_mm,\n"),
            (
                "        visibility_km,\n",
                "        case when next_mm > 0 then 1 else 2 end as visibility_km,\n",
            ),
        ),
    ),
    Fault(
        "labels that are swapped",
        "test",
        r"test_the_label_is_rain_at_the_same_station_one_hour_later",
        edit(LABELS, ("next_mm > 0 as label", "next_mm <= 0 as label")),
    ),
    Fault(
        "labels of another station",
        "test",
        r"test_the_label_is_rain_at_the_same_station_one_hour_later",
        edit(LABELS, ("later.station = now.station and later", "later")),
    ),
    Fault(
        "a rolling sum that covers an hour too many",
        "test",
        r"test_a_rolling_sum_covers_the_hours_it_names_and_no_more",
        edit(FEATURES, ("between 2 preceding", "between 3 preceding")),
    ),
    Fault(
        "stations that mix",
        "test",
        r"test_stations_do_not_mix",
        edit(FEATURES, ("hourly as (partition by hours.station order", "hourly as (order")),
    ),
    Fault(
        "a flipped comparison",
        "test",
        r"test_calm_is_not_north",
        edit(FEATURES, ("wind_direction_deg < 135", "wind_direction_deg > 135")),
    ),
    Fault(
        "a model that ignores its inputs",
        "job",
        r"skill over",
        edit(MODEL, ("return model.fit(x, y)", "return model.fit(x * 0, y)")),
    ),
    Fault(
        "a model that has learnt the opposite",
        "job",
        r"skill over",
        edit(MODEL, ("return model.fit(x, y)", "return model.fit(x, 1 - y)")),
    ),
    Fault(
        "an answer of the service that is not what the README shows",
        "test",
        r"test_the_request_of_the_readme_gets_the_answer_of_the_readme",
        edit("README.md", ('"decision":true', '"decision":false')),
    ),
    Fault(
        "an endpoint that the documentation names is gone",
        "test",
        r"test_the_threshold_can_be_asked",
        edit(f"{SRC}/service.py", ('"/v1/threshold"', '"/v1/limit"')),
    ),
    Fault(
        "SQL that another engine would read differently",
        "test",
        r"SQL carries over to Spark",
        edit(FEATURES, ("cast(wet_hours_6h as integer)", "list_sum([wet_hours_6h])")),
    ),
    Fault(
        "a table that nobody uses",
        "contracts",
        r"forgotten\.sql makes a table that nothing uses",
        write(f"{SRC}/transforms/forgotten.sql", "select station from weather\n"),
    ),
    Fault(
        "two tables that need each other",
        "contracts",
        r"made from each other",
        both(
            write(f"{SRC}/transforms/here.sql", "select station from there\n"),
            write(f"{SRC}/transforms/there.sql", "select station from here\n"),
        ),
    ),
]
