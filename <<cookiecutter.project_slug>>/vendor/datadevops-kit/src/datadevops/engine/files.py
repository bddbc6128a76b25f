"""The columns of a file in the forms that a contract knows, and whether it is still the same file.

In:       a path; for parquet, the types that its columns have in it.
Out:      SQL for its rows and cells.
Failure:  DataError DQ004 (columns that have one name, or one that is there by its name and by its
          physicalName), DQ009 (another file is there by now).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from ..contract.kinds import UNTYPED, quoted_name
from ..contract.predicates import literal
from ..errors import DataError

# For a time too far away: no calendar has it, so it is not finite for the checks. But SQL can compute its
# month or the day after it, which overflows for NaT of numpy and C++ (-2^63).
LATE = "timestamp '10000-01-01 00:00:00'"
TIME = (
    "case when {0} between timestamp '-200000-01-01 00:00:00' and timestamp '200000-01-01 00:00:00'"
    f" then cast({{0}} as timestamp) when {{0}} is not null then {LATE} end"
)
# A cast rounds: the last nanosecond of a month would be in the next. Infinity has no number.
WHOLE = "coalesce(make_timestamp(epoch_us({0})), cast({0} as timestamp))"
UTC = "({0} at time zone 'UTC')"
FORMS = {  # type of a parquet file -> SQL for what a contract knows
    UNTYPED: "cast(null as {type})",
    "DATE": "case when {0} between date '0001-01-01' and date '9999-12-31' then cast({0} as timestamp)"
    f" when {{0}} is not null then {LATE} end",
    "TIMESTAMP": TIME,
    "TIMESTAMP WITH TIME ZONE": TIME.format(UTC),
    "TIMESTAMPTZ_NS": WHOLE.format(UTC),
}
# A day that is written as a time; any other time, or one too far away, is a day that breaks the rule `day`.
DAY = (
    "case when {0} is null then null"
    " when not ({0} between timestamp '0001-01-01 00:00:00' and timestamp '9999-12-31 23:59:59.999999')"
    " then date '10000-01-01'"
    " when {0} = cast(cast({0} as date) as timestamp) then cast({0} as date) else date '10000-01-01' end"
)
Names = Mapping[str, str]
NONE: Names = MappingProxyType({})
Words = Mapping[str, Sequence[str]]
NO_WORDS: Words = MappingProxyType({})


def sql(rows: str, found: Names, path: Path, types: Names, names: Names, missing: Words = NO_WORDS) -> str:
    """SQL for these `rows` of the file `path`: a column that it calls by its physicalName has its name, and
    one that says the same in another form has the form that the contract knows."""
    called = {there: name for name, there in renamed(found, path, names).items()}
    cells = forms({called.get(name, name): type_ for name, type_ in found.items()}, types, missing)
    given = [f"{quoted_name(there)} as {quoted_name(name)}" for there, name in called.items()]
    source = f"from (select * rename ({', '.join(given)}) {rows})" if given else rows
    replaced = ", ".join(f"{cell} as {quoted_name(name)}" for name, cell in cells.items())
    return f"select * replace ({replaced}) {source}" if cells else source


def renamed(found: Names, path: Path, names: Names) -> dict[str, str]:
    """Column -> what the file calls it, for those that it calls by their physicalName."""
    there = {name: called for name, called in names.items() if called in found}
    if both := [f"{name} and {called}" for name, called in there.items() if name in found]:
        text = f"{path} has a column twice, by its name and by its physicalName: {', '.join(both)}"
        raise DataError("DQ004", text, "have one of the two left out at the source")
    return there


def forms(found: Names, types: Names, missing: Words = NO_WORDS) -> dict[str, str]:
    """SQL for the columns of a parquet file that say the same in another form: no type, as they hold
    nothing but nulls; a day, for its midnight; a time with a zone, for the same time in UTC; a time too far
    away to compute with, for a late one; a text, for null.

    `found`: the types in the file, `types`: those of the contract, by column.
    """
    texts = [name for name in missing if found.get(name) == "VARCHAR"]
    return {name: without(quoted_name(name), missing[name]) for name in texts} | {
        name: FORMS[form].format(quoted_name(name), type=type_)
        for name, type_ in types.items()
        if (form := found.get(name, "")) in FORMS
        and (type_ == "TIMESTAMP" or form == UNTYPED or (type_, form) == ("DATE", "TIMESTAMP"))
    }


def without(cell: str, missing: Sequence[str]) -> str:
    """SQL for a cell of text, null where it is one of these words."""
    words = ", ".join(map(literal, missing))
    return f"case when {cell} not in ({words}) then {cell} end" if words else cell


def identity(path: Path) -> tuple[int, ...]:
    """What differs once the file is written again or another takes its place; empty where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


@contextmanager
def unchanged(path: Path, identity_: tuple[int, ...]) -> Iterator[None]:
    """Raise DataError DQ009 if the file is no longer the one of that identity, whatever else goes wrong."""
    try:
        yield
    finally:
        if identity(path) != identity_:
            text = f"{path} was replaced, changed or deleted while it was read, so nothing of it is kept"
            hint = "run again when its delivery is complete; better, let each delivery have its own name"
            raise DataError("DQ009", text, hint) from None


def refuse_repeated(path: Path, schema: Sequence[tuple[str, int | None]]) -> None:
    """Raise DataError DQ004 for columns of a parquet file whose names SQL takes for one.

    `schema`: name and number of children of each of its nodes, the root first, then depth first.
    """
    columns, within = list[str](), 0
    for name, children in schema[1:]:
        if within:
            within -= 1
        else:
            columns.append(name)
        within += children or 0
    if same := repeated(columns):
        raise DataError("DQ004", f"{path}: {same}", "rename or remove one of them at its source")


def repeated(columns: Sequence[str]) -> str:
    """What is wrong with names that SQL takes for one; empty where each is another."""
    lower = [name.lower() for name in columns]
    same = [name for name in columns if lower.count(name.lower()) > 1]
    if not same:
        return ""
    return (
        f"the columns {', '.join(map(repr, same))} have one name, as upper and lower case count as the same"
    )


def parquet_rows(path: Path, below: str = "") -> str:
    """SQL for the rows of a parquet file, whatever its name; a folder named day=1 is no column. `below`: a
    pattern for the files of a folder.

    A writer leaves NaN out of the smallest and largest number of its statistics, so they cannot say that a
    rule or a filter finds none.
    """
    place = quoted(path)[:-1] + below + "'"
    return f"from read_parquet({place}, hive_partitioning = false, can_have_nan = true)"


def packed_with_brotli(path: Path) -> str:
    """SQL that gives a row if a part of the parquet file is packed with Brotli."""
    return f"select 1 from parquet_metadata({quoted(path)}) where compression = 'BROTLI' limit 1"


def quoted(path: Path, wild: str = "*?[") -> str:
    """`path` as SQL, its signs in `wild` taken as they are and not as patterns."""
    name = "".join(f"[{sign}]" if sign in wild else sign for sign in str(path))
    return "'" + name.replace("'", "''") + "'"
