"""Made-up rows of sources that refer to each other, so that they join.

In:       the contracts of the sources, a table, a number of rows, a seed.
Out:      SQL of its rows. A column that refers to one of another source has values that this has in its first
          100 rows of the same seed; where each row needs another one, in as many rows.
Failure:  ContractError CT007 (a column whose values cannot be guessed; none of the values that it refers to
          keeps its own rules).
"""

from collections.abc import Mapping

from ..contract import relationships, synthetic
from ..contract.predicates import predicates
from ..contract.synthetic import Referred
from ..contract.values import Column, Contract
from ..errors import ContractError
from .start import Engine

REFERRED = 100  # rows


def sql(
    engine: Engine,
    contracts: Mapping[str, Contract],
    table: str,
    rows: int,
    seed: int = 0,
    bad_ratio: float = 0.0,
) -> str:
    """As `synthetic.sql`, for one of these tables."""
    return _sql(engine, contracts, contracts[table], rows, seed, bad_ratio)


def _sql(
    engine: Engine,
    contracts: Mapping[str, Contract],
    contract: Contract,
    rows: int,
    seed: int,
    bad_ratio: float = 0.0,
) -> str:
    referred = {
        column.name: _values(engine, contracts, contract, column, rows, seed)
        for column in contract.columns
        if column.refers_to and column.synthetic.sql is None
    }
    return synthetic.sql(contract, rows, seed, bad_ratio, referred)


def _values(
    engine: Engine,
    contracts: Mapping[str, Contract],
    contract: Contract,
    column: Column,
    rows: int,
    seed: int,
) -> Referred:
    """What a column of so many rows can refer to: made-up values of the other one that keep its own rules."""
    table, _, name = column.refers_to.partition(".")
    counted = any(c.key and not (c.refers_to or c.enum) for c in contract.columns)
    every = column.unique or (column.key and not counted)
    others = min(rows, REFERRED) if table == contract.name else REFERRED
    number = max(1, rows if every else others)
    needed = relationships.columns_for(contracts[table], name)
    made = _sql(engine, contracts, contracts[table].model_copy(update={"columns": needed}), number, seed)
    alone = column.model_copy(update={"key": False, "unique": False, "required": True, "quality": ()})
    broken = predicates(contract.model_copy(update={"columns": (alone,), "quality": ()})).values()
    good = " and ".join(f"not ({each})" for each in broken)
    cells = f'select "{name}" as "{column.name}" from ({made}) as made'
    kept = f"select distinct * from ({cells}) as cells where {good}"
    ((different,),) = engine.rows(f"select count(*) from ({kept}) as kept")
    if not different:
        text = f"{contract.path}: {column.name} refers to {column.refers_to}, and none of its {number:,}"
        hint = f"let `synthetic` or `examples` of {column.refers_to} make some that do"
        raise ContractError("CT007", f"{text} made-up values keeps the rules of {column.name}", hint)
    place = f'row_number() over (order by "{column.name}") - 1 as _place'
    return Referred(different, f'select {place}, "{column.name}" as _value from ({kept}) as kept')
