"""Which partition of a dataset a row belongs to.

In:       the contracts of what a dataset is made from, and its own, whose grain says how long a partition is.
Out:      SQL that names the partition of a row, or is true for the rows of one; spans of partitions.
Failure:  ContractError CT004 (no table with a time for a dataset that has partitions, or several);
          ValueError (a name in another form than the grain's).
"""

from collections.abc import Collection, Mapping

from ..contract import grains
from ..contract.predicates import FINITE
from ..contract.values import Column, Contract
from ..errors import ContractError, nearest

Span = tuple[str, str]  # the first and the last partition, as 2013-01
ALL_TIME: Span = ("", "~")
WITHOUT_TIME = "no time"  # for rows without a time, or with one that no calendar has
WHOLE = "all"  # the one partition of a dataset without a grain
TIMES = ("timestamp", "date")


def word(grain: str | None) -> str:
    """What people call a partition: a month, a day."""
    return grain or "partition"


def time_of(contract: Contract) -> Column | None:
    """The time of a row: what a dataset is partitioned by, else a timestamp of the key, else a date of it."""
    times = [column for type_ in TIMES for column in contract.columns if column.key and column.type == type_]
    return next((column for column in times if column.partition_grain), times[0] if times else None)


def require_time_of(contract: Contract) -> Column:
    """As `time_of`. Raises ContractError CT004 if there is none."""
    if time := time_of(contract):
        return time
    text = f"{contract.path}: no timestamp or date in the primary key, and the dataset has partitions"
    hint = "say when a row was true; or leave `partitioned` out of the contract of the dataset"
    raise ContractError("CT004", text, hint)


def source_of(inputs: Mapping[str, Contract], dataset: Contract) -> Contract:
    """The table whose rows are cut into partitions, of those that a dataset is made from; the others come
    whole.

    Raises ContractError CT004 if it is made from none, or if several have a time and it does not say which.
    """
    timed = [table for table in inputs.values() if time_of(table)]
    if not inputs:
        text = f"{dataset.path}: its SQL reads no source and no other dataset"
        raise ContractError("CT004", text, "make it from a table that has a contract in sources/")
    if named := dataset.partitioned_source:
        if named not in inputs:
            text = f"{dataset.path}: partitionedSource {named}: it is made from no table of that name"
            raise ContractError("CT004", text, nearest(named, inputs))
        return inputs[named]
    if len(timed) > 1:
        text = f"{dataset.path}: {', '.join(each.name for each in timed)} all have a time in the key"
        hint = (
            "say whose rows are cut into partitions: customProperties: [{property: partitionedSource, ...}]"
        )
        raise ContractError("CT004", text, hint)
    return (timed or list(inputs.values()))[0]


def require_partitions(source: Contract, dataset: Contract) -> None:
    """Refuse a source whose key does not say to which partition of the dataset a row belongs."""
    if dataset.grain and (time := require_time_of(source)).type == "date" and dataset.grain == "hour":
        text = f"{source.path}: {time.name} is a date, and {dataset.path} has a partition for each hour"
        raise ContractError("CT004", text, "take a timestamp into the key, or a longer partitionGrain")


def name_sql(contract: Contract, grain: str | None) -> str:
    """SQL for the name of the partition of a row of that contract."""
    if grain is None:
        return f"'{WHOLE}'"
    time = require_time_of(contract)
    finite = FINITE[time.type].format(f'"{time.name}"')
    named = grains.GRAINS[grain].sql.format(f'"{time.name}"')
    return f"coalesce(case when {finite} then {named} end, '{WITHOUT_TIME}')"


def within(contract: Contract, grain: str | None, partition: str) -> str:
    """SQL that is true for the good rows of that partition."""
    return grains.within(grain, partition, f'"{require_time_of(contract).name}"') if grain else "true"


def span(known: Collection[str], first: str | None, last: str | None) -> Span:
    """From the partition `first` to the partition `last` of datasets that have these grains. Raises
    ValueError with what is wrong."""
    for option, name in (("--from", first), ("--to", last)):
        if name is None:
            continue
        if not known:
            raise ValueError(f"{option} {name}: no dataset has partitions, leave it out")
        try:
            grain = grains.of_name(name)
            grains.start(grain if grain in known else sorted(known)[0], name)
        except ValueError as error:
            raise ValueError(f"{option} {name}: {error}") from None
    if first and last and grains.moments(first)[0] > grains.moments(last)[1]:
        raise ValueError(f"--from {first} is later than --to {last}: swap them")
    return first or ALL_TIME[0], last or ALL_TIME[1]


def for_grain(span: Span, grain: str | None) -> Span:
    """The span in partitions of that grain: all those that have a part of it.

    >>> for_grain(("2013-01-31", "2013-02-01"), "month")
    ('2013-01', '2013-02')
    """
    if grain is None:
        return ALL_TIME
    first, last = span
    first = first and grains.name_of(grain, grains.moments(first)[0])
    return first, last if last == ALL_TIME[1] else grains.name_of(grain, grains.moments(last)[1])
