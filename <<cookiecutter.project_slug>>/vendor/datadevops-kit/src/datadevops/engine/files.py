"""What a file is, and its columns in the forms that a contract knows.

In:       a path; for parquet, the types that its columns have in it.
Out:      SQL for its rows and cells.
Failure:  DataError DQ001 (no such file), DQ002 (neither parquet nor CSV).
"""

from collections.abc import Mapping
from pathlib import Path

from ..contract.kinds import quoted_name
from ..errors import DataError

# What is too far away for a calendar is late, but not so that a month, or a day more, overflows: NaT of numpy
# and C++ is -2^63. It is not finite for the checks.
LATE = "timestamp '10000-01-01 00:00:00'"
TIME = (
    "case when {0} between timestamp '-200000-01-01 00:00:00' and timestamp '200000-01-01 00:00:00'"
    f" then cast({{0}} as timestamp) when {{0}} is not null then {LATE} end"
)
# A cast rounds: the last nanosecond of a month would be in the next. Infinity has no number.
WHOLE = "coalesce(make_timestamp(epoch_us({0})), cast({0} as timestamp))"
UTC = "({0} at time zone 'UTC')"
FORMS = {  # type of a parquet file -> SQL for what a contract knows
    '"NULL"': "cast(null as {type})",
    "DATE": "case when {0} between date '0001-01-01' and date '9999-12-31' then cast({0} as timestamp)"
    f" when {{0}} is not null then {LATE} end",
    "TIMESTAMP": TIME,
    "TIMESTAMP WITH TIME ZONE": TIME.format(UTC),
    "TIMESTAMPTZ_NS": WHOLE.format(UTC),
}


def forms(found: Mapping[str, str], types: Mapping[str, str]) -> dict[str, str]:
    """SQL for the columns of a parquet file that say the same in another form: no type, as they hold
    nothing but nulls; a day, for its midnight; a time with a zone, for the same time in UTC; or too far away.

    `found`: the types in the file, `types`: those of the contract, by column."""
    return {
        name: FORMS[form].format(quoted_name(name), type=type_)
        for name, type_ in types.items()
        if (form := found.get(name, "")) in FORMS and (type_ == "TIMESTAMP" or form == '"NULL"')
    }


def is_parquet(path: Path) -> bool:
    """Whether the file is parquet; else it is CSV. Raises DataError if it is neither."""
    if not path.is_file():
        raise DataError("DQ001", f"{path}: there is no such file", "name a file that exists")
    if any("\ud800" <= sign <= "\udfff" for sign in str(path)):
        raise DataError("DQ002", f"{str(path)!a}: its name is not UTF-8", "give it another")
    with path.open("rb") as file:
        if file.read(4) == b"PAR1":
            return True
    if path.suffix.lower() != ".csv":
        raise DataError("DQ002", f"{path} is neither parquet nor .csv", "give a parquet or a CSV file")
    return False


def parquet_rows(path: Path) -> str:
    """SQL for the rows of a parquet file, whatever its name; a folder named day=1 is no column.

    A writer leaves NaN out of the smallest and largest number of its statistics, so they cannot say that a
    rule or a filter finds none.
    """
    return f"from read_parquet({quoted(path)}, hive_partitioning = false, can_have_nan = true)"


def quoted(path: Path, wild: str = "*?[") -> str:
    """`path` as SQL, its signs in `wild` taken as they are and not as patterns."""
    name = "".join(f"[{sign}]" if sign in wild else sign for sign in str(path))
    return "'" + name.replace("'", "''") + "'"
