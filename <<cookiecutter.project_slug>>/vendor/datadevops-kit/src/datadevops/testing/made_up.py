"""The rows that are made up from a contract keep it, and join those of other sources.

In:       the contracts of a product.
Out:      the rules and references that they break.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from ..contract.values import Contract
from ..engine import checks, made_up
from ..engine.duckdb_engine import DuckDB
from ..errors import ContractError

ROWS = 2_000


def broken_rules(contracts: Mapping[str, Contract], table: str, folder: Path) -> Iterator[str]:
    """The rules that rows made up from a contract break, and rows that refer to none."""
    contract = contracts[table]
    with DuckDB() as engine:
        try:
            engine.keep(table, made_up.sql(engine, contracts, table, ROWS))
            others = {c.name: c.refers_to.partition(".") for c in contract.columns if c.refers_to}
            for other in {other for other, _, _ in others.values()} - {table}:
                engine.keep(other, made_up.sql(engine, contracts, other, ROWS))
        except ContractError as error:
            yield str(error)
            return
        ((rows,),) = engine.rows(f'select count(*) from "{table}"')
        for name, (other, _, column) in others.items():
            known = f'select "{column}" as "{name}" from "{other}"'
            given = f'select "{name}" from "{table}" where "{name}" is not null'
            ((lost,),) = engine.rows(f'select count(*) from ({given}) anti join ({known}) using ("{name}")')
            if lost:
                yield f"{lost:,} of {rows:,} made-up rows: {name} is in no row of {other} that is made up"
        broken = checks.split(engine, contract, folder, part=True).broken
    yield from (f"{bad:,} of {rows:,} made-up rows break {rule}" for rule, bad in broken.items())
