"""The grains of a dataset: how long a time one partition holds, and how partitions are called.

In:       the contract of a dataset; a column with a time; the name of a partition.
Out:      SQL that means the same on every engine: the name of the partition of a time, a filter for one.
Failure:  ValueError (a name of another form); faults in words.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .values import Contract

DAY = "strftime({0}, '%Y-%m-%d')"
# A week belongs to the year of its Thursday: 2012-12-31 is in 2013-W01, which %Y would call 2012-W01.
YEAR_OF_WEEK = "strftime(date_trunc('week', cast({0} as timestamp)) + interval 3 day, '%Y')"


class Grain(NamedTuple):
    pattern: str  # of names, which sort by time
    form: str  # of names, for strptime
    example: str
    sql: str  # the name for a time {0}


GRAINS = {
    "hour": Grain(
        r"\d{4}-\d\d-\d\dT\d\d", "%Y-%m-%dT%H", "2013-01-31T05", f"{DAY} || 'T' || strftime({{0}}, '%H')"
    ),
    "day": Grain(r"\d{4}-\d\d-\d\d", "%Y-%m-%d", "2013-01-31", DAY),
    "week": Grain(
        r"\d{4}-W\d\d",
        "%G-W%V-%u",
        "2013-W05",
        f"{YEAR_OF_WEEK} || '-W' || right('0' || cast(weekofyear({{0}}) as varchar), 2)",
    ),
    "month": Grain(r"\d{4}-\d\d", "%Y-%m", "2013-01", "strftime({0}, '%Y-%m')"),
    "year": Grain(r"\d{4}", "%Y", "2013", "strftime({0}, '%Y')"),
}


def start(grain: str, name: str) -> datetime:
    """The first moment of the partition of that name. Raises ValueError if the grain has no such name.

    >>> start("week", "2013-W01")
    datetime.datetime(2012, 12, 31, 0, 0)
    """
    known = GRAINS[grain]
    if not re.fullmatch(known.pattern, name):
        one = "an hour" if grain == "hour" else f"a {grain}"
        raise ValueError(f"{one} is written as {known.example}")
    try:
        if grain == "week":  # strptime takes a week 53 of a year that has 52 for the first of the next one
            return datetime.fromisocalendar(int(name[:4]), int(name[-2:]), 1)
        return datetime.strptime(name, known.form)
    except ValueError:
        raise ValueError(f"there is no {grain} {name}") from None


def of_name(name: str) -> str:
    """The grain whose partitions have names of that form; empty if there is none."""
    return next((grain for grain, known in GRAINS.items() if re.fullmatch(known.pattern, name)), "")


def moments(name: str) -> tuple[datetime, datetime]:
    """The first and the last moment of a partition.

    >>> [moment.isoformat() for moment in moments("2013-02")]
    ['2013-02-01T00:00:00', '2013-02-28T23:59:59.999999']
    """
    grain = of_name(name)
    first = start(grain, name)
    try:
        if grain in ("month", "year"):
            beyond = first.replace(day=1, month=12 if grain == "year" else first.month) + timedelta(days=31)
            beyond = beyond.replace(day=1)
        else:
            beyond = first + timedelta(**{f"{grain}s": 1})
    except OverflowError:  # of the last year that there is
        return first, datetime.max
    return first, beyond - timedelta(microseconds=1)


def name_of(grain: str, moment: datetime) -> str:
    """The name of the partition of a moment, as `Grain.sql` gives it.

    >>> name_of("week", datetime(2012, 12, 31))
    '2013-W01'
    """
    if grain == "week":
        year, week, _ = moment.isocalendar()
        return f"{year:04}-W{week:02}"
    return moment.isoformat()[: len(GRAINS[grain].example)]


def within(grain: str, name: str, time: str) -> str:
    """SQL that is true for a time of that partition; a range, so that an engine can skip parts of a file."""
    first = f"timestamp '{start(grain, name).isoformat(' ')}'"
    return f"{time} >= {first} and {time} < {first} + interval 1 {grain}"


def faults(contract: "Contract") -> Iterator[str]:
    """What in a contract does not say one partition for each row."""
    grained = [column for column in contract.columns if column.partition_grain]
    if not contract.is_dataset:
        # What else a contract says about partitions is how somebody else stores the table.
        yield from (f"{each.name}: partitionGrain is for a dataset; leave it out" for each in grained)
        return
    if contract.deliveries != "additions":
        yield "deliveries: a dataset is not delivered; write it into the contract of its source"
    marked = [column for column in contract.columns if column.partitioned]
    yield from (
        f"{each.name}: partitionGrain without partitioned: true" for each in grained if each not in marked
    )
    if len(marked) > 1:
        names = ", ".join(column.name for column in marked)
        yield f"partitioned: {names}; a dataset is partitioned by one column, leave out the others"
    for column in contract.columns:
        if column.partition_key_position not in ((-1, 1) if column.partitioned else (-1,)):
            wrong = "is not 1" if column.partitioned else "without partitioned: true"
            yield f"{column.name}: partitionKeyPosition {column.partition_key_position} {wrong}"
    for column in marked:
        if column.type not in ("timestamp", "date") or not column.key:
            yield f"{column.name}: partitioned, and no timestamp or date of the primary key"
        elif not column.partition_grain:
            hint = f"add the custom property partitionGrain: {', '.join(GRAINS)}"
            yield f"{column.name}: partitioned without a grain; {hint}"
        elif column.type == "date" and column.partition_grain == "hour":
            yield f"{column.name}: a date has no hours; take a timestamp, or a longer partitionGrain"
