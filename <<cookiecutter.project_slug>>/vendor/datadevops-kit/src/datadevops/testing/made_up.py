"""The rows that are made up from a contract keep it.

In:       a contract.
Out:      the rules that they break.
"""

from collections.abc import Iterator
from pathlib import Path

from ..contract import synthetic
from ..contract.values import Contract
from ..engine import checks
from ..engine.duckdb_engine import DuckDB
from ..errors import ContractError

ROWS = 2_000


def broken_rules(contract: Contract, folder: Path) -> Iterator[str]:
    """The rules that rows made up from the contract break."""
    try:
        statement = synthetic.sql(contract, ROWS)
    except ContractError as error:
        yield str(error)
        return
    with DuckDB() as engine:
        engine.keep(contract.name, statement)
        broken = checks.split(engine, contract, folder, part=True).broken
    yield from (f"{rows:,} of {ROWS:,} made-up rows break {rule}" for rule, rows in broken.items())
