"""The rows of broken deliveries, as SQL on the table `fresh`: the rows of a good one, numbered by `place`.

In:       the contracts of a product that publishes a dataset; sources with a time or without.
Out:      SQL; why there is none for a product.
Failure:  none.
"""

from collections.abc import Mapping

from ..contract.kinds import listed
from ..contract.values import Contract
from ..datasets import cut


def source(contracts: Mapping[str, Contract]) -> Contract:
    """The source whose deliveries are broken: the first with a time, whose rows come anew; else the first."""
    sources = [contract for contract in contracts.values() if contract.is_source]
    return next((each for each in sources if cut.time_of(each)), sources[0])


def numbered(source: Contract) -> str:
    """The rows of the table `given`, numbered from the newest; without a time, by their key."""
    time = cut.time_of(source)
    order = f'"{time.name}" desc' if time else listed(source.keys)
    return f"select *, row_number() over ({order and f'order by {order}'}) as place from given"


def with_nulls(source: Contract, where: str) -> str:
    """All rows; a column that they must have is null in some of them."""
    name = _needed(source)
    return f'select * exclude (place) replace (if({where}, null, "{name}") as "{name}") from fresh'


def others(source: Contract) -> str:
    """Columns that make other rows of those known: of the next day; without a time, each gets what the row
    before it has beside its key."""
    if cut.time_of(source):
        times = [column for column in source.columns if column.type in cut.TIMES]
        return ", ".join(f'cast("{c.name}" + interval 1 day as {c.sql_type}) as "{c.name}"' for c in times)
    before = "if(place = 1, {0}, lag({0}) over (order by place)) as {0}"
    return ", ".join(before.format(f'"{column.name}"') for column in source.measures)


def _needed(source: Contract) -> str:
    """A column that every row must have, rather not the time, which says where the row belongs."""
    time = cut.time_of(source)
    needed = [column.name for column in source.columns if column.required]
    return next((name for name in needed if time is None or name != time.name), (needed or [""])[0])


def none_needed(contracts: Mapping[str, Contract]) -> str:
    """Why no row can lack what it must have; empty if one can."""
    name = source(contracts).name
    return "" if _needed(source(contracts)) else f"{name} has neither a key nor a column that is required"


def none_else(contracts: Mapping[str, Contract]) -> str:
    """Why no row can be another one than before; empty if one can."""
    name = source(contracts).name
    return "" if others(source(contracts)) else f"{name} has no time, and no column beside its key"
